import type { Pipe } from './pipe.ts';
import type { Platform } from './platform.ts';

// What a connection has to send, gathered until it is flushed. Small frames are written one behind the other into one
// block, so that everything that a turn produces leaves in one write; large ones stand beside it and are not copied.

/** The least that a block shared by several frames has room for, in bytes. A lone frame gets just what it asks for. */
const SHARED_BLOCK = 1024;
/** Beyond this size a block is not grown any more: it is finished, and the next one begun. */
const LARGEST_SHARED_BLOCK = 64 * 1024;

// What an output without a block or finished blocks has, so that an idle one owns no memory.
const NO_BLOCK = new Uint8Array(0);
const NOTHING: Uint8Array[] = [];

export class Output {
  readonly #platform: Platform;
  #block: Uint8Array = NO_BLOCK;
  #used = 0;
  #finished: Uint8Array[] = NOTHING;
  #finishedLength = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Bytes gathered. */
  get length(): number {
    return this.#finishedLength + this.#used;
  }

  /** The block that the last `reserve` was answered from. */
  get block(): Uint8Array {
    return this.#block;
  }

  /** Makes room for `size` bytes in `block` and returns where they begin. They count once `commit` was told their end. */
  reserve(size: number): number {
    const used = this.#used;
    const needed = used + size;
    if (needed <= this.#block.length) return used;
    if (used === 0) {
      this.#block = this.#platform.allocate(size);
      return 0;
    }
    if (needed > LARGEST_SHARED_BLOCK) {
      this.#finishBlock();
      this.#block = this.#platform.allocate(size);
      return 0;
    }
    const grown = this.#platform.allocate(Math.max(SHARED_BLOCK, needed * 2));
    grown.set(this.#block.subarray(0, used));
    this.#block = grown;
    return used;
  }

  /** The bytes of `block` up to `end` are to be sent. */
  commit(end: number): void {
    this.#used = end;
  }

  /** Takes `bytes` as they are, without a copy: nobody may change them any more. */
  append(bytes: Uint8Array): void {
    this.#finishBlock();
    this.#push(bytes);
  }

  /** Hands everything to `pipe`, in order, and is empty. There must be something. */
  drainTo(pipe: Pipe): void {
    if (this.#finished === NOTHING) {
      const bytes = this.#cutBlock();
      this.clear();
      pipe.write(bytes);
      return;
    }
    this.#finishBlock();
    const chunks = this.#finished;
    this.clear();
    pipe.writeAll(chunks);
  }

  /** Moves everything to the end of `output`, and is empty. */
  moveTo(output: Output): void {
    this.#finishBlock();
    for (const bytes of this.#finished) output.append(bytes);
    this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#block = NO_BLOCK;
    this.#used = 0;
    this.#finished = NOTHING;
    this.#finishedLength = 0;
  }

  #cutBlock(): Uint8Array {
    return this.#used === this.#block.length ? this.#block : this.#block.subarray(0, this.#used);
  }

  #finishBlock(): void {
    if (this.#used === 0) return;
    this.#push(this.#cutBlock());
    this.#block = NO_BLOCK;
    this.#used = 0;
  }

  #push(bytes: Uint8Array): void {
    if (this.#finished === NOTHING) this.#finished = [];
    this.#finished.push(bytes);
    this.#finishedLength += bytes.length;
  }
}
