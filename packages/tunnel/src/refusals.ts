// Why a request of a tunnel is refused, and how that is said: PROTOCOL.md, section 8. Nothing of this is thrown.

interface Rule {
  readonly status: number;
  readonly message: string;
  /** Whether the client tries the same again, after a while. */
  readonly isPassing: boolean;
}

const lasting = (status: number, message: string): Rule => ({ status, message, isPassing: false });
const passing = (status: number, message: string): Rule => ({ status, message, isPassing: true });

/** Every rule for the requests of a client, by its stable code, with the status that answers who breaks it. */
export const tunnelRefusals = {
  MALFORMED: lasting(400, 'The body is not what a request of the tunnel has'),
  VERSION: lasting(400, 'The tunnel speaks version 1 only'),
  TRUNCATED: passing(400, 'The body was cut off: it does not end with DONE'),
  FOREIGN_ORIGIN: lasting(403, 'Pages of this origin may not use the session'),
  UNKNOWN_SESSION: lasting(404, 'There is no such session'),
  METHOD: lasting(405, 'The method must be POST'),
  ACKNOWLEDGEMENT: lasting(409, 'What is acknowledged was never sent'),
  BEYOND_WINDOW: lasting(409, 'There is more data than the limit allows'),
  BEYOND_END: lasting(409, 'The stream has ended before this'),
  OUT_OF_ORDER: passing(409, 'Too much is missing before this'),
  TOO_LARGE: lasting(413, 'The body is larger than maxBodySize'),
  CONTENT_TYPE: lasting(415, 'The type must be text/plain'),
  TOO_MANY_REQUESTS: passing(429, 'Too many requests of the session are under way'),
  UNAVAILABLE: passing(503, 'The server cannot serve this now'),
} as const satisfies Record<string, Rule>;

export type TunnelRefusalCode = keyof typeof tunnelRefusals;

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

/** What `text` says as JSON; `undefined` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A property of what may be no object at all. */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
