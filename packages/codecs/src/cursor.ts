import { toText } from './text.ts';

// Goes through bytes from strangers. What is not there reads as nothing and is remembered as a problem, so that a reader looks once, at
// the end; from then on the cursor is at the end, and so are all loops.

/** More than anybody looks at, and few enough to be read before anybody notices. */
const MAX_VALUES = 100_000;

export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next byte is. */
  at = 0;
  /** The first one. */
  problem: string | undefined;

  #values = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  fail(problem: string): void {
    this.problem ??= problem;
    this.at = this.bytes.length;
  }

  /** To be called for each value, where there may be very many. */
  count(): void {
    this.#values++;
    if (this.#values > MAX_VALUES) this.fail(`more than ${MAX_VALUES} values`);
  }

  byte(): number {
    return this.#has(1) ? this.#view.getUint8(this.#pass(1)) : 0;
  }

  uint16(): number {
    return this.#has(2) ? this.#view.getUint16(this.#pass(2)) : 0;
  }

  uint32(): number {
    return this.#has(4) ? this.#view.getUint32(this.#pass(4)) : 0;
  }

  uint64(): bigint {
    return this.#has(8) ? this.#view.getBigUint64(this.#pass(8)) : 0n;
  }

  int8(): number {
    return this.#has(1) ? this.#view.getInt8(this.#pass(1)) : 0;
  }

  int16(): number {
    return this.#has(2) ? this.#view.getInt16(this.#pass(2)) : 0;
  }

  int32(): number {
    return this.#has(4) ? this.#view.getInt32(this.#pass(4)) : 0;
  }

  int64(): bigint {
    return this.#has(8) ? this.#view.getBigInt64(this.#pass(8)) : 0n;
  }

  float32(): number {
    return this.#has(4) ? this.#view.getFloat32(this.#pass(4)) : 0;
  }

  float64(): number {
    return this.#has(8) ? this.#view.getFloat64(this.#pass(8)) : 0;
  }

  /** A view: nothing is copied. */
  take(length: number): Uint8Array {
    if (!this.#has(length)) return this.bytes.subarray(0, 0);
    const start = this.#pass(length);
    return this.bytes.subarray(start, start + length);
  }

  /** UTF-8. */
  text(length: number): string {
    const text = toText(this.take(length));
    if (text === undefined) this.fail('text that is no UTF-8');
    return text ?? '';
  }

  #has(length: number): boolean {
    if (length <= this.left) return true;
    this.fail('it ends too early');
    return false;
  }

  #pass(length: number): number {
    const start = this.at;
    this.at += length;
    return start;
  }
}
