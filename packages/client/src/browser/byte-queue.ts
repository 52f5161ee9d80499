/** Bytes that have come and are not used yet, in one piece: as large as what has come, never as what was announced. */
export class ByteQueue {
  #bytes = new Uint8Array();
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Holds until the next call of any method. */
  get view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(bytes: Uint8Array): void {
    const { length } = this;
    if (this.#end + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length + bytes.length, 2 * length));
      grown.set(this.view);
      this.#bytes = grown;
      this.#start = 0;
      this.#end = length;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Takes away the first `count` bytes. */
  drop(count: number): void {
    this.#start += count;
    if (this.#start < this.#end) return;
    this.#bytes = new Uint8Array();
    this.#start = this.#end = 0;
  }
}
