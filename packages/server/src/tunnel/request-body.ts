import type { Readable } from 'node:stream';
import { Alarm, type Deadlines } from '@tidewire/node';

/** How much of what is too large is still read, so that the client can be told: it may not listen before it has sent it. */
const READ_ON = 1024 * 1024;

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
 */
export function readBody(request: Readable, limits: BodyLimits, then: (body: Buffer | 'TOO_LARGE') => void): void {
  const { size, timeout, deadlines } = limits;
  let chunks: Buffer[] = [];
  let length = 0;
  let isTooMuch = false;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= size) chunks.push(chunk);
    else chunks = [];
    if (isTooMuch || length <= size + READ_ON) return;
    isTooMuch = true;
    // A connection that is closed over unread bytes could lose the answer.
    const cut = new Alarm(() => request.destroy());
    if (Number.isFinite(timeout)) deadlines.set(cut, timeout);
    request.on('close', () => deadlines.clear(cut));
    then('TOO_LARGE');
  });
  request.on('end', () => {
    if (!isTooMuch) then(length > size ? 'TOO_LARGE' : Buffer.concat(chunks));
  });
}
