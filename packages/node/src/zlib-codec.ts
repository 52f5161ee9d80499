import { kMaxLength } from 'node:buffer';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DeflateCodec, Deflater, Inflater } from '@tidewire/protocol';

// permessage-deflate (RFC 7692) on Node's zlib, synchronously and with documented calls only.
//
// A context that is taken over from message to message is, for DEFLATE, the last bytes of what went before. They are
// kept as plain bytes and handed to zlib as its dictionary, so a connection holds at most one window (32 KiB) for each
// direction in which context is taken over, and nothing at all where it is not.

/**
 * The smallest window that zlib takes for raw deflate. It keeps 262 bytes of it for looking ahead (deflate.h, MAX_DIST), so
 * with 9 bits no reference goes back further than 250 bytes: that is within 8 bits, too, and serves for them.
 */
const ZLIB_MIN_WINDOW_BITS = 9;

/**
 * As many final blocks are taken in one message, each of which costs a new zlib engine. Nobody needs more than one; a
 * message of nothing else could hold up the process for minutes.
 */
const MAX_FINAL_BLOCKS = 64;

const EMPTY_BLOCK_END = 4;

/**
 * What is put behind a message. First the 4 bytes that its sender removed (7.2.2); then an empty final block, so that
 * zlib, told to finish, finds out about data that ends in the middle of a block.
 */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x03, 0x00]);

/** What zlib may be given as the size of its output buffer. */
const MIN_CHUNK = 1024;
const MAX_CHUNK = 64 * 1024;

const NOTHING = Buffer.alloc(0);

class Window {
  readonly #size: number;
  bytes: Buffer = NOTHING;

  constructor(windowBits: number) {
    this.#size = 2 ** windowBits;
  }

  push(message: Uint8Array): void {
    const size = this.#size;
    if (message.length >= size) {
      this.bytes = Buffer.from(message.subarray(message.length - size));
      return;
    }
    const kept = this.bytes.subarray(Math.max(0, this.bytes.length + message.length - size));
    this.bytes = Buffer.concat([kept, message]);
  }
}

class ZlibDeflater implements Deflater {
  readonly #windowBits: number;
  readonly #window: Window | undefined;

  constructor(windowBits: number, contextTakeover: boolean) {
    this.#windowBits = windowBits;
    this.#window = contextTakeover ? new Window(windowBits) : undefined;
  }

  deflate(message: Uint8Array): Uint8Array {
    const dictionary = this.#window?.bytes ?? NOTHING;
    const compressed = deflateRawSync(message, {
      windowBits: Math.max(this.#windowBits, ZLIB_MIN_WINDOW_BITS),
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: chunkSize(message.length),
      ...(dictionary.length > 0 ? { dictionary } : {}),
    });
    this.#window?.push(message);
    return compressed.subarray(0, compressed.length - EMPTY_BLOCK_END);
  }
}

class ZlibInflater implements Inflater {
  readonly #windowBits: number;
  readonly #window: Window | undefined;

  constructor(windowBits: number, contextTakeover: boolean) {
    this.#windowBits = windowBits;
    this.#window = contextTakeover ? new Window(windowBits) : undefined;
  }

  inflate(message: Uint8Array, maxLength: number): Uint8Array | 'too-large' | 'invalid' {
    // Not even the empty message has an empty payload (7.2.3.6), but everybody takes it for that.
    if (message.length === 0) return NOTHING;
    const input = Buffer.concat([message, TAIL]);
    const history = this.#window ?? new Window(this.#windowBits);
    const parts: Buffer[] = [];
    let length = 0;
    let consumed = 0;
    // 7.2.1 allows blocks with BFINAL set anywhere. zlib stops after one, so what follows is inflated in a further round,
    // with what the message has produced so far as its window.
    while (consumed < message.length) {
      const part = inflatePart(input.subarray(consumed), this.#windowBits, history.bytes, maxLength - length);
      if (typeof part === 'string') return part;
      if (parts.length === MAX_FINAL_BLOCKS) return 'invalid';
      parts.push(part.output);
      length += part.output.length;
      consumed += part.consumed;
      if (this.#window !== undefined || consumed < message.length) history.push(part.output);
    }
    const [first = NOTHING] = parts;
    return parts.length === 1 ? first : Buffer.concat(parts, length);
  }
}

interface Part {
  output: Buffer;
  consumed: number;
}

function inflatePart(
  input: Buffer,
  windowBits: number,
  dictionary: Buffer,
  room: number,
): Part | 'too-large' | 'invalid' {
  try {
    // With `info`, Node returns the engine, too, which knows how much of the input it used.
    const result: unknown = inflateRawSync(input, {
      windowBits,
      info: true,
      chunkSize: chunkSize(input.length * 4),
      // zlib's least is 1; one byte too many is found out below.
      maxOutputLength: Math.max(1, Math.min(room, kMaxLength)),
      ...(dictionary.length > 0 ? { dictionary } : {}),
    });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    return buffer.length > room ? 'too-large' : { output: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'invalid';
  }
}

function chunkSize(expected: number): number {
  return Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, expected));
}

/** Without context takeover there is no state: one object per window size serves all connections. */
function shared<T>(create: (windowBits: number, contextTakeover: boolean) => T) {
  const stateless = new Map<number, T>();
  return (windowBits: number, contextTakeover: boolean): T => {
    if (contextTakeover) return create(windowBits, true);
    const existing = stateless.get(windowBits) ?? create(windowBits, false);
    stateless.set(windowBits, existing);
    return existing;
  };
}

export const zlibCodec: DeflateCodec = {
  minDeflateWindowBits: 8,
  createDeflater: shared((windowBits, contextTakeover) => new ZlibDeflater(windowBits, contextTakeover)),
  createInflater: shared((windowBits, contextTakeover) => new ZlibInflater(windowBits, contextTakeover)),
};
