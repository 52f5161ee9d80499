import type { Header } from './headers.ts';

// Why a server refuses a request, and how it says so. Nothing of this is thrown. A server that has refused a request
// closes the connection: what follows the request on it was perhaps not meant as HTTP.

interface Rule {
  readonly status: number;
  readonly message: string;
  readonly headers: readonly Header[];
}

// RFC 9110, 15.5.22: 426 MUST come with Upgrade, and 7.8: Upgrade MUST be named in Connection.
const upgradeHeaders: readonly Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
];

const bad = (message: string): Rule => ({ status: 400, message, headers: [] });

/** Every rule for a client's request, by its stable code, with the answer to who breaks it. */
export const refusals = {
  METHOD: { status: 405, message: 'The method must be GET (RFC 6455, 4.1)', headers: [['Allow', 'GET']] },
  HTTP_VERSION: bad('The request must be HTTP/1.1 or later (RFC 6455, 4.1)'),
  REQUEST_TARGET: bad('The request target must be a path or an absolute http or https URI (RFC 6455, 4.2.1)'),
  HOST: bad('There must be one Host header with a valid host (RFC 6455, 4.1; RFC 9112, 3.2)'),
  BODY: bad('The request must not have a body'),
  SCHEME: bad('The :scheme must be "https" or "http" (RFC 8441, 5)'),
  UPGRADE_REQUIRED: {
    status: 426,
    message: 'This is a WebSocket endpoint: the request must ask for an upgrade (RFC 6455, 4.1)',
    headers: upgradeHeaders,
  },
  UPGRADE: bad('The Upgrade header must contain "websocket" (RFC 6455, 4.1)'),
  CONNECTION: bad('The Connection header must contain "Upgrade" (RFC 6455, 4.1)'),
  VERSION: {
    status: 426,
    message: 'There must be one Sec-WebSocket-Version header with a supported version (RFC 6455, 4.4)',
    headers: [...upgradeHeaders, ['Sec-WebSocket-Version', '13, 8']],
  },
  KEY: bad('There must be one Sec-WebSocket-Key header with 16 bytes in base64 (RFC 6455, 4.1)'),
  SUBPROTOCOLS: bad('Sec-WebSocket-Protocol must be a list of tokens, none of them twice (RFC 6455, 4.1)'),
  EXTENSIONS: bad('Sec-WebSocket-Extensions is malformed (RFC 6455, 9.1)'),
  ORIGIN: bad('There must not be more than one origin (RFC 6455, 4.1)'),
} as const satisfies Record<string, Rule>;

export type RefusalCode = keyof typeof refusals;

/** The answer to a request that is no valid opening handshake. */
export interface Refusal {
  readonly status: number;
  /** Stable, one per rule: see `refusals`. */
  readonly code: RefusalCode;
  readonly message: string;
  /** What the status demands. `Connection: close` is for who sends it to add. */
  readonly headers: readonly Header[];
}

/** The headers of HTTP/1.1 that no other version has: RFC 9113, 8.2.2. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Those among `headers` that HTTP/2 may have. */
export function withoutConnectionHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => !ofConnection.has(name.toLowerCase()));
}

export function refuse(code: RefusalCode): Refusal {
  return { code, ...refusals[code] };
}
