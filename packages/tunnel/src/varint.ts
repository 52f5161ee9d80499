// Numbers as RFC 9000, section 16, writes them: the two most significant bits of the first byte say how many bytes there are.

/** The bytes that `value`, an integer from 0 to 2^53 − 1, takes in its shortest form. */
export function varintLength(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x4000_0000 ? 4 : 8;
}

/** Writes `value` into `target` at `offset` and returns where it ends. */
export function writeVarint(value: number, target: Uint8Array, offset: number): number {
  const length = varintLength(value);
  let rest = value;
  for (let at = offset + length - 1; at > offset; at--) {
    target[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  target[offset] = rest | (Math.log2(length) << 6);
  return offset + length;
}

/** Reads numbers one behind the other. What is missing or too large reads as NaN, and so does all that follows. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** Where the next number begins. */
  at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.at = start;
  }

  /** Whether the next number is not whole. */
  get isCut(): boolean {
    const first = this.#bytes[this.at];
    return first === undefined || this.at >= this.#end || this.at + (1 << (first >> 6)) > this.#end;
  }

  next(): number {
    const first = this.#bytes[this.at];
    if (first === undefined || this.isCut) {
      this.at = this.#end;
      return Number.NaN;
    }
    const end = this.at + (1 << (first >> 6));
    let value = first & 0x3f;
    for (const byte of this.#bytes.subarray(this.at + 1, end)) value = value * 256 + byte;
    this.at = end;
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
}
