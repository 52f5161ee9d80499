import type { Platform } from '../platform.ts';
import { type ExtensionOffer, readExtensions, serializeExtensions } from './extension-header.ts';
import { failHandshake, type HandshakeFailure } from './failures.ts';
import { areUniqueTokens, includesIgnoringCase, isHost } from './grammar.ts';
import { assertAddedHeaders, assertHeader, type Header, type HeaderList } from './headers.ts';
import { acceptFor, createKey, isKey } from './key.ts';
import type { ProtocolVersion } from './server.ts';

// The client's side of the opening handshake: RFC 6455, 4.1.

export interface RequestOptions {
  readonly platform: Platform;
  /** Host and, unless it is the scheme's default, port. */
  readonly host: string;
  /** Path and query: what 3 calls the resource name. */
  readonly target: string;
  /** Default: none. Browsers always send one. */
  readonly origin?: string | undefined;
  /** Default 13. */
  readonly version?: ProtocolVersion | undefined;
  /** In order of preference. Default: none. */
  readonly subprotocols?: readonly string[] | undefined;
  /** In order of preference. Default: none. */
  readonly extensions?: readonly ExtensionOffer[] | undefined;
  /** Further headers, such as Cookie or Authorization. */
  readonly headers?: readonly Header[] | undefined;
  /** Default: a new one. */
  readonly key?: string | undefined;
}

/** What a client asks for, which the response must keep to. */
export interface SentOffer {
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

/** A request to send by GET over HTTP/1.1, and what is needed to check the response to it. */
export interface SentRequest extends SentOffer {
  readonly target: string;
  readonly headers: readonly Header[];
  readonly key: string;
  /** What Sec-WebSocket-Accept must say. */
  readonly expectedAccept: string;
}

/**
 * The request that asks for a connection. Send it, and give what answers it to `checkResponse`.
 * @throws RangeError if the version is none of the two
 * @throws SyntaxError if the subprotocols are not all different tokens
 * @throws TypeError naming what is wrong with the host, target, origin, key, an extension or a header
 */
export function createRequest(options: RequestOptions): SentRequest {
  const { platform, host, target, origin, version = 13, key = createKey(platform) } = options;
  const { subprotocols = [], extensions = [], headers: added = [] } = options;
  if (!isHost(host)) throw new TypeError(`${JSON.stringify(host)} is not a host`);
  // 3: the resource name is a path and a query; 4.1: it goes into the request line, where a space would end it
  if (!/^\/[!"$-~]*$/.test(target)) {
    throw new TypeError(`${JSON.stringify(target)} is not a path and a query in printable ASCII`);
  }
  if (version !== 13 && version !== 8) throw new RangeError(`The version must be 13 or 8, not ${String(version)}`);
  if (!isKey(key)) throw new TypeError(`${JSON.stringify(key)} is not the base64 of 16 bytes`);
  // 4.1, item 10
  if (!areUniqueTokens(subprotocols)) throw new SyntaxError('The subprotocols must be tokens, none of them twice');
  assertAddedHeaders(added, ['host', 'origin']);

  const headers: Header[] = [
    ['Host', host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', String(version)],
  ];
  if (origin !== undefined) headers.push([version === 8 ? 'Sec-WebSocket-Origin' : 'Origin', origin]);
  if (subprotocols.length > 0) headers.push(['Sec-WebSocket-Protocol', subprotocols.join(', ')]);
  if (extensions.length > 0) headers.push(['Sec-WebSocket-Extensions', serializeExtensions(extensions)]);
  headers.push(...added);
  for (const [name, value] of headers) assertHeader(name, value);
  return { target, headers, key, expectedAccept: acceptFor(key, platform), subprotocols, extensions };
}

export type ResponseResult =
  | {
      readonly ok: true;
      /** Empty if the server chose none. */
      readonly subprotocol: string;
      /** What the server answered to the extensions offered. Their parameters are yet to be checked. */
      readonly extensions: readonly ExtensionOffer[];
    }
  | HandshakeFailure;

/** Checks the server's response by the six rules at the end of 4.1. Never throws. If it fails, close the byte stream. */
export function checkResponse(
  sent: SentRequest,
  response: { readonly status: number; readonly headers: HeaderList },
): ResponseResult {
  const { status, headers } = response;
  if (status !== 101) return failHandshake('STATUS'); // rule 1
  // rule 2
  const upgrades = headers.all('Upgrade');
  if (upgrades.length !== 1 || !includesIgnoringCase(upgrades, 'websocket')) {
    return failHandshake('UPGRADE');
  }
  // rule 3
  if (!includesIgnoringCase(headers.list('Connection'), 'upgrade')) {
    return failHandshake('CONNECTION');
  }
  // rule 4, and 11.3.3: not more than once
  const accepts = headers.all('Sec-WebSocket-Accept');
  if (accepts.length !== 1 || accepts[0] !== sent.expectedAccept) return failHandshake('ACCEPT');
  return checkChoice(sent, headers);
}

/** Checks what the server chose of what was offered: the last of the rules, which hold for all versions of HTTP. */
export function checkChoice(sent: SentOffer, headers: HeaderList): ResponseResult {
  // rule 5
  const extensions = readExtensions(headers);
  if (extensions === undefined) return failHandshake('EXTENSIONS');
  const offered = new Set(sent.extensions.map(({ name }) => name));
  if (!extensions.every(({ name }) => offered.has(name))) return failHandshake('EXTENSION_NOT_OFFERED');
  // rule 6, and 11.3.4: not more than once
  const subprotocols = headers.all('Sec-WebSocket-Protocol');
  if (subprotocols.length > 1 || !subprotocols.every((name) => sent.subprotocols.includes(name))) {
    return failHandshake('SUBPROTOCOL');
  }
  return { ok: true, subprotocol: subprotocols.join(), extensions };
}
