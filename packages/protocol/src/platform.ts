/**
 * What the protocol needs from the place it runs in. The engine computes nothing that depends on the machine by itself:
 * time, randomness, hashing, text conversion and compression come through this interface, so that a shell can hand in
 * the fastest that its runtime has. `portablePlatform` is the default and runs everywhere.
 */
export interface Platform {
  /** Milliseconds from any fixed point, never going back. */
  now(): number;

  /** Fills `target` with cryptographically strong random bytes (masking keys and nonces must be unpredictable: 10.3). */
  randomFill(target: Uint8Array): void;

  /** The SHA-1 digest of `text`, which is ASCII, in base64: 28 characters. */
  sha1Base64(text: string): string;

  /** `length` bytes with unspecified contents. The engine writes all of them before anybody else sees them. */
  allocate(length: number): Uint8Array;

  /** The longest string that there can be, in UTF-16 units. Text of more bytes is not decoded: MESSAGE_TOO_BIG, 1009. */
  readonly maxTextLength: number;

  /** How many bytes `text` takes as UTF-8, a lone surrogate counting as U+FFFD (3 bytes). */
  utf8Length(text: string): number;

  /** Writes `text` as UTF-8 into `target` from `offset`, lone surrogates as U+FFFD. Returns the number of bytes written. */
  utf8Write(text: string, target: Uint8Array, offset: number): number;

  /** The text in `bytes[start, end)`, a leading byte order mark included, or `undefined` if that is not valid UTF-8. */
  utf8Decode(bytes: Uint8Array, start: number, end: number): string | undefined;

  /** The text in `bytes[start, end)`, all of which are known to be below 128. */
  asciiDecode(bytes: Uint8Array, start: number, end: number): string;

  /** The DEFLATE codec (RFC 1951). Where there is none, permessage-deflate is neither offered nor accepted. */
  readonly deflate?: DeflateCodec;
}

/** Makes compressors and decompressors for permessage-deflate (RFC 7692). */
export interface DeflateCodec {
  /**
   * The smallest LZ77 window, as a base-2 logarithm, that compressors of this codec can keep to. zlib has no window of 8
   * bits for raw deflate, but with 9 it never refers back further than 250 bytes, so a codec over zlib can say 8. A peer
   * that asks for less than this is declined.
   */
  readonly minDeflateWindowBits: number;

  /**
   * @param windowBits 8 to 15, at least `minDeflateWindowBits`
   * @param contextTakeover whether a message may refer to the messages before it
   */
  createDeflater(windowBits: number, contextTakeover: boolean): Deflater;

  /**
   * @param windowBits 8 to 15
   * @param contextTakeover whether a message may refer to the messages before it
   */
  createInflater(windowBits: number, contextTakeover: boolean): Inflater;
}

/** What is being done elsewhere than on this thread. */
export interface LaterWork {
  /** Nobody wants it any more, nor uses what does it again: `done` is not called. Later than `done` it says nothing. */
  cancel(): void;
}

export interface Deflater {
  /**
   * Compresses one message and returns it ended by an empty uncompressed block, those 4 bytes (00 00 ff ff) removed:
   * RFC 7692, 7.2.1.
   */
  deflate(message: Uint8Array): Uint8Array;

  /**
   * The same for who can wait. A codec may compress 64 KiB and more elsewhere than on this thread: `done` is then called
   * in a later turn, once, with `undefined` if there was not the memory. Until then the message must not change, nor, where
   * context is taken over, another be given to this deflater.
   */
  beginDeflate?(message: Uint8Array, done: (compressed: Uint8Array | undefined) => void): Uint8Array | LaterWork;
}

/** What became of a compressed message: see `Inflater`. */
export type Inflated = Uint8Array | 'too-large' | 'invalid';

export interface Inflater {
  /**
   * Decompresses one message (7.2.2); the 4 bytes that its sender removed are still missing from `message`.
   * Returns `'too-large'` as soon as the output would exceed `maxLength` bytes, and `'invalid'` for data that is not
   * DEFLATE. After either the inflater is not used again.
   */
  inflate(message: Uint8Array, maxLength: number): Inflated;

  /**
   * The same for who can wait. A codec may decompress what takes long elsewhere than on this thread: `done` is then called
   * in a later turn, once. The message is read before this returns. Where context is taken over, no other is given to this
   * inflater until then.
   */
  beginInflate?(message: Uint8Array, maxLength: number, done: (inflated: Inflated) => void): Inflated | LaterWork;
}
