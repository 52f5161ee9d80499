import { join } from './records.ts';
import type { TunnelRefusalCode } from './refusals.ts';

// What one side receives: put in order, freed of what comes twice, and kept while the owner does not read. PROTOCOL.md,
// section 5.

/** Pieces of fewer bytes are joined: each by itself takes the memory of two hundred bytes more. */
const SMALL = 1024;

/** How many pieces are kept that came before what they follow. */
export const MAX_GAPS = 64;

/** Who reads the stream. */
export interface Reader {
  receive(bytes: Uint8Array): void;
  /** Everything was received. */
  ended(): void;
}

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

type Fault = Extract<TunnelRefusalCode, 'BEYOND_WINDOW' | 'BEYOND_END' | 'OUT_OF_ORDER'>;

export class Incoming {
  readonly #window: number;
  readonly #reader: Reader;
  #received = 0;
  #delivered = 0;
  /** What came in order while the owner did not read. */
  #queue: Uint8Array[] = [];
  /** What came out of order. */
  #early: Piece[] = [];
  #earlyLength = 0;
  #end: number | undefined;
  #isPaused = false;
  #isDelivering = false;
  #hasReported = false;

  constructor(window: number, reader: Reader) {
    this.#window = window;
    this.#reader = reader;
  }

  /** Below this everything was received, the end of the stream counting as one byte. */
  get received(): number {
    return this.#received === this.#end ? this.#received + 1 : this.#received;
  }

  /** Whether all of the stream was received. */
  get hasEnded(): boolean {
    return this.#received === this.#end;
  }

  /** Up to where more is taken. */
  get limit(): number {
    return this.#delivered + this.#window;
  }

  /** Bytes at `offset` have come. They are read or copied before this returns. Returns what is wrong with them, if so. */
  data(offset: number, bytes: Uint8Array): Fault | undefined {
    const end = offset + bytes.length;
    if (this.#end !== undefined && end > this.#end) return 'BEYOND_END';
    if (end <= this.#received) return undefined;
    if (end > this.limit) return 'BEYOND_WINDOW';
    if (offset > this.#received) return this.#keepEarly({ offset, bytes });
    this.#append(bytes.subarray(this.#received - offset));
    this.#joinEarly();
    this.#deliver();
    return undefined;
  }

  /** The stream ends at `offset`. */
  end(offset: number): Fault | undefined {
    const isKnown = this.#end !== undefined;
    if (isKnown) return offset === this.#end ? undefined : 'BEYOND_END';
    if (offset < this.#received || this.#early.some((piece) => piece.offset + piece.bytes.length > offset)) {
      return 'BEYOND_END';
    }
    this.#end = offset;
    this.#deliver();
    return undefined;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  /** Forgets everything, and delivers nothing more. */
  clear(): void {
    this.#hasReported = true;
    this.#queue = [];
    this.#early = [];
  }

  #append(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#isPaused || this.#isDelivering || this.#queue.length > 0) this.#wait(bytes);
    else this.#hand(bytes);
  }

  /** Copies: the bytes are a view of a body. */
  #wait(bytes: Uint8Array): void {
    const last = this.#queue.at(-1);
    if (last === undefined || last.length >= SMALL) this.#queue.push(bytes.slice());
    else this.#queue.splice(-1, 1, join(last, bytes));
  }

  #keepEarly(piece: Piece): Fault | undefined {
    const { offset, bytes } = piece;
    const isKnown = this.#early.some((other) => other.offset === offset && other.bytes.length >= bytes.length);
    if (isKnown) return undefined;
    if (this.#early.length >= MAX_GAPS || this.#earlyLength + bytes.length > this.#window) return 'OUT_OF_ORDER';
    this.#early.push({ offset, bytes: bytes.slice() });
    this.#earlyLength += bytes.length;
    return undefined;
  }

  /** Appends what was early and is so no longer. */
  #joinEarly(): void {
    if (this.#early.length === 0) return;
    this.#early.sort((one, other) => one.offset - other.offset);
    for (;;) {
      const [piece] = this.#early;
      if (piece === undefined || piece.offset > this.#received) return;
      this.#early.shift();
      this.#earlyLength -= piece.bytes.length;
      const known = this.#received - piece.offset;
      if (known < piece.bytes.length) this.#append(piece.bytes.subarray(known));
    }
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    for (;;) {
      const bytes = this.#isPaused ? undefined : this.#queue.shift();
      if (bytes === undefined) break;
      this.#hand(bytes);
    }
    if (this.#hasReported || this.#isPaused || this.#queue.length > 0 || this.#received !== this.#end) return;
    this.#hasReported = true;
    this.#reader.ended();
  }

  #hand(bytes: Uint8Array): void {
    if (this.#hasReported) return;
    this.#delivered += bytes.length;
    this.#isDelivering = true;
    this.#reader.receive(bytes);
    this.#isDelivering = false;
  }
}
