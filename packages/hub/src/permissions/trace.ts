import type { ConnectRequest } from '../client.ts';
import type { Trace } from '../permissions.ts';

// Trace context of a handshake, if it is one: it goes on into headers of requests.

/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** 3.3.1.5: 512 characters must go through; here none more do. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

export function traceOf(headers: ConnectRequest['headers']): Trace | undefined {
  const { traceparent, tracestate } = headers ?? {};
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  const state = typeof tracestate === 'object' ? tracestate.join(',') : tracestate;
  return state !== undefined && TRACESTATE.test(state) ? { traceparent, tracestate: state } : { traceparent };
}
