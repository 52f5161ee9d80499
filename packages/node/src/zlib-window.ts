// A context that is taken over from message to message is, for DEFLATE, the last bytes of what went before. They are kept
// as plain bytes, so a connection holds at most one window (32 KiB) for each direction in which context is taken over,
// and nothing at all where it is not.

const NOTHING = Buffer.alloc(0);

/** The first that is allocated, in bytes. It doubles as messages fill it. */
const FIRST_SIZE = 1024;

/** The last bytes of all messages so far. */
export class Window {
  readonly #size: number;
  #buffer: Buffer = NOTHING;
  #length = 0;

  constructor(windowBits: number) {
    this.#size = 2 ** windowBits;
  }

  /** A view that the next `push` overwrites. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  copy(): Window {
    const copy = new Window(Math.log2(this.#size));
    copy.push(this.bytes);
    return copy;
  }

  push(message: Uint8Array): void {
    const size = this.#size;
    const added = Math.min(message.length, size);
    const kept = Math.min(this.#length, size - added);
    if (kept + added > this.#buffer.length) this.#grow(kept + added);
    if (kept < this.#length) this.#buffer.copyWithin(0, this.#length - kept, this.#length);
    this.#buffer.set(added === message.length ? message : message.subarray(message.length - added), kept);
    this.#length = kept + added;
  }

  #grow(needed: number): void {
    let length = Math.max(FIRST_SIZE, this.#buffer.length);
    while (length < needed) length *= 2;
    const grown = Buffer.allocUnsafeSlow(Math.min(length, this.#size));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
