import { type BodyWriter, MAX_DATA } from './records.ts';

// What one side sends: a stream of bytes, kept until the other side has acknowledged it. PROTOCOL.md, section 5.

/** What a DATA record has beside its bytes, at most: type, length and offset. */
const DATA_OVERHEAD = 1 + 4 + 8;

export class Outgoing {
  /** How many bytes may be on their way. */
  readonly #window: number;
  #pieces: Uint8Array[] = [];
  /** The offset of the first byte that is kept. */
  #start = 0;
  /** The piece in which the next byte to send is, and where in it. */
  #piece = 0;
  #within = 0;

  #acknowledged = 0;
  #next = 0;
  /** The highest that `#next` has ever been. */
  #furthest = 0;
  #written = 0;
  #limit = 0;
  #hasEnded = false;

  /** @param window the most bytes that are sent and not acknowledged */
  constructor(window: number) {
    this.#window = window;
  }

  /** Bytes that were written and not sent, or are to be sent again. */
  get unsent(): number {
    return Math.max(0, this.#written - this.#next);
  }

  /** Up to where the other side has said that it takes bytes. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether everything that was sent is acknowledged. */
  get isSettled(): boolean {
    return this.#acknowledged === this.#next;
  }

  /** Whether the end of the stream is acknowledged, and all before it. */
  get isFinished(): boolean {
    return this.#hasEnded && this.#acknowledged > this.#written;
  }

  /** Whether there is something to send that may be sent. */
  get isReady(): boolean {
    return this.#sendable > 0 || this.#endIsDue;
  }

  get #sendable(): number {
    return Math.min(this.#written, this.#limit, this.#acknowledged + this.#window) - this.#next;
  }

  get #endIsDue(): boolean {
    return this.#hasEnded && this.#next === this.#written;
  }

  /** Takes bytes, which nobody may change any more. Nothing after `end`. */
  write(bytes: Uint8Array): void {
    if (this.#hasEnded || bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#written += bytes.length;
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** The other side has everything below `received`. Returns whether that can be. */
  acknowledge(received: number, limit: number): boolean {
    if (received > this.#furthest) return false;
    this.#limit = Math.max(this.#limit, limit);
    if (received <= this.#acknowledged) return true;
    this.#acknowledged = received;
    if (received > this.#next) this.#moveTo(received);
    this.#forget();
    return true;
  }

  /** What is not acknowledged is sent again. */
  rewind(): void {
    this.#moveTo(this.#acknowledged);
  }

  /** Adds what may be sent, and fits into `room` bytes, to a body. */
  take(body: BodyWriter, room: number): void {
    const end = body.length + room;
    for (;;) {
      const size = Math.min(this.#sendable, MAX_DATA, end - body.length - DATA_OVERHEAD);
      if (size <= 0) break;
      body.add({ type: 'DATA', offset: this.#next, bytes: this.#read(size) });
    }
    if (!this.#endIsDue || end - body.length < DATA_OVERHEAD) return;
    body.add({ type: 'END', offset: this.#written });
    this.#next = this.#written + 1;
    this.#furthest = this.#next;
  }

  /** Forgets everything. */
  clear(): void {
    this.#pieces = [];
    this.#next = this.#written;
  }

  #read(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let piece = this.#pieces[this.#piece]; piece && at < size; piece = this.#pieces[this.#piece]) {
      const part = piece.subarray(this.#within, this.#within + size - at);
      bytes.set(part, at);
      at += part.length;
      this.#within += part.length;
      if (this.#within < piece.length) continue;
      this.#piece++;
      this.#within = 0;
    }
    this.#next += size;
    this.#furthest = Math.max(this.#furthest, this.#next);
    return bytes;
  }

  /** Seeks from the first piece: between it and the offset there is no more than a window. */
  #moveTo(offset: number): void {
    this.#next = offset;
    this.#piece = 0;
    this.#within = Math.min(offset, this.#written) - this.#start;
    for (;;) {
      const length = this.#pieces[this.#piece]?.length;
      if (length === undefined || this.#within < length) return;
      this.#within -= length;
      this.#piece++;
    }
  }

  #forget(): void {
    let count = 0;
    for (;;) {
      const end = this.#start + (this.#pieces[count]?.length ?? Number.POSITIVE_INFINITY);
      if (end > this.#acknowledged) break;
      this.#start = end;
      count++;
    }
    if (count === 0) return;
    this.#pieces.splice(0, count);
    this.#piece -= count;
  }
}
