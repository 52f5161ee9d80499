// What is left of a message when a packet goes on in the next one. Bytes are copied a bounded number of times, however many
// messages a packet is cut into, and what was handed out is never written to again.

export class Remainder {
  #buffer = new Uint8Array(0);
  #length = 0;

  /** Bytes that wait for more. */
  get length(): number {
    return this.#length;
  }

  /** What waited and these bytes behind it. These bytes themselves where nothing waited: nothing is copied then. */
  join(bytes: Uint8Array): Uint8Array {
    if (this.#length === 0) return bytes;
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    return this.#buffer.subarray(0, length);
  }

  /** To be called after `join` with what it gave: what is behind `used` waits for the next. */
  keep(joined: Uint8Array, used: number): void {
    if (used === 0 && joined.length === this.#length) return;
    this.#buffer = joined.slice(used);
    this.#length = this.#buffer.length;
  }

  forget(): void {
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
  }
}
