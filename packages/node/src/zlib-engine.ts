import { createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw, type ZlibOptions } from 'node:zlib';

// One compressor or decompressor of zlib that serves message after message, synchronously.
//
// Node documents streams, which work in other threads and call back, and calls like `deflateRawSync`, which make an
// engine for each message. What those calls do to their engine is done here to one that stays: the engine is a stream,
// used through the handle that it is made of. Two properties that are not documented carry this, `_handle` with
// `writeSync` and `reset`, and `_writeState`; where they are missing, `openEngine` says so.

/** The stream's binding to zlib. */
interface Handle {
  /** Reads from `input` and writes to `output` until either is used up, and says in the write state how far it came. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  /** Back to how it was when it was made, its dictionary included. */
  reset(): void;
}

/** Takes what an engine puts out. All engines of the process share one: nothing stays in it from call to call. */
export class EngineOutput {
  readonly buffer = Buffer.allocUnsafeSlow(64 * 1024);
  used = 0;
  #limit = 0;
  #full: Buffer[] = [];
  #fullLength = 0;

  /** @param limit bytes that may come */
  begin(limit: number): void {
    this.used = 0;
    this.#limit = limit;
    if (this.#fullLength === 0) return;
    this.#full = [];
    this.#fullLength = 0;
  }

  get length(): number {
    return this.#fullLength + this.used;
  }

  /** As many bytes of `buffer` are free now. Returns whether the limit is kept. */
  filled(free: number): boolean {
    this.used = this.buffer.length - free;
    if (this.length > this.#limit) return false;
    if (free === 0) {
      this.#full.push(Buffer.from(this.buffer));
      this.#fullLength += this.used;
      this.used = 0;
    }
    return true;
  }

  /** A copy of what came, without the first and the last few bytes. */
  copy(first: number, last: number): Buffer {
    const end = this.length - last;
    if (this.#fullLength > 0) {
      return Buffer.concat([...this.#full, this.buffer.subarray(0, this.used)], end).subarray(first);
    }
    const copy = Buffer.allocUnsafe(end - first);
    this.buffer.copy(copy, 0, first, end);
    return copy;
  }
}

export class Engine {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #handle: Handle;
  /** How much room is left in the output, and how much of the input. */
  readonly #state: Uint32Array;

  constructor(stream: DeflateRaw | InflateRaw, handle: Handle, state: Uint32Array) {
    this.#stream = stream;
    this.#handle = handle;
    this.#state = state;
  }

  /**
   * Puts `length` bytes of `input` through the engine, up to the end of its data.
   * @param flush one of zlib's flush values
   * @returns how many bytes of the input are left; or, and then the output is of no use, `'too-large'` if it is over its
   *   limit, and `'invalid'` if zlib refuses the data: the engine is closed
   */
  write(
    flush: number,
    input: Uint8Array,
    at: number,
    length: number,
    output: EngineOutput,
  ): number | 'too-large' | 'invalid' {
    const state = this.#state;
    const { buffer } = output;
    let left = length;
    for (;;) {
      this.#handle.writeSync(flush, input, at + length - left, left, buffer, output.used, buffer.length - output.used);
      // An error destroys the stream.
      if (this.#stream.destroyed) return 'invalid';
      const [free = 0, unread = 0] = state;
      left = unread;
      if (!output.filled(free)) return 'too-large';
      if (free > 0) return left;
    }
  }

  /** Forgets everything, whatever state the last message has left it in. */
  reset(): void {
    this.#handle.reset();
  }

  close(): void {
    this.#stream.close();
  }
}

/** The least that Node takes. The stream's own output buffer is not used. */
const SMALLEST_CHUNK = 64;

const create = { deflate: createDeflateRaw, inflate: createInflateRaw };

/** Makes an engine, or returns `undefined` where this version of Node does not let it be used like this. */
export function openEngine(kind: 'deflate' | 'inflate', options: ZlibOptions): Engine | undefined {
  const stream = create[kind]({ ...options, chunkSize: SMALLEST_CHUNK });
  // What is wrong with the data is found out in `write`.
  stream.on('error', () => {});
  const handle: unknown = '_handle' in stream ? stream._handle : undefined;
  const state: unknown = '_writeState' in stream ? stream._writeState : undefined;
  if (isHandle(handle) && state instanceof Uint32Array) return new Engine(stream, handle, state);
  stream.close();
  return undefined;
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && isMethod(value, 'writeSync') && isMethod(value, 'reset');
}

function isMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function';
}
