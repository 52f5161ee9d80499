import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Alarm, type Deadlines } from '@tidewire/node';
import { type Header, type Refusal, type RefusalCode, serializeResponse } from '@tidewire/protocol';
import type { TunnelRefusalCode } from '@tidewire/tunnel';

// How an upgrade is refused: with a whole HTTP response, after which the connection ends. What the client has pipelined
// behind its request is read and thrown away: it is served by nobody, and a reset over unread data could destroy the
// response before the client has seen it.

export interface RejectionInit {
  /** Further headers. Content-Length and `Connection: close` are there already. */
  readonly headers?: readonly Header[] | undefined;
  /** Sent as UTF-8. Default: the status in words. */
  readonly body?: string | undefined;
}

/** An answer that refuses an upgrade: what `request.reject` returns, and `upgrade` returns in its turn. */
export class Rejection {
  readonly status: number;
  /** Those that were added, and the type of the body. */
  readonly headers: readonly Header[];
  readonly body: string;
  /** The whole HTTP response, one character per byte. */
  readonly response: string;

  /**
   * @throws RangeError if the status is not 300 to 599
   * @throws TypeError if a header is invalid, or one of those that the refusal sets itself
   */
  constructor(status: number, init: RejectionInit = {}) {
    if (!Number.isInteger(status) || status < 300 || status > 599) {
      throw new RangeError(`The status of a refusal must be an integer from 300 to 599, not ${String(status)}`);
    }
    const { headers = [] } = init;
    const phrase = STATUS_CODES[status] ?? '';
    const body = init.body ?? (status === 304 ? '' : `${phrase}\n`);
    const hasType = headers.some(([name]) => String(name).toLowerCase() === 'content-type');
    const typed: readonly Header[] = hasType || body === '' ? [] : [['Content-Type', 'text/plain; charset=utf-8']];
    this.status = status;
    this.headers = [...typed, ...headers];
    this.body = body;
    this.response = serializeResponse({
      status,
      reason: phrase,
      headers: [['Connection', 'close'], ...this.headers],
      body,
    });
  }
}

/** Sends the refusal and frees the connection, at the latest after `timeout` milliseconds. */
export function sendRefusal(stream: Duplex, rejection: Rejection, deadlines: Deadlines, timeout: number): void {
  stream.on('error', ignore);
  if (stream.destroyed) return;
  const cut = new Alarm(() => stream.destroy());
  if (Number.isFinite(timeout)) deadlines.set(cut, timeout);
  stream.on('close', () => deadlines.clear(cut));
  stream.end(rejection.response, 'latin1');
  stream.resume();
}

/** For the `error` event of a stream whose `close` event says enough: without a listener it would end the process. */
export function ignore(): void {}

/** Why an upgrade is refused that is a valid handshake, or is for no endpoint: beside the codes of the protocol's rules. */
export type RefusedReason =
  | RefusalCode
  | TunnelRefusalCode
  | 'NO_ENDPOINT'
  | 'TOO_MANY_HEADERS'
  | 'ORIGIN_REQUIRED'
  | 'FOREIGN_ORIGIN'
  | 'TOO_MANY_CONNECTIONS'
  | 'DRAINING'
  | 'HANDSHAKE_TIMEOUT'
  | 'UPGRADE_THREW'
  | 'REJECTED';

/** How long a client is asked to wait by a 503, in seconds. */
const retryAfter: RejectionInit = { headers: [['Retry-After', '5']] };

/** The answers that say nothing but a status. */
export const rejections = {
  NO_ENDPOINT: new Rejection(404),
  TOO_MANY_HEADERS: new Rejection(431),
  ORIGIN_REQUIRED: new Rejection(403),
  FOREIGN_ORIGIN: new Rejection(403),
  TOO_MANY_CONNECTIONS: new Rejection(503, retryAfter),
  DRAINING: new Rejection(503, retryAfter),
  HANDSHAKE_TIMEOUT: new Rejection(503, retryAfter),
  // Without details: they are for the application, not for the client.
  UPGRADE_THREW: new Rejection(500),
} as const satisfies Partial<Record<RefusedReason, Rejection>>;

/** The answer to what is no valid handshake. */
export function rejectionOf(refusal: Refusal): Rejection {
  return new Rejection(refusal.status, { headers: refusal.headers, body: `${refusal.message}\n` });
}
