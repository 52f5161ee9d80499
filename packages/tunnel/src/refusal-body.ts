import { parseJson, property, type TunnelRefusalCode } from './refusals.ts';

// How a server says why it refuses a request. A client needs no more than the code.

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Every rule for the requests of a client, by its code, with the status that answers who breaks it. */
export const tunnelRefusals: Readonly<Record<TunnelRefusalCode, Refusal>> = {
  MALFORMED: { status: 400, message: 'The body is not what a request of the tunnel has' },
  VERSION: { status: 400, message: 'The tunnel speaks version 1 only' },
  TRUNCATED: { status: 400, message: 'The body was cut off: it does not end with DONE' },
  FOREIGN_ORIGIN: { status: 403, message: 'Pages of this origin may not use the session' },
  UNKNOWN_SESSION: { status: 404, message: 'There is no such session' },
  METHOD: { status: 405, message: 'The method must be POST' },
  ACKNOWLEDGEMENT: { status: 409, message: 'What is acknowledged was never sent' },
  BEYOND_WINDOW: { status: 409, message: 'There is more data than the limit allows' },
  BEYOND_END: { status: 409, message: 'The stream has ended before this' },
  OUT_OF_ORDER: { status: 409, message: 'Too much is missing before this' },
  TOO_LARGE: { status: 413, message: 'The body is larger than maxBodySize' },
  CONTENT_TYPE: { status: 415, message: 'The type must be text/plain' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests of the session are under way' },
  UNAVAILABLE: { status: 503, message: 'The server cannot serve this now' },
};

/** The body of the answer: JSON, all ASCII. */
export function refusalBody(code: TunnelRefusalCode): string {
  return JSON.stringify({ error: { code, message: tunnelRefusals[code].message } });
}

/** The code that a body says, or `undefined` if it is none of a tunnel. */
export function readRefusal(body: string): TunnelRefusalCode | undefined {
  const code = property(property(parseJson(body), 'error'), 'code');
  return typeof code === 'string' && isRefusalCode(code) ? code : undefined;
}

function isRefusalCode(code: string): code is TunnelRefusalCode {
  return Object.hasOwn(tunnelRefusals, code);
}
