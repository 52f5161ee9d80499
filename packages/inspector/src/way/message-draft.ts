import { maskInto } from '@tidewire/protocol';

// A message while its frames come: what is counted of it, and the beginning of its payload as far as that is kept.

const FIRST_CAPACITY = 256;
const NOTHING = new Uint8Array(0);

export class MessageDraft {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly isMasked: boolean;
  frames = 0;
  wireLength = 0;
  /** Bytes of its payload as they came: compressed if it is. */
  payloadLength = 0;
  problem: string | undefined;
  /** The most that is kept. */
  readonly #most: number;
  #kept: Uint8Array = NOTHING;
  #keptLength = 0;

  constructor(opcode: number, isCompressed: boolean, isMasked: boolean, most: number) {
    this.opcode = opcode;
    this.isCompressed = isCompressed;
    this.isMasked = isMasked;
    this.#most = most;
  }

  /** The payload, unmasked: all of it unless `isCut`. */
  get kept(): Uint8Array {
    return this.#kept.subarray(0, this.#keptLength);
  }

  get isCut(): boolean {
    return this.payloadLength > this.#keptLength;
  }

  /** Says what is wrong with it; the first that is said stays. */
  note(problem: string): void {
    this.problem ??= problem;
  }

  append(bytes: Uint8Array, start: number, end: number, maskingKey: number, isExpectedToBeAll: boolean): void {
    this.payloadLength += end - start;
    const count = Math.min(end - start, this.#most - this.#keptLength);
    if (count <= 0) return;
    this.#reserve(count, isExpectedToBeAll);
    maskInto(bytes, start, start + count, this.#kept, this.#keptLength, maskingKey);
    this.#keptLength += count;
  }

  /** Memory follows the bytes that have come, and never the length that a header announces. */
  #reserve(count: number, isExact: boolean): void {
    const needed = this.#keptLength + count;
    if (needed <= this.#kept.length) return;
    const doubled = Math.min(this.#most, Math.max(needed, this.#kept.length * 2, FIRST_CAPACITY));
    const grown = new Uint8Array(isExact ? needed : doubled);
    grown.set(this.kept);
    this.#kept = grown;
  }
}
