import { type Inflater, isControl, Opcode, type ViolationCode, violations } from '@tidewire/protocol';
import { ContentReader, MAX_COMPRESSED, type MessageContent } from './content-reader.ts';
import { FrameScanner, type FrameSink, type ScannedFrame } from './frame-scanner.ts';
import { MessageDraft } from './message-draft.ts';

// Puts the frames of one direction together to messages (RFC 6455, 5.4).

/** What came, from the first byte of a message, or of a control frame, to its last. */
export interface ReadMessage extends MessageContent {
  readonly opcode: number;
  readonly frames: number;
  readonly compressed: boolean;
  readonly masked: boolean;
  readonly wireLength: number;
}

/** What is read, in order. */
export interface MessageSink {
  /**
   * Bytes of a message or, between its frames, of a control frame. All bytes are told of here, but for a partial header.
   * @param left bytes of their frame that are still to come; infinity if the frame is masked and should not be, or the reverse: it
   *   is none to wait for
   */
  scanned(bytes: Uint8Array, start: number, end: number, isOfControl: boolean, left: number): void;
  read(message: ReadMessage): void;
  /** No frame can begin here, and what comes is not read any more. `message` says why. */
  broke(message: ReadMessage): void;
}

export interface Compression {
  readonly inflater: Inflater;
  /** Whether a message may refer to those before it. */
  readonly takesOver: boolean;
}

export interface MessageReaderOptions {
  readonly fromClient: boolean;
  /** What was agreed on for this direction. */
  readonly compression: Compression | undefined;
  /** Bytes of a message that are kept. */
  readonly most: number;
}

const MAX_CONTROL = 125;

/** Bytes of what cannot be read that are shown. */
const SHOWN_OF_BROKEN = 64;

export class MessageReader implements FrameSink {
  readonly #sink: MessageSink;
  readonly #scanner: FrameScanner;
  readonly #content: ContentReader;
  readonly #isDeflateAgreedOn: boolean;
  readonly #most: number;
  readonly #fromClient: boolean;
  /** The message that is under way. */
  #message: MessageDraft | undefined;
  /** The control frame that is under way, perhaps between the frames of a message. */
  #control: MessageDraft | undefined;
  #isLast = false;

  constructor({ fromClient, compression, most }: MessageReaderOptions, sink: MessageSink) {
    this.#sink = sink;
    this.#most = most;
    this.#fromClient = fromClient;
    this.#isDeflateAgreedOn = compression !== undefined;
    this.#content = new ContentReader(compression?.inflater, compression?.takesOver === true, most);
    this.#scanner = new FrameScanner(this, fromClient);
  }

  /** Whether the bytes so far end within a frame, or its header. */
  get isWithinFrame(): boolean {
    return this.#scanner.isWithinFrame;
  }

  /** Whether the bytes so far end within a message: perhaps between two of its frames. */
  get isWithinMessage(): boolean {
    return this.#message !== undefined;
  }

  /** Whether the message that is under way is compressed. */
  get isCompressed(): boolean {
    return this.#message?.isCompressed === true;
  }

  get isWithinControl(): boolean {
    return this.#control !== undefined;
  }

  get partialHeader(): Uint8Array {
    return this.#scanner.partialHeader;
  }

  /** Whether what still comes is not read. */
  get isBlind(): boolean {
    return this.#scanner.hasStopped;
  }

  push(bytes: Uint8Array): void {
    this.#scanner.scan(bytes);
  }

  /** Reads nothing more, and says why. */
  giveUp(bytes: Uint8Array, why: string): void {
    this.#scanner.stop();
    this.#sink.broke(brokenMessage(bytes, why));
  }

  /** Nothing more comes: what is under way stays as it is. */
  end(): void {
    if (this.#scanner.hasStopped) return;
    this.#scanner.stop();
    this.#finish(this.#control, 'The connection ended within it');
    this.#finish(this.#message, 'The connection ended within it');
    this.#control = undefined;
    this.#message = undefined;
  }

  /** Says of the message that is under way what is wrong with it. */
  note(problem: string): void {
    this.#message?.note(problem);
  }

  // --- of the scanner ------------------------------------------------------------------------------------------------

  frameBegan(frame: ScannedFrame, bytes: Uint8Array, start: number, end: number): void {
    const { opcode, fin, rsv1 } = frame;
    const isOfControl = isControl(opcode);
    const rule = isOfControl ? undefined : this.#brokenOrder(opcode);
    if (rule !== undefined) {
      this.#finish(this.#message, violations[rule].message);
      this.#message = undefined;
      this.giveUp(bytes.subarray(start), violations[rule].message);
      return;
    }
    const draft = isOfControl || opcode !== Opcode.CONTINUATION ? this.#begin(frame, isOfControl) : this.#message;
    if (draft === undefined) return;
    if (opcode === Opcode.CONTINUATION && rsv1) draft.note(violations.RESERVED_BITS.message);
    if (frame.isMasked !== draft.isMasked) draft.note('Only some of its frames are masked');
    draft.frames++;
    draft.wireLength += end - start;
    this.#isLast = fin;
    const left = frame.isMasked === this.#fromClient ? frame.length : Number.POSITIVE_INFINITY;
    this.#sink.scanned(bytes, start, end, isOfControl, left);
  }

  payload(bytes: Uint8Array, start: number, end: number, maskingKey: number, left: number): void {
    const draft = this.#control ?? this.#message;
    if (draft === undefined) return;
    draft.wireLength += end - start;
    draft.append(bytes, start, end, maskingKey, left === 0 && this.#isLast);
    this.#sink.scanned(bytes, start, end, this.#control !== undefined, left);
  }

  frameEnded(): void {
    const control = this.#control;
    if (control !== undefined) {
      this.#control = undefined;
      this.#finish(control);
    } else if (this.#isLast) {
      const message = this.#message;
      this.#message = undefined;
      this.#finish(message);
    }
  }

  broke(rule: ViolationCode, bytes: Uint8Array): void {
    this.#finish(this.#message, 'It was never finished');
    this.#message = undefined;
    this.#sink.broke(brokenMessage(bytes, violations[rule].message));
  }

  // -------------------------------------------------------------------------------------------------------------------

  #brokenOrder(opcode: number): ViolationCode | undefined {
    const isContinuation = opcode === Opcode.CONTINUATION;
    if (isContinuation === (this.#message !== undefined)) return undefined;
    return isContinuation ? 'UNEXPECTED_CONTINUATION' : 'EXPECTED_CONTINUATION';
  }

  #begin({ opcode, rsv1, isMasked }: ScannedFrame, isOfControl: boolean): MessageDraft {
    const isCompressed = rsv1 && this.#isDeflateAgreedOn;
    const most = isOfControl ? MAX_CONTROL : isCompressed ? MAX_COMPRESSED : this.#most;
    const draft = new MessageDraft(opcode, isCompressed, isMasked, most);
    if (isMasked !== this.#fromClient) draft.note(violations[isMasked ? 'MASKED' : 'NOT_MASKED'].message);
    if (rsv1 && !isCompressed) draft.note(violations.RESERVED_BITS.message);
    if (isOfControl) this.#control = draft;
    else this.#message = draft;
    return draft;
  }

  #finish(draft: MessageDraft | undefined, problem?: string): void {
    if (draft === undefined) return;
    if (problem !== undefined) draft.note(problem);
    const { data, length, isCut, problem: noted, inflated } = this.#content.read(draft);
    const { opcode, frames, isCompressed: compressed, isMasked: masked, wireLength } = draft;
    // Each by its name: to copy what an object has takes longer than all the rest.
    this.#sink.read({ opcode, frames, compressed, masked, wireLength, data, length, isCut, problem: noted, inflated });
  }
}

/** What stands for bytes that are no frame: the first of them. */
function brokenMessage(bytes: Uint8Array, why: string): ReadMessage {
  return {
    opcode: Opcode.BINARY,
    frames: 0,
    compressed: false,
    masked: false,
    wireLength: bytes.length,
    length: bytes.length,
    data: bytes.slice(0, SHOWN_OF_BROKEN),
    isCut: true,
    problem: `${why}: nothing behind it can be read`,
    inflated: undefined,
  };
}
