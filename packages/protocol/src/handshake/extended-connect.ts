import { checkChoice, createRequest, type RequestOptions, type ResponseResult, type SentOffer } from './client.ts';
import { failHandshake } from './failures.ts';
import type { Header, HeaderList } from './headers.ts';
import { readOpeningHeaders } from './opening-headers.ts';
import { type Refusal, type RefusalCode, refusals, refuse, withoutConnectionHeaders } from './refusals.ts';
import {
  chosenHeaders,
  isTarget,
  type OpeningChoice,
  type OpeningRequest,
  type OpeningResult,
  readHandshake,
} from './server.ts';

// The opening handshake over HTTP/2, for both sides: RFC 8441. A request by the extended CONNECT method takes the place of
// the upgrade, and status 200 that of 101. There is no processing of Sec-WebSocket-Key and Sec-WebSocket-Accept, nor are
// there Upgrade and Connection (5); the stream of the request then carries the frames.

/** A request by extended CONNECT with the `:protocol` "websocket", as the HTTP/2 server has read it. */
export interface IncomingConnect {
  /** As `:scheme` says it. */
  readonly scheme: string;
  /** As `:path` says it. */
  readonly target: string;
  /** Without pseudo-headers, and with `:authority` as Host, which it stands for (RFC 9113, 8.3.1). */
  readonly headers: HeaderList;
}

/**
 * Checks a client's request. Never throws: what is not a valid handshake comes with the answer it deserves.
 * @param said what `readOpeningHeaders` found, for who has asked already
 */
export function readConnect(request: IncomingConnect, said = readOpeningHeaders(request.headers)): OpeningResult {
  const { scheme, target } = request;
  // 5: the scheme MUST be "https" for `wss:`, and "http" for `ws:`
  if (scheme !== 'https' && scheme !== 'http') return refused('SCHEME');
  if (!isTarget(target)) return refused('REQUEST_TARGET');
  if (said.hasBody) return refused('BODY');
  const result = readHandshake(request, said, false);
  return result.ok ? result : refused(result.refusal.code);
}

/**
 * The headers of the response that opens the connection, beside `:status` 200. Send them, and speak frames on the stream.
 * @throws TypeError as `acceptRequest` does
 */
export function acceptConnect(opening: OpeningRequest, choice: OpeningChoice): readonly Header[] {
  return withoutConnectionHeaders(chosenHeaders(opening, choice));
}

function refused(code: RefusalCode): OpeningResult {
  return { ok: false, refusal: withoutUpgrade(refuse(code)) };
}

/** RFC 9110, 15.5.22: 426 MUST come with Upgrade, which HTTP/2 has not. So 400 says it there. */
function withoutUpgrade(refusal: Refusal): Refusal {
  const status = refusal.status === refusals.VERSION.status ? 400 : refusal.status;
  return { ...refusal, status, headers: withoutConnectionHeaders(refusal.headers) };
}

/** A request to send by extended CONNECT, and what is needed to check the response to it. */
export interface SentConnect extends SentOffer {
  /** With the pseudo-headers in front. */
  readonly headers: readonly Header[];
}

/** What a request over HTTP/2 is made of. */
export interface ConnectOptions extends Omit<RequestOptions, 'key'> {
  /** Of the URL of the server: `https` for `wss:`. */
  readonly scheme: 'http' | 'https';
}

/**
 * The request that asks for a connection over HTTP/2. Send it only where the server's settings have
 * SETTINGS_ENABLE_CONNECT_PROTOCOL (3), and give what answers it to `checkConnectResponse`.
 * @throws as `createRequest` does
 */
export function createConnect(options: ConnectOptions): SentConnect {
  const { scheme, host, target } = options;
  const { headers, subprotocols, extensions } = createRequest(options);
  const pseudo: readonly Header[] = [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', scheme],
    [':path', target],
    [':authority', host],
  ];
  const unused = ['host', 'sec-websocket-key'];
  const used = withoutConnectionHeaders(headers).filter(([name]) => !unused.includes(name.toLowerCase()));
  return { headers: [...pseudo, ...used], subprotocols, extensions };
}

/** Checks the server's response. Never throws. If it fails, cancel the stream. */
export function checkConnectResponse(
  sent: SentConnect,
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
): ResponseResult {
  // 5.1: the answer is 200, and no other status says that what follows are frames
  return status === 200 ? checkChoice(sent, headers) : failHandshake('STATUS');
}
