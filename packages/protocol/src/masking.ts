// Masking: RFC 6455, 5.3. Byte i of a payload is XORed with byte (i mod 4) of the masking key. The key is a 32-bit
// number here, its first byte the most significant.

/** From this many bytes on, setting up a view of 32-bit words costs less than it saves. */
const WORDS_FROM = 128;

const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

/** The key for the bytes that follow the first `count` bytes of a payload. */
export function advanceMaskingKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  // A shift by 32 is a shift by 0 in JavaScript, and OR of a number with itself changes nothing.
  return (key << bits) | (key >>> (32 - bits));
}

/**
 * Masks or unmasks `bytes[start, end)` where it stands. Returns whether the result is known to be ASCII: having seen every
 * byte, this finds out almost for nothing, and short text is then decoded in half the time.
 */
export function maskInPlace(bytes: Uint8Array, start: number, end: number, key: number): boolean {
  if (end - start < WORDS_FROM) return maskBytes(bytes, start, end, bytes, start, key) < 0x80;
  if (key === 0) return false;
  const toAligned = -(bytes.byteOffset + start) & 3;
  const aligned = start + toAligned;
  let seen = maskBytes(bytes, start, aligned, bytes, start, key);
  const alignedKey = advanceMaskingKey(key, toAligned);
  // Written as bytes and read as a word, the key has the byte order of the machine whatever that is.
  keyBytes[0] = alignedKey >>> 24;
  keyBytes[1] = alignedKey >>> 16;
  keyBytes[2] = alignedKey >>> 8;
  keyBytes[3] = alignedKey;
  const word = keyWord[0] as number;
  const count = (end - aligned) >>> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, count);
  let seenWords = 0;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a = (words[i] as number) ^ word;
    const b = (words[i + 1] as number) ^ word;
    const c = (words[i + 2] as number) ^ word;
    const d = (words[i + 3] as number) ^ word;
    words[i] = a;
    words[i + 1] = b;
    words[i + 2] = c;
    words[i + 3] = d;
    seenWords |= a | b | c | d;
  }
  for (; i < count; i++) {
    const a = (words[i] as number) ^ word;
    words[i] = a;
    seenWords |= a;
  }
  const rest = aligned + count * 4;
  seen |= maskBytes(bytes, rest, end, bytes, rest, alignedKey);
  return seen < 0x80 && (seenWords & 0x8080_8080) === 0;
}

/**
 * Copies `source[start, end)` to `target` from `offset`, masked or unmasked on the way. Returns whether the result is known
 * to be ASCII.
 */
export function maskInto(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
  key: number,
): boolean {
  if (key !== 0 && end - start < WORDS_FROM) return maskBytes(source, start, end, target, offset, key) < 0x80;
  target.set(source.subarray(start, end), offset);
  return key !== 0 && maskInPlace(target, offset, offset + end - start, key);
}

/** Returns all resulting bytes ORed together. */
function maskBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
  key: number,
): number {
  const k0 = key >>> 24;
  const k1 = (key >>> 16) & 0xff;
  const k2 = (key >>> 8) & 0xff;
  const k3 = key & 0xff;
  let seen = 0;
  let i = start;
  let o = offset;
  for (; i + 4 <= end; i += 4, o += 4) {
    const a = (source[i] as number) ^ k0;
    const b = (source[i + 1] as number) ^ k1;
    const c = (source[i + 2] as number) ^ k2;
    const d = (source[i + 3] as number) ^ k3;
    target[o] = a;
    target[o + 1] = b;
    target[o + 2] = c;
    target[o + 3] = d;
    seen |= a | b | c | d;
  }
  if (i < end) {
    const a = (source[i] as number) ^ k0;
    target[o] = a;
    seen |= a;
  }
  if (i + 1 < end) {
    const b = (source[i + 1] as number) ^ k1;
    target[o + 1] = b;
    seen |= b;
  }
  if (i + 2 < end) {
    const c = (source[i + 2] as number) ^ k2;
    target[o + 2] = c;
    seen |= c;
  }
  return seen;
}
