import type { ViolationCode } from './errors.ts';
import { FrameHeader, isControl, MAX_HEADER_SIZE, Opcode, readFrameHeader } from './frames.ts';
import { advanceMaskingKey, maskInPlace, maskInto } from './masking.ts';
import type { Inflated, Inflater, LaterWork } from './platform.ts';
import { COPY_BELOW } from './sender.ts';
import type { ConnectionSettings } from './settings.ts';
import { Utf8Validator } from './utf8-validator.ts';

// Bytes in, messages and control frames out (RFC 6455, 5 and 6.2).
//
// The rules of this file:
// - A frame that is complete in the chunk is delivered straight from it; only what is cut is copied and kept.
// - Memory grows with the bytes that have come, never with the length that a header announces.
// - While a message is being inflated elsewhere, nothing is delivered, as if paused: the order is that of the wire.
// - The sink may do anything when it is called, `stop` and `pause` included; all state is in place before each call.

/** Called synchronously, in the order of the wire. One sink serves all receivers, so each call names the owner. */
export interface ReceiverSink<Owner> {
  /** A whole message: text as a string, binary as bytes that belong to the callee, or are lent to it until it returns. */
  message(owner: Owner, data: string | Uint8Array, isLent: boolean): void;
  /** A control frame. The payload belongs to the callee. */
  control(owner: Owner, opcode: number, payload: Uint8Array): void;
  /** A message that was inflated elsewhere is there: `proceed` delivers it. */
  inflated(owner: Owner, receiver: Receiver<Owner>): void;
  /** The peer broke a rule. The receiver has stopped. */
  violation(owner: Owner, code: ViolationCode): void;
}

const EMPTY = new Uint8Array(0);

/** A buffer for a cut payload is first given at most this size, whatever the header announces. */
const FIRST_BUFFER = 64 * 1024;

const header = new FrameHeader();

export class Receiver<Owner> {
  readonly #settings: ConnectionSettings;
  readonly #sink: ReceiverSink<Owner>;
  /** Whose receiver it is. Between messages it may become somebody else's. */
  owner: Owner;
  /** What compressed messages are accepted by. */
  inflater: Inflater | undefined;

  #stopped = false;
  #paused = false;
  #running = false;
  /** A message, of the type `#inflatingOpcode`, is being inflated elsewhere, or waits to be delivered. */
  #inflating: LaterWork | undefined;
  #inflatingOpcode = 0;
  #inflated: Inflated | undefined;
  /** What came while paused or inflating. */
  #held: Uint8Array | undefined;
  /** The beginning of a header that the chunk cut short. */
  #cutHeader: Uint8Array | undefined;
  #cutHeaderLength = 0;

  /** The frame being read. */
  #inFrame = false;
  #fin = false;
  #opcode = 0;
  #remaining = 0;
  #maskingKey = 0;
  #control: Uint8Array | undefined;
  #controlLength = 0;

  /** The message being read: its opcode, or 0 between messages. */
  #messageOpcode = 0;
  /** What decompresses the message, `undefined` if it is not compressed. */
  #messageInflater: Inflater | undefined;
  #fragments = 0;
  #payload: Uint8Array = EMPTY;
  #payloadLength = 0;
  #utf8: Utf8Validator | undefined;

  constructor(settings: ConnectionSettings, sink: ReceiverSink<Owner>, owner: Owner) {
    this.#settings = settings;
    this.#sink = sink;
    this.owner = owner;
  }

  /** Whether it is between messages, and nothing keeps it from being somebody else's. */
  get isIdle(): boolean {
    return (
      !this.#inFrame &&
      this.#messageOpcode === 0 &&
      this.#cutHeader === undefined &&
      this.#held === undefined &&
      !this.#paused &&
      this.#inflating === undefined &&
      !this.#stopped
    );
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether a message is being inflated elsewhere. */
  get isInflating(): boolean {
    return this.#inflating !== undefined && this.#inflated === undefined;
  }

  /** Whether something that came is still to be delivered. */
  get isHolding(): boolean {
    return this.#held !== undefined || this.#inflating !== undefined;
  }

  /** Delivers what is in `chunk`, which may be overwritten and is not kept. */
  push(chunk: Uint8Array): void {
    if (this.#paused || this.#running || this.#inflating !== undefined) {
      this.#hold(chunk);
      return;
    }
    this.#run(chunk);
    this.#runHeld();
  }

  /** Nothing is delivered until `resume`, not even what is left of the chunk being read. */
  pause(): void {
    this.#paused = true;
  }

  /** Delivers what was held, then goes on. */
  resume(): void {
    this.#paused = false;
    if (!this.#running) this.#runHeld();
  }

  /** Delivers the message that was inflated, and what has come meanwhile. */
  proceed(): void {
    this.#runHeld();
  }

  /** Nothing is delivered any more: 1.4 and 5.5.1, data after a Close frame, and 7.1.7, after failing. */
  stop(): void {
    this.#stopped = true;
    this.#inflating?.cancel();
    this.#held = undefined;
    this.#inflated = undefined;
    this.#cutHeader = undefined;
    this.#control = undefined;
    this.#payload = EMPTY;
    this.#payloadLength = 0;
  }

  #hold(chunk: Uint8Array): void {
    const before = this.#held ?? EMPTY;
    const held = this.#settings.platform.allocate(before.length + chunk.length);
    held.set(before);
    held.set(chunk, before.length);
    this.#held = held;
  }

  #runHeld(): void {
    // Each round may pause again and leave a rest, or be given more.
    while (!this.#paused) {
      const held = this.#held;
      if (this.#inflated !== undefined) {
        this.#deliverInflated(this.#inflated);
      } else if (held !== undefined && this.#inflating === undefined) {
        this.#held = undefined;
        this.#run(held);
      } else {
        return;
      }
    }
  }

  #run(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    this.#running = true;
    while (!this.#stopped && !this.#paused && this.#inflating === undefined) {
      if (!this.#inFrame) {
        if (at === end) break;
        at = this.#readHeader(chunk, at, end);
        if (!this.#inFrame) break;
      }
      const stop = Math.min(at + this.#remaining, end);
      const start = at;
      at = stop;
      this.#takePayload(chunk, start, stop);
      if (this.#inFrame) break;
    }
    this.#running = false;
    if (at < end && !this.#stopped) this.#holdRest(chunk.subarray(at));
  }

  /** What is left of the chunk comes before what was pushed meanwhile. */
  #holdRest(rest: Uint8Array): void {
    const pushedMeanwhile = this.#held;
    this.#held = undefined;
    this.#hold(rest);
    if (pushedMeanwhile !== undefined) this.#hold(pushedMeanwhile);
  }

  /** Reads a header, or keeps the part of it that is there. Returns the index after what it read. */
  #readHeader(chunk: Uint8Array, at: number, end: number): number {
    const mustBeMasked = this.#settings.role === 'server';
    const cut = this.#cutHeader;
    let before = 0;
    let size: number | ViolationCode;
    if (cut === undefined) {
      size = readFrameHeader(chunk, at, end, mustBeMasked, header);
    } else {
      before = this.#cutHeaderLength;
      const more = chunk.subarray(at, Math.min(end, at + MAX_HEADER_SIZE - before));
      cut.set(more, before);
      this.#cutHeaderLength += more.length;
      size = readFrameHeader(cut, 0, this.#cutHeaderLength, mustBeMasked, header);
    }
    if (typeof size !== 'number') {
      this.#violate(size);
      return end;
    }
    if (size === 0) {
      if (cut === undefined) {
        this.#cutHeader = new Uint8Array(MAX_HEADER_SIZE);
        this.#cutHeader.set(chunk.subarray(at, end));
        this.#cutHeaderLength = end - at;
      }
      return end;
    }
    this.#cutHeader = undefined;
    this.#beginFrame(header);
    return at + size - before;
  }

  #beginFrame({ fin, rsv1, opcode, length, maskingKey }: FrameHeader): void {
    const control = isControl(opcode);
    const violation = control ? undefined : this.#beginDataFrame(opcode, rsv1, length);
    if (violation !== undefined) {
      this.#violate(violation);
      return;
    }
    if (control) {
      this.#control = length === 0 ? EMPTY : new Uint8Array(length);
      this.#controlLength = 0;
    }
    this.#inFrame = true;
    this.#fin = fin;
    this.#opcode = opcode;
    this.#remaining = length;
    this.#maskingKey = maskingKey;
  }

  #beginDataFrame(opcode: number, rsv1: boolean, length: number): ViolationCode | undefined {
    const { maxFrameSize, maxFragments } = this.#settings.limits;
    if (opcode === Opcode.CONTINUATION) {
      // 5.4: a continuation frame continues a message; RFC 7692, 6.1: RSV1 is set on its first frame only.
      if (this.#messageOpcode === 0) return 'UNEXPECTED_CONTINUATION';
      if (rsv1) return 'RESERVED_BITS';
      this.#fragments++;
    } else {
      // 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message".
      if (this.#messageOpcode !== 0) return 'EXPECTED_CONTINUATION';
      if (rsv1 && this.inflater === undefined) return 'RESERVED_BITS';
      this.#messageOpcode = opcode;
      this.#messageInflater = rsv1 ? this.inflater : undefined;
      this.#fragments = 1;
    }
    if (length > maxFrameSize) return 'FRAME_TOO_BIG';
    if (this.#payloadLength + length > this.#maxPayload()) return 'MESSAGE_TOO_BIG';
    if (this.#fragments > maxFragments) return 'TOO_MANY_FRAGMENTS';
    return undefined;
  }

  /** Compressed data may be a little larger than what it stands for: DEFLATE adds 5 bytes per block that it stores. */
  #maxPayload(): number {
    const { maxMessageSize } = this.#settings.limits;
    return this.#messageInflater === undefined ? maxMessageSize : maxMessageSize + maxMessageSize / 1024 + 64;
  }

  #takePayload(chunk: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.#remaining -= count;
    const isComplete = this.#remaining === 0;
    if (this.#control !== undefined) {
      this.#takeControl(this.#control, chunk, start, end);
    } else if (isComplete && this.#fin && this.#payloadLength === 0) {
      this.#inFrame = false;
      this.#deliverFromChunk(chunk, start, end);
      return;
    } else if (!this.#keep(chunk, start, end)) {
      return;
    }
    if (!isComplete) {
      this.#maskingKey = advanceMaskingKey(this.#maskingKey, count);
      return;
    }
    this.#inFrame = false;
    if (this.#control !== undefined) this.#deliverControl(this.#control);
    else if (this.#fin) this.#deliverKept();
  }

  #takeControl(control: Uint8Array, chunk: Uint8Array, start: number, end: number): void {
    maskInto(chunk, start, end, control, this.#controlLength, this.#maskingKey);
    this.#controlLength += end - start;
  }

  #deliverControl(payload: Uint8Array): void {
    this.#control = undefined;
    this.#sink.control(this.owner, this.#opcode, payload);
  }

  /** The whole message is in the chunk. */
  #deliverFromChunk(chunk: Uint8Array, start: number, end: number): void {
    const { platform } = this.#settings;
    const inflater = this.#messageInflater;
    const opcode = this.#endMessage();
    if (inflater !== undefined) {
      maskInPlace(chunk, start, end, this.#maskingKey);
      this.#inflate(opcode, inflater, chunk.subarray(start, end));
    } else if (opcode === Opcode.TEXT) {
      const isAscii = maskInPlace(chunk, start, end, this.#maskingKey);
      this.#deliverText(chunk, start, end, isAscii);
    } else if (this.#settings.lendsBinary && end - start < COPY_BELOW) {
      maskInPlace(chunk, start, end, this.#maskingKey);
      this.#sink.message(this.owner, chunk.subarray(start, end), true);
    } else {
      const data = platform.allocate(end - start);
      maskInto(chunk, start, end, data, 0, this.#maskingKey);
      this.#sink.message(this.owner, data, false);
    }
  }

  /** Keeps a part of a message. Returns whether reading goes on. */
  #keep(chunk: Uint8Array, start: number, end: number): boolean {
    const from = this.#payloadLength;
    const to = from + end - start;
    this.#makeRoom(to);
    const isAscii = maskInto(chunk, start, end, this.#payload, from, this.#maskingKey);
    this.#payloadLength = to;
    if (this.#messageOpcode !== Opcode.TEXT || this.#messageInflater !== undefined) return true;
    // What is ASCII is valid wherever a character may begin.
    if (isAscii && this.#utf8?.isComplete !== false) return true;
    // 8.1: fails at the first byte that cannot be, not at the end of the message.
    this.#utf8 ??= new Utf8Validator();
    if (this.#utf8.push(this.#payload, from, to)) return true;
    this.#violate('INVALID_UTF8');
    return false;
  }

  #makeRoom(needed: number): void {
    const { length } = this.#payload;
    if (needed <= length) return;
    const announced = needed + this.#remaining;
    const affordable = Math.max(FIRST_BUFFER, length * 2);
    // More fragments will come: doubling keeps the cost of copying in proportion to the message, however small they are.
    const size = Math.max(needed, Math.min(announced, affordable), this.#fin ? 0 : length * 2);
    const grown = this.#settings.platform.allocate(size);
    grown.set(this.#payload.subarray(0, this.#payloadLength));
    this.#payload = grown;
  }

  #deliverKept(): void {
    const payload = this.#payload;
    const length = this.#payloadLength;
    const inflater = this.#messageInflater;
    const opcode = this.#endMessage();
    this.#payload = EMPTY;
    this.#payloadLength = 0;
    this.#utf8 = undefined;
    if (inflater !== undefined) {
      this.#inflate(opcode, inflater, payload.subarray(0, length));
    } else if (opcode === Opcode.TEXT) {
      this.#deliverText(payload, 0, length);
    } else {
      this.#sink.message(this.owner, this.#exactly(payload, length), false);
    }
  }

  #endMessage(): number {
    const opcode = this.#messageOpcode;
    this.#messageOpcode = 0;
    return opcode;
  }

  #exactly(payload: Uint8Array, length: number): Uint8Array {
    if (payload.length === length) return payload;
    const exact = this.#settings.platform.allocate(length);
    exact.set(payload.subarray(0, length));
    return exact;
  }

  #inflate(opcode: number, inflater: Inflater, message: Uint8Array): void {
    const { maxMessageSize } = this.#settings.limits;
    const inflated =
      inflater.beginInflate === undefined
        ? inflater.inflate(message, maxMessageSize)
        : inflater.beginInflate(message, maxMessageSize, this.#inflatedLater);
    if (typeof inflated === 'string' || inflated instanceof Uint8Array) {
      this.#deliverCompressed(opcode, inflated);
    } else {
      this.#inflating = inflated;
      this.#inflatingOpcode = opcode;
    }
  }

  readonly #inflatedLater = (inflated: Inflated): void => {
    this.#inflated = inflated;
    this.#sink.inflated(this.owner, this);
  };

  #deliverInflated(inflated: Inflated): void {
    this.#inflating = undefined;
    this.#inflated = undefined;
    this.#running = true;
    this.#deliverCompressed(this.#inflatingOpcode, inflated);
    this.#running = false;
  }

  #deliverCompressed(opcode: number, inflated: Inflated): void {
    if (inflated === 'too-large') this.#violate('MESSAGE_TOO_BIG');
    else if (inflated === 'invalid') this.#violate('INVALID_DEFLATE');
    else if (opcode === Opcode.TEXT) this.#deliverText(inflated, 0, inflated.length);
    else this.#sink.message(this.owner, inflated, false);
  }

  #deliverText(bytes: Uint8Array, start: number, end: number, isAscii = false): void {
    const { platform } = this.#settings;
    if (end - start > platform.maxTextLength) {
      this.#violate('MESSAGE_TOO_BIG');
      return;
    }
    const text = isAscii ? platform.asciiDecode(bytes, start, end) : platform.utf8Decode(bytes, start, end);
    if (text === undefined) this.#violate('INVALID_UTF8');
    else this.#sink.message(this.owner, text, false);
  }

  #violate(code: ViolationCode): void {
    this.stop();
    this.#sink.violation(this.owner, code);
  }
}
