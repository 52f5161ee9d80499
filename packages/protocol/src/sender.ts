import { FIN, frameHeaderSize, MAX_CONTROL_PAYLOAD, Opcode, RSV1, writeFrameHeader } from './frames.ts';
import { maskInPlace } from './masking.ts';
import { Output } from './output.ts';
import type { Pipe } from './pipe.ts';
import type { Deflater } from './platform.ts';
import { encodeText, type PreparedBatch } from './prepared-message.ts';
import type { ConnectionSettings } from './settings.ts';
import { WaitingLine } from './waiting-line.ts';

// Messages and control frames in, bytes out (RFC 6455, 5 and 6.1).
//
// Frames of different messages must not be interleaved (5.4). While a message is being sent in fragments, whole messages
// are therefore framed and put aside; control frames pass, as 5.4 allows and 5.5 demands.
//
// A large message may be compressed elsewhere than on this thread. Until that is done, what is sent waits in line behind
// it; again control frames pass, but for the Close frame, which comes after everything that was sent before it.

/** A payload at least this large is passed on as it is where it needs no mask, not copied behind its header. */
export const COPY_BELOW = 64 * 1024;

/** Compresses the messages of one connection. */
export interface Compression {
  readonly deflater: Deflater;
  readonly windowBits: number;
  readonly contextTakeover: boolean;
}

export class Sender {
  readonly #settings: ConnectionSettings;
  /** What messages are compressed by. */
  compression: Compression | undefined;
  readonly #output: Output;
  /** Whole messages that wait for the end of the fragmented one. */
  #aside: Output | undefined;
  #fragmenting = false;
  /** Whether a message was started and has not ended, though its fragments may still wait. */
  #isStarted = false;
  readonly #line = new WaitingLine();
  /** Told when what was compressed elsewhere is in the output. */
  onOutput: (() => void) | undefined;
  /** Whether the next fragment is the first of its message. */
  #firstFragment = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#output = new Output(settings.platform, settings.sharedBlock);
  }

  /** Whether nothing waits and no message is being sent in fragments, so that it may be used for another connection. */
  get isIdle(): boolean {
    return this.#output.length === 0 && !this.#isStarted && !this.#line.isOpen;
  }

  /** Bytes that wait for `drainTo`, for the end of a fragmented message, or to be compressed. */
  get length(): number {
    return this.#output.length + (this.#aside?.length ?? 0) + this.#line.length;
  }

  /** Bytes that wait for `drainTo`. */
  get outputLength(): number {
    return this.#output.length;
  }

  get isFragmenting(): boolean {
    return this.#isStarted;
  }

  /** Whether a message is being compressed elsewhere. */
  get isCompressing(): boolean {
    return this.#line.isOpen;
  }

  drainTo(pipe: Pipe): void {
    this.#output.drainTo(pipe);
  }

  clear(): void {
    this.#output.clear();
    this.#aside = undefined;
    this.#line.clear();
  }

  text(text: string, mayCompress: boolean): void {
    const { compressionThreshold, platform } = this.#settings;
    // No character takes more than 3 bytes per UTF-16 unit. If the longest text possible still has a length of one
    // byte, the header's size is known before the text is encoded, and one pass is enough.
    const longest = text.length * 3;
    const compresses = this.compression !== undefined && mayCompress && longest >= compressionThreshold;
    if (compresses || this.#line.isOpen) {
      this.#message(Opcode.TEXT, encodeText(text, platform), mayCompress);
      return;
    }
    const output = this.#messageOutput();
    const maskingKey = this.#settings.nextMaskingKey();
    const size = longest < 126 ? longest : platform.utf8Length(text);
    const headerSize = frameHeaderSize(size, maskingKey !== undefined);
    const at = output.reserve(headerSize + size);
    const written = platform.utf8Write(text, output.block, at + headerSize);
    this.#finishFrame(output, at, FIN | Opcode.TEXT, written, maskingKey);
  }

  binary(data: Uint8Array, mayCompress: boolean): void {
    const mayTakeLong = this.compression?.deflater.beginDeflate !== undefined && data.length >= COPY_BELOW;
    const payload = mayTakeLong || this.#line.isOpen ? this.#lasting(data) : data;
    this.#message(Opcode.BINARY, payload, mayCompress);
  }

  prepared(batch: PreparedBatch, mayCompress: boolean): void {
    if (this.#line.isOpen) {
      this.#line.add(batch.payloadLength, () => this.prepared(batch, mayCompress));
      return;
    }
    const compression = mayCompress ? this.compression : undefined;
    const isServer = this.#settings.role === 'server';
    if (isServer && compression === undefined) {
      this.#shared(batch.frames);
    } else if (isServer && compression !== undefined && !compression.contextTakeover) {
      this.#sharedDeflated(batch, compression);
    } else {
      // A mask, or a context of its own, makes this connection's bytes differ from everybody else's.
      for (const { opcode, payload } of batch.messages) this.#message(opcode, payload, mayCompress);
    }
  }

  /** A Ping, Pong or Close frame. */
  control(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.CLOSE && this.#line.isOpen)
      this.#line.add(payload.length, () => this.control(opcode, payload));
    else this.#frame(this.#output, FIN | opcode, payload);
  }

  /** From here on, until `fragment` was told that it is the last, whole messages are put aside. */
  beginFragments(): void {
    this.#isStarted = true;
    if (this.#line.isOpen) this.#line.add(0, () => this.#beginFragments());
    else this.#beginFragments();
  }

  fragment(opcode: number, payload: Uint8Array, isLast: boolean): void {
    if (isLast) this.#isStarted = false;
    if (!this.#line.isOpen) {
      this.#fragment(opcode, payload, isLast);
    } else {
      const lasting = this.#lasting(payload);
      this.#line.add(payload.length, () => this.#fragment(opcode, lasting, isLast));
    }
  }

  #beginFragments(): void {
    this.#fragmenting = true;
    this.#firstFragment = true;
  }

  #fragment(opcode: number, payload: Uint8Array, isLast: boolean): void {
    this.#frame(this.#output, (isLast ? FIN : 0) | (this.#firstFragment ? opcode : Opcode.CONTINUATION), payload);
    this.#firstFragment = false;
    if (!isLast) return;
    this.#fragmenting = false;
    this.#aside?.moveTo(this.#output);
    this.#aside = undefined;
  }

  #messageOutput(): Output {
    if (!this.#fragmenting) return this.#output;
    this.#aside ??= new Output(this.#settings.platform);
    return this.#aside;
  }

  #message(opcode: number, payload: Uint8Array, mayCompress: boolean): void {
    if (this.#line.isOpen) {
      this.#line.add(payload.length, () => this.#message(opcode, payload, mayCompress));
      return;
    }
    const compression = this.compression;
    if (compression === undefined || !mayCompress || payload.length < this.#settings.compressionThreshold) {
      this.#frame(this.#messageOutput(), FIN | opcode, payload);
      return;
    }
    const { deflater } = compression;
    const compressed =
      deflater.beginDeflate === undefined
        ? deflater.deflate(payload)
        : deflater.beginDeflate(payload, (result) =>
            this.#compressed(payload.length, () => this.#deflated(opcode, payload, result, compression)),
          );
    if (compressed instanceof Uint8Array) this.#deflated(opcode, payload, compressed, compression);
    else this.#line.open(payload.length, compressed);
  }

  #deflated(
    opcode: number,
    payload: Uint8Array,
    compressed: Uint8Array | undefined,
    { contextTakeover }: Compression,
  ): void {
    const output = this.#messageOutput();
    // What has not become smaller goes as it was, unless later messages may refer to it: the peer must then have seen it.
    if (compressed !== undefined && (contextTakeover || compressed.length < payload.length)) {
      this.#frame(output, FIN | RSV1 | opcode, compressed);
    } else {
      this.#frame(output, FIN | opcode, payload);
    }
  }

  /** Bytes that stay as they are until they have left: see `Connection.send`. */
  #lasting(bytes: Uint8Array): Uint8Array {
    if (this.#settings.role === 'server' && bytes.length >= COPY_BELOW) return bytes;
    const copy = this.#settings.platform.allocate(bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** What was compressed elsewhere is sent by `send`; then comes what waits. */
  #compressed(length: number, send: () => void): void {
    if (this.#line.moveOn(length, send)) this.onOutput?.();
  }

  #frame(output: Output, first: number, payload: Uint8Array): void {
    const maskingKey = this.#settings.nextMaskingKey();
    const size = payload.length;
    const headerSize = frameHeaderSize(size, maskingKey !== undefined);
    if (maskingKey === undefined && size >= COPY_BELOW) {
      const at = output.reserve(headerSize);
      output.commit(writeFrameHeader(output.block, at, first, size, undefined));
      output.append(payload);
      return;
    }
    const at = output.reserve(headerSize + size);
    output.block.set(payload, at + headerSize);
    this.#finishFrame(output, at, first, size, maskingKey);
  }

  /** The payload stands in its place: writes the header before it, and masks it. */
  #finishFrame(output: Output, at: number, first: number, size: number, maskingKey: number | undefined): void {
    const { block } = output;
    const start = writeFrameHeader(block, at, first, size, maskingKey);
    if (maskingKey !== undefined) maskInPlace(block, start, start + size, maskingKey);
    output.commit(start + size);
  }

  #sharedDeflated(batch: PreparedBatch, { windowBits, deflater }: Compression): void {
    const { compressionThreshold } = this.#settings;
    const length = batch.payloadLength;
    const send = () => this.#shared(batch.deflatedFrames(windowBits, deflater, compressionThreshold));
    if (batch.isDeflated(windowBits, deflater, compressionThreshold, () => this.#compressed(length, send))) send();
    else this.#line.open(length);
  }

  #shared(frames: Uint8Array): void {
    const output = this.#messageOutput();
    // Where nothing else waits, everybody's bytes are handed on as they are: 1.4 times the speed of copying 100 of them.
    if (output.length === 0 || frames.length >= COPY_BELOW) {
      output.append(frames);
      return;
    }
    const at = output.reserve(frames.length);
    output.block.set(frames, at);
    output.commit(at + frames.length);
  }
}

/**
 * The payload of a Ping or Pong frame that was asked for.
 * @throws TypeError for anything but text and bytes; RangeError for more than 125 bytes (RFC 6455, 5.5)
 */
export function controlPayload(payload: unknown, settings: ConnectionSettings): Uint8Array {
  const bytes = typeof payload === 'string' ? encodeText(payload, settings.platform) : payload;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`payload must be a string or a Uint8Array, not ${describe(payload)}`);
  }
  if (bytes.length > MAX_CONTROL_PAYLOAD) {
    throw new RangeError(`payload must have ${MAX_CONTROL_PAYLOAD} bytes or less, not ${bytes.length}`);
  }
  return bytes;
}

/** How an error message names a value that has the wrong type. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name ?? 'object';
}
