// What holds for every way to drive zlib.

/**
 * The smallest window that zlib takes for raw deflate. It keeps 262 bytes of it for looking ahead (deflate.h, MAX_DIST), so
 * with 9 bits no reference goes back further than 250 bytes: that is within 8 bits, too, and serves for them.
 */
const ZLIB_MIN_WINDOW_BITS = 9;

/** The window of a compressor for a peer that keeps one of `windowBits`. */
export function zlibWindowBits(windowBits: number): number {
  return Math.max(windowBits, ZLIB_MIN_WINDOW_BITS);
}

/**
 * A message of as many bytes is compressed in another thread, if its sender can wait: on this one it would take 2
 * milliseconds, and handing it over takes a tenth of one.
 */
export const LEAST_DEFLATED_ELSEWHERE = 64 * 1024;

/** RFC 7692, 7.2.1: the bytes of an empty uncompressed block that are removed from the end of a message. */
export const EMPTY_BLOCK_END = 4;

/**
 * What is put behind a message. First the 4 bytes that its sender removed (7.2.2); then an empty final block, so that
 * zlib, told to finish, finds out about data that ends in the middle of a block.
 */
export const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x03, 0x00]);

/**
 * As many final blocks are taken in one message, each of which costs a fresh start. Nobody needs more than one; a message
 * of nothing else could hold up the process for minutes.
 */
export const MAX_FINAL_BLOCKS = 64;

/** Without context takeover there is no state: one object per window size serves all connections. */
export function stateless<T>(create: (windowBits: number, contextTakeover: boolean) => T) {
  const existing = new Map<number, T>();
  return (windowBits: number, contextTakeover: boolean): T => {
    if (contextTakeover) return create(windowBits, true);
    const shared = existing.get(windowBits) ?? create(windowBits, false);
    existing.set(windowBits, shared);
    return shared;
  };
}
