/**
 * UTF-8 validated as it arrives (RFC 6455, 8.1; RFC 3629). A text message can be cut anywhere, by fragments and by the
 * network, so the validator remembers where in a character it stands and rejects the first byte that cannot follow.
 *
 * The second byte of a character has a narrower range than the others where that keeps out overlong forms (after E0
 * and F0), surrogates (after ED) and code points above U+10FFFF (after F4).
 */
export class Utf8Validator {
  /** Continuation bytes that the current character still needs. */
  #needed = 0;
  /** The range that the next continuation byte must be in. */
  #lower = 0x80;
  #upper = 0xbf;

  /** Whether the bytes so far end at the end of a character. */
  get isComplete(): boolean {
    return this.#needed === 0;
  }

  /** Takes the next bytes and returns whether all of them are possible in valid UTF-8. After `false` it is of no more use. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      if (this.#needed === 0) {
        at = skipAscii(bytes, at, end);
        if (at === end) return true;
        if (!this.#lead(bytes[at] as number)) return false;
      } else {
        const byte = bytes[at] as number;
        if (byte < this.#lower || byte > this.#upper) return false;
        this.#lower = 0x80;
        this.#upper = 0xbf;
        this.#needed--;
      }
      at++;
    }
    return true;
  }

  /** The first byte of a character that is not ASCII. */
  #lead(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    if (byte < 0xe0) {
      this.#needed = 1;
    } else if (byte < 0xf0) {
      this.#needed = 2;
      if (byte === 0xe0) this.#lower = 0xa0;
      if (byte === 0xed) this.#upper = 0x9f;
    } else {
      this.#needed = 3;
      if (byte === 0xf0) this.#lower = 0x90;
      if (byte === 0xf4) this.#upper = 0x8f;
    }
    return true;
  }
}

/** The index of the first byte at or after `start` that is not ASCII, or `end`. */
function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (
    at + 4 <= end &&
    ((bytes[at] as number) | (bytes[at + 1] as number) | (bytes[at + 2] as number) | (bytes[at + 3] as number)) < 0x80
  ) {
    at += 4;
  }
  while (at < end && (bytes[at] as number) < 0x80) at++;
  return at;
}
