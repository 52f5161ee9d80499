// Bytes that are put together from the first to the last.

export class Writer {
  #buffer = new Uint8Array(64);
  #length = 0;

  /** What has been written. To be called once, at the end. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A byte, and a number behind it in `size` bytes, the highest first. */
  mark(first: number, size: 1 | 2 | 4, value: number): void {
    this.byte(first);
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.byte((value >>> shift) & 0xff);
  }

  /** A byte, and a number behind it as of IEEE 754. */
  float64(first: number, value: number): void {
    this.byte(first);
    const eight = new Uint8Array(8);
    new DataView(eight.buffer).setFloat64(0, value);
    this.append(eight);
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
