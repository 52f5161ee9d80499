import type { Trace } from '@tidewire/hub';
import { Problem } from './problems.ts';

// What the headers of a request say beside its body.

/** W3C Trace Context, 3.2. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** As many characters of `tracestate` as must be passed on (3.3.1.5). */
const MOST_STATE = 512;

const LONGEST_KEY = 255;

/** What is not valid is as if it were not there. */
export function traceOf(headers: Headers): Trace | undefined {
  const traceparent = headers.get('traceparent');
  const [, version, rest] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  // 4.3: only of a later version more may follow.
  if (traceparent === null || version === undefined || (version === '00' && rest !== undefined)) return undefined;
  const tracestate = headers.get('tracestate');
  return tracestate === null || tracestate.length > MOST_STATE ? { traceparent } : { traceparent, tracestate };
}

/**
 * With quotes, as a string of structured fields (RFC 9651), or without.
 * @throws Problem `invalid-request`
 */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const given = headers.get('idempotency-key');
  if (given === null) return undefined;
  const key = /^"((?:[^"\\]|\\["\\])*)"$/.exec(given)?.[1]?.replace(/\\(.)/g, '$1') ?? given;
  if (key !== '' && key.length <= LONGEST_KEY && /^[\x20-\x7e]+$/.test(key)) return key;
  const detail = `must be 1 to ${LONGEST_KEY} characters of ASCII`;
  throw new Problem('invalid-request', { errors: [{ header: 'Idempotency-Key', detail }] });
}
