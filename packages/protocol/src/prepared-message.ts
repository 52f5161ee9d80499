import { FIN, frameHeaderSize, Opcode, RSV1, writeFrameHeader } from './frames.ts';
import type { Deflater, Platform } from './platform.ts';
import type { Compression } from './sender.ts';
import type { ConnectionSettings } from './settings.ts';

/**
 * A message that goes to many connections: framed once, and compressed once for each window size that was negotiated,
 * however many connections take it.
 */
export class PreparedMessage {
  readonly type: 'text' | 'binary';
  /** The payload as it was given, text as UTF-8. */
  readonly payload: Uint8Array;
  readonly #platform: Platform;
  #frame: Uint8Array | undefined;
  #deflatedFrames: Map<number, Uint8Array> | undefined;
  /** Who waits for a frame that is compressed elsewhere. */
  #deflating: Map<number, (() => void)[]> | undefined;

  /** @param data text, or bytes that must not be changed as long as the message is in use */
  constructor(data: string | Uint8Array, platform: Platform) {
    this.#platform = platform;
    this.type = typeof data === 'string' ? 'text' : 'binary';
    this.payload = typeof data === 'string' ? encodeText(data, platform) : data;
  }

  get opcode(): Opcode {
    return this.type === 'text' ? Opcode.TEXT : Opcode.BINARY;
  }

  /** The message as one frame without a mask. */
  get frame(): Uint8Array {
    this.#frame ??= frameOf(FIN | this.opcode, this.payload, this.#platform);
    return this.#frame;
  }

  /**
   * The message as one compressed frame without a mask, made by a `deflater` for windows of `windowBits` that does not
   * take over context: the same bytes then serve every connection.
   */
  deflatedFrame(windowBits: number, deflater: Deflater): Uint8Array {
    return this.#deflatedFrames?.get(windowBits) ?? this.#keep(windowBits, deflater.deflate(this.payload));
  }

  /** Whether `deflatedFrame` has nothing left to compress. If it has, that is being done, and `then` is called after it. */
  isDeflated(windowBits: number, deflater: Deflater, then: () => void): boolean {
    if (deflater.beginDeflate === undefined || this.#deflatedFrames?.has(windowBits)) return true;
    const waiting = this.#deflating?.get(windowBits);
    if (waiting !== undefined) {
      waiting.push(then);
      return false;
    }
    const all = [then];
    const deflating = this.#deflating ?? new Map<number, (() => void)[]>();
    const compressed = deflater.beginDeflate(this.payload, (result) => {
      this.#keep(windowBits, result);
      deflating.delete(windowBits);
      for (const each of all) each();
    });
    if (compressed instanceof Uint8Array) {
      this.#keep(windowBits, compressed);
      return true;
    }
    this.#deflating = deflating.set(windowBits, all);
    return false;
  }

  #keep(windowBits: number, compressed: Uint8Array | undefined): Uint8Array {
    const frame =
      compressed !== undefined && compressed.length < this.payload.length
        ? frameOf(FIN | RSV1 | this.opcode, compressed, this.#platform)
        : this.frame;
    this.#deflatedFrames ??= new Map();
    this.#deflatedFrames.set(windowBits, frame);
    return frame;
  }
}

/** Messages that go to the same connections, one behind the other: their frames are put together once for all. */
export class PreparedBatch {
  readonly messages: readonly PreparedMessage[];
  readonly #platform: Platform;
  #frames: Uint8Array | undefined;
  #deflatedFrames: Map<number, Uint8Array> | undefined;

  constructor(messages: readonly PreparedMessage[], platform: Platform) {
    this.messages = messages;
    this.#platform = platform;
  }

  /** The frames without masks. */
  get frames(): Uint8Array {
    this.#frames ??= this.#join((message) => message.frame);
    return this.#frames;
  }

  /**
   * What a connection sends, if that is there already: `undefined` where a mask, or a context of its own, makes its bytes
   * differ from everybody else's, and where something is to be compressed first.
   */
  framesFor({ role }: ConnectionSettings, compression: Compression | undefined): Uint8Array | undefined {
    if (role === 'client') return undefined;
    if (compression === undefined) return this.frames;
    return compression.contextTakeover ? undefined : this.#deflatedFrames?.get(compression.windowBits);
  }

  /** Bytes of all payloads. */
  get payloadLength(): number {
    return this.messages.reduce((length, { payload }) => length + payload.length, 0);
  }

  /** Whether `deflatedFrames` has nothing left to compress. If it has, that is being done, and `then` is called after it. */
  isDeflated(windowBits: number, deflater: Deflater, threshold: number, then: () => void): boolean {
    if (this.#deflatedFrames?.has(windowBits)) return true;
    let missing = 0;
    const arrived = () => {
      missing--;
      if (missing === 0) then();
    };
    for (const message of this.messages) {
      if (message.payload.length >= threshold && !message.isDeflated(windowBits, deflater, arrived)) missing++;
    }
    return missing === 0;
  }

  /** The frames without masks, with those compressed whose payload has `threshold` bytes or more. See `PreparedMessage`. */
  deflatedFrames(windowBits: number, deflater: Deflater, threshold: number): Uint8Array {
    this.#deflatedFrames ??= new Map();
    const frames =
      this.#deflatedFrames.get(windowBits) ??
      this.#join((message) =>
        message.payload.length < threshold ? message.frame : message.deflatedFrame(windowBits, deflater),
      );
    this.#deflatedFrames.set(windowBits, frames);
    return frames;
  }

  #join(frameOfMessage: (message: PreparedMessage) => Uint8Array): Uint8Array {
    const frames = this.messages.map(frameOfMessage);
    const [first] = frames;
    if (frames.length === 1 && first !== undefined) return first;
    const joined = this.#platform.allocate(frames.reduce((length, frame) => length + frame.length, 0));
    let at = 0;
    for (const frame of frames) {
      joined.set(frame, at);
      at += frame.length;
    }
    return joined;
  }
}

/** `text` as UTF-8, lone surrogates as U+FFFD. */
export function encodeText(text: string, platform: Platform): Uint8Array {
  const bytes = platform.allocate(platform.utf8Length(text));
  platform.utf8Write(text, bytes, 0);
  return bytes;
}

function frameOf(first: number, payload: Uint8Array, platform: Platform): Uint8Array {
  const frame = platform.allocate(frameHeaderSize(payload.length, false) + payload.length);
  frame.set(payload, writeFrameHeader(frame, 0, first, payload.length, undefined));
  return frame;
}
