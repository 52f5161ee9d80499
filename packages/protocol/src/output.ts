import type { Pipe } from './pipe.ts';
import type { Platform } from './platform.ts';

// What a connection has to send, gathered until it is flushed. Small frames are written one behind the other into one
// block, so that everything that a turn produces leaves in one write; large ones stand beside it and are not copied.

/** Frames up to this size, and what a turn produces up to this size, are gathered in one block. */
const BLOCK_SIZE = 64 * 1024;
/** A larger frame comes alone more often than not, and would be copied once more out of a borrowed block. */
const LARGEST_TO_BORROW_FOR = 4096;
/** The least that a block has room for, in bytes, once a second frame has come. */
const SECOND_BLOCK = 1024;

// What an output without a block or finished blocks has, so that an idle one owns no memory.
const NO_BLOCK = new Uint8Array(0);
const NOTHING: Uint8Array[] = [];

/**
 * A block that the connections of one endpoint borrow in turn. Mostly one connection at a time has output, from the chunk
 * that it is reading to the end of that chunk, and then nothing has to be allocated but what is handed over at last.
 */
export class SharedBlock {
  readonly #platform: Platform;
  #block: Uint8Array | undefined;
  #isLent = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The block, or `undefined` if somebody else has it. */
  borrow(): Uint8Array | undefined {
    if (this.#isLent) return undefined;
    this.#isLent = true;
    this.#block ??= this.#platform.allocate(BLOCK_SIZE);
    return this.#block;
  }

  /** Takes the block back and returns a copy of what was written. */
  giveBack(block: Uint8Array, used: number): Uint8Array {
    const copy = this.#platform.allocate(used);
    copy.set(block.subarray(0, used));
    this.#isLent = false;
    return copy;
  }

  /** Takes the block back, and nobody wants what was written. */
  discard(): void {
    this.#isLent = false;
  }
}

export class Output {
  readonly #platform: Platform;
  readonly #shared: SharedBlock | undefined;
  #block: Uint8Array = NO_BLOCK;
  /** Whose `#block` is, if it is borrowed. */
  #lender: SharedBlock | undefined;
  #used = 0;
  #finished: Uint8Array[] = NOTHING;
  #finishedLength = 0;

  /** @param shared for an output that is drained by the end of the turn */
  constructor(platform: Platform, shared?: SharedBlock) {
    this.#platform = platform;
    this.#shared = shared;
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
    if (needed > BLOCK_SIZE) {
      this.#finishBlock();
      this.#block = this.#platform.allocate(size);
      return 0;
    }
    if (used === 0) {
      this.#block = (size <= LARGEST_TO_BORROW_FOR ? this.#borrow() : undefined) ?? this.#platform.allocate(size);
      return 0;
    }
    const grown = this.#platform.allocate(Math.max(SECOND_BLOCK, needed * 2));
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
    const [first] = chunks;
    if (chunks.length === 1 && first !== undefined) pipe.write(first);
    else pipe.writeAll(chunks);
  }

  /** Moves everything to the end of `output`, and is empty. */
  moveTo(output: Output): void {
    this.#finishBlock();
    for (const bytes of this.#finished) output.append(bytes);
    this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#lender?.discard();
    this.#lender = undefined;
    this.#block = NO_BLOCK;
    this.#used = 0;
    this.#finished = NOTHING;
    this.#finishedLength = 0;
  }

  #borrow(): Uint8Array | undefined {
    const block = this.#shared?.borrow();
    if (block !== undefined) this.#lender = this.#shared;
    return block;
  }

  #cutBlock(): Uint8Array {
    const lender = this.#lender;
    if (lender !== undefined) {
      this.#lender = undefined;
      return lender.giveBack(this.#block, this.#used);
    }
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
