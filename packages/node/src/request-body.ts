import type { Readable } from 'node:stream';
import { Alarm, type Deadlines } from './deadlines.ts';

/** How much of what is too large is still read, so that the client can be told: it may not listen before it has sent it. */
const READ_ON = 1024 * 1024;

/** What is kept of a body that is not worth more, in bytes. */
const LEAST_KEPT = 64;

export interface BodyLimits {
  /** In bytes. */
  readonly size: number;
  /** How long a client may go on sending that was told that it is too much, in milliseconds. */
  readonly timeout: number;
  readonly deadlines: Deadlines;
}

/**
 * Reads the body of a request. `then` is called once, with the body or with `'TOO_LARGE'`; not at all if the client goes away
 * before the body is whole.
 * @param isWorthIt is asked with the beginning of the body until it knows whether the rest is to be kept. Of a body that is
 *   not, `then` gets the first 64 bytes at most.
 */
export function readBody(
  request: Readable,
  limits: BodyLimits,
  then: (body: Uint8Array | 'TOO_LARGE') => void,
  isWorthIt: (beginning: Uint8Array) => boolean | undefined = () => true,
): void {
  const { size, timeout, deadlines } = limits;
  const kept = new Kept(size);
  let length = 0;
  let isKept: boolean | undefined;
  let isTooMuch = false;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (isKept !== false) kept.add(chunk);
    isKept ??= isWorthIt(kept.bytes);
    if (length > size) isKept = false;
    if (isKept === false) kept.shrink();
    if (isTooMuch || length <= size + READ_ON) return;
    isTooMuch = true;
    // A connection that is closed over unread bytes could lose the answer.
    const cut = new Alarm(() => request.destroy());
    if (Number.isFinite(timeout)) deadlines.set(cut, timeout);
    request.on('close', () => deadlines.clear(cut));
    then('TOO_LARGE');
  });
  request.on('end', () => {
    if (!isTooMuch) then(length > size ? 'TOO_LARGE' : kept.bytes);
  });
}

/** Bytes in one piece, however small the pieces are in which they come: each as a buffer would take a hundred more. */
class Kept {
  readonly #most: number;
  #buffer = Buffer.alloc(0);
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** What is more than the most is left out. */
  add(chunk: Buffer): void {
    const length = Math.min(this.#most, this.#length + chunk.length);
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#most, Math.max(length, 2 * this.#buffer.length)));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#length += chunk.copy(this.#buffer, this.#length, 0, length - this.#length);
  }

  /** Frees all but the beginning. */
  shrink(): void {
    if (this.#length <= LEAST_KEPT) return;
    this.#buffer = Buffer.from(this.#buffer.subarray(0, LEAST_KEPT));
    this.#length = LEAST_KEPT;
  }
}
