import { advanceMaskingKey, FrameHeader, readFrameHeader, type ViolationCode } from '@tidewire/protocol';

// Finds the frames in the bytes of one direction (RFC 6455, 5.2), however they are cut. Changes nothing and keeps nothing but a
// header that is not complete.

/** What is found, in order. Views are of what `scan` was given, and of use during the call. */
export interface FrameSink {
  /** A frame begins; `bytes[start, end)` is its header. */
  frameBegan(frame: ScannedFrame, bytes: Uint8Array, start: number, end: number): void;
  /**
   * A part of its payload.
   * @param maskingKey the one for the first byte of the part, 0 if it is not masked
   * @param left bytes of the frame that are still to come
   */
  payload(bytes: Uint8Array, start: number, end: number, maskingKey: number, left: number): void;
  frameEnded(): void;
  /** No frame can begin with these bytes, the first of those that are not told of. Nothing is found behind them. */
  broke(rule: ViolationCode, bytes: Uint8Array): void;
}

/** What a header says. One object serves all frames. */
export class ScannedFrame extends FrameHeader {
  isMasked = false;
}

/** The longest header but for its last byte. */
const MAX_PARTIAL = 13;
const NOTHING = new Uint8Array(0);

export class FrameScanner {
  readonly #sink: FrameSink;
  readonly #mustBeMasked: boolean;
  readonly #frame = new ScannedFrame();
  /** Bytes of payload that are still to come. */
  #left = 0;
  #isInFrame = false;
  #maskingKey = 0;
  #partial = NOTHING;
  #hasStopped = false;

  /** @param fromClient whether the bytes are a client's: its frames should be masked. They are read if they are not. */
  constructor(sink: FrameSink, fromClient: boolean) {
    this.#sink = sink;
    this.#mustBeMasked = fromClient;
  }

  /** Whether the bytes so far end within a frame or within its header. */
  get isWithinFrame(): boolean {
    return this.#isInFrame || this.#partial.length > 0;
  }

  /** The beginning of a header that is not complete. */
  get partialHeader(): Uint8Array {
    return this.#partial;
  }

  /** Whether what has come since is not read, because no frame could begin where one had to, or because of `stop`. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  stop(): void {
    this.#hasStopped = true;
  }

  scan(bytes: Uint8Array): void {
    const end = bytes.length;
    let at = 0;
    while (at < end && !this.#hasStopped) {
      at = this.#isInFrame ? this.#scanPayload(bytes, at, end) : this.#scanHeader(bytes, at, end);
    }
  }

  #scanPayload(bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.#left, end - start);
    this.#sink.payload(bytes, start, start + count, this.#maskingKey, this.#left - count);
    this.#left -= count;
    if (this.#left > 0) this.#maskingKey = advanceMaskingKey(this.#maskingKey, count);
    else this.#endFrame();
    return start + count;
  }

  #scanHeader(bytes: Uint8Array, start: number, end: number): number {
    const before = this.#partial.length;
    if (before === 0) {
      const size = this.#read(bytes, start, end);
      if (size > 0) this.#begin(bytes, start, start + size);
      else if (!this.#hasStopped) this.#partial = bytes.slice(start, end);
      return size > 0 ? start + size : end;
    }
    const joined = new Uint8Array(Math.min(before + end - start, MAX_PARTIAL + 1));
    joined.set(this.#partial);
    joined.set(bytes.subarray(start, start + joined.length - before), before);
    this.#partial = NOTHING;
    const size = this.#read(joined, 0, joined.length);
    if (size === 0) {
      if (!this.#hasStopped) this.#partial = joined;
      return end;
    }
    this.#begin(joined, 0, size);
    return start + size - before;
  }

  /** The size of the header, or 0 if it is not complete or none. */
  #read(bytes: Uint8Array, start: number, end: number): number {
    const frame = this.#frame;
    let size = readFrameHeader(bytes, start, end, this.#mustBeMasked, frame);
    if (size === 'MASKED' || size === 'NOT_MASKED') {
      size = readFrameHeader(bytes, start, end, !this.#mustBeMasked, frame);
    }
    if (typeof size === 'number') return size;
    this.#hasStopped = true;
    this.#sink.broke(size, bytes.subarray(start, end));
    return 0;
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    const frame = this.#frame;
    frame.isMasked = ((bytes[start + 1] ?? 0) & 0x80) !== 0;
    this.#left = frame.length;
    this.#maskingKey = frame.maskingKey;
    this.#isInFrame = true;
    this.#sink.frameBegan(frame, bytes, start, end);
    if (this.#left === 0) this.#endFrame();
  }

  #endFrame(): void {
    this.#isInFrame = false;
    this.#sink.frameEnded();
  }
}
