import type { LostConnection } from './attempt.ts';

// What a server says about coming back: in the reason of its Close frame, or in the header Retry-After of the response
// that refused the handshake (RFC 9110, 10.2.3), which a browser keeps to itself.
//
// In a reason it stands last: `retry-after=30`, in seconds, or `retry-after=never`, behind whatever else is said, as in
// `restart; retry-after=30`.

/** What is obeyed at most, in milliseconds: a day. */
export const LONGEST_WAIT = 24 * 60 * 60 * 1000;

/** Milliseconds before which the server does not want to see this client again, or `'never'`. */
export type RetryHint = number | 'never';

const IN_REASON = /(?:^|[\s;,])retry-after=(never|\d+(?:\.\d+)?)$/i;

/** @param today the time, in milliseconds since 1970 */
export function hintOf({ reason, failure }: LostConnection, today: number): RetryHint | undefined {
  const header = retryAfterOf(failure);
  return header === undefined ? hintInReason(reason) : hintInHeader(header, today);
}

function hintInReason(reason: string): RetryHint | undefined {
  const [, value] = IN_REASON.exec(reason) ?? [];
  if (value === undefined) return undefined;
  return value.toLowerCase() === 'never' ? 'never' : bounded(Number(value) * 1000);
}

/** @param value seconds, or a date */
function hintInHeader(value: string, today: number): RetryHint | undefined {
  if (/^\d+$/.test(value)) return bounded(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : bounded(date - today);
}

function bounded(milliseconds: number): number {
  return Math.min(LONGEST_WAIT, Math.max(0, milliseconds));
}

/** The header of the response in a failure of this package's WebSocket on Node. */
function retryAfterOf(failure: unknown): string | undefined {
  const response = memberOf(failure, 'response');
  const headers = memberOf(response, 'headers');
  const get = memberOf(headers, 'get');
  const value: unknown = typeof get === 'function' ? Reflect.apply(get, headers, ['Retry-After']) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
