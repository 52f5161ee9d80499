import type { DeflateAcceptance } from '../extensions/negotiation.ts';
import type { Platform } from '../platform.ts';
import { type ExtensionOffer, readExtensions, serializeExtensions } from './extension-header.ts';
import { areUniqueTokens, includesIgnoringCase, isHost } from './grammar.ts';
import { assertAddedHeaders, type Header, type HeaderList } from './headers.ts';
import { acceptFor, isKey } from './key.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';
import type { ResponseHead } from './response.ts';

// The server's side of the opening handshake: RFC 6455, 4.2. Version 13 is the RFC; version 8 is what the drafts
// hybi-08 to hybi-12 spoke, on the wire the same but for the name of the header with the origin.

export type ProtocolVersion = 13 | 8;

/** A request as the HTTP server has read it. */
export interface IncomingRequest {
  readonly method: string;
  /** Such as `1.1`. */
  readonly httpVersion: string;
  readonly target: string;
  readonly headers: HeaderList;
}

/** A request that is a valid opening handshake. */
export interface OpeningRequest {
  readonly version: ProtocolVersion;
  readonly key: string;
  readonly host: string;
  readonly target: string;
  /** As sent, not checked: whom to admit is for the application to say. Who is no browser sends none. */
  readonly origin: string | undefined;
  /** In the client's order of preference. */
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
  readonly headers: HeaderList;
}

export type OpeningResult =
  | { readonly ok: true; readonly opening: OpeningRequest }
  | { readonly ok: false; readonly refusal: Refusal };

/** Checks a client's request (4.2.1). Never throws: what is not a valid handshake comes with the answer it deserves. */
export function readRequest(request: IncomingRequest): OpeningResult {
  const { headers, target } = request;
  const broken = brokenHttpRule(request) ?? brokenUpgradeRule(headers);
  if (broken !== undefined) return refused(broken);
  const host = only(headers.all('Host'));
  if (host === undefined || !isHost(host)) return refused('HOST');

  // 4.4: a version that is not spoken here is answered by those that are, before anything else of it is read
  const version = readVersion(headers);
  if (version === undefined) return refused('VERSION');
  const key = only(headers.all('Sec-WebSocket-Key'));
  if (key === undefined || !isKey(key)) return refused('KEY');
  // 4.1, item 10: tokens, all of them different. An empty list is not one (11.3.4: 1#token).
  const subprotocols = headers.list('Sec-WebSocket-Protocol');
  const namesNone = headers.has('Sec-WebSocket-Protocol') && subprotocols.length === 0;
  if (namesNone || !areUniqueTokens(subprotocols)) return refused('SUBPROTOCOLS');
  const extensions = readExtensions(headers);
  if (extensions === undefined) return refused('EXTENSIONS');
  const origins = readOrigins(headers, version);
  if (origins.length > 1) return refused('ORIGIN');
  return { ok: true, opening: { version, key, host, target, origin: origins[0], subprotocols, extensions, headers } };
}

/** What a server decides about a valid request. */
export interface OpeningChoice {
  /** One of those that the client asked for. Default: none. */
  readonly subprotocol?: string | undefined;
  /** What `acceptDeflate` returned. Default: no compression. */
  readonly deflate?: DeflateAcceptance | undefined;
  /** Further headers, such as Set-Cookie. */
  readonly headers?: readonly Header[] | undefined;
}

/**
 * The response that opens the connection (4.2.2, item 5). Send it, and speak frames from the next byte on.
 * @throws TypeError if the subprotocol was not asked for, the extension was not offered, or a header is invalid or one
 *   that the handshake sets itself
 */
export function acceptRequest(opening: OpeningRequest, platform: Platform, choice: OpeningChoice): ResponseHead {
  const { subprotocol, deflate, headers: added = [] } = choice;
  const headers: Header[] = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', acceptFor(opening.key, platform)],
  ];
  if (subprotocol !== undefined) {
    if (!opening.subprotocols.includes(subprotocol)) {
      throw new TypeError(`The subprotocol ${JSON.stringify(subprotocol)} is not one that the client asked for`);
    }
    headers.push(['Sec-WebSocket-Protocol', subprotocol]);
  }
  if (deflate !== undefined) {
    if (!opening.extensions.some(({ name }) => name === deflate.response.name)) {
      throw new TypeError('The client did not offer permessage-deflate');
    }
    headers.push(['Sec-WebSocket-Extensions', serializeExtensions([deflate.response])]);
  }
  assertAddedHeaders(added, []);
  return { status: 101, headers: [...headers, ...added] };
}

/** What a request breaks of the rules of HTTP that a handshake stands on. */
function brokenHttpRule({ method, httpVersion, target, headers }: IncomingRequest): RefusalCode | undefined {
  if (method !== 'GET') return 'METHOD';
  if (!/^(?:1\.[1-9]|[2-9]\.[0-9])$/.test(httpVersion)) return 'HTTP_VERSION';
  if (!/^(?:\/|https?:\/\/)/i.test(target)) return 'REQUEST_TARGET';
  // Whoever takes the connection over reads what follows the headers as frames, so a body would pass for frames.
  const isEmpty = headers.all('Content-Length').every((length) => /^0+$/.test(length));
  return isEmpty && !headers.has('Transfer-Encoding') ? undefined : 'BODY';
}

function brokenUpgradeRule(headers: HeaderList): RefusalCode | undefined {
  if (!headers.has('Upgrade')) return 'UPGRADE_REQUIRED';
  if (!includesIgnoringCase(headers.list('Upgrade'), 'websocket')) return 'UPGRADE';
  return includesIgnoringCase(headers.list('Connection'), 'upgrade') ? undefined : 'CONNECTION';
}

function readVersion(headers: HeaderList): ProtocolVersion | undefined {
  const version = only(headers.all('Sec-WebSocket-Version'));
  if (version === '13') return 13;
  return version === '8' ? 8 : undefined;
}

/** Version 8 calls it Sec-WebSocket-Origin; a client of version 8 that sends Origin instead is understood too. */
function readOrigins(headers: HeaderList, version: ProtocolVersion): readonly string[] {
  const origins = headers.all('Origin');
  return version === 8 ? [...headers.all('Sec-WebSocket-Origin'), ...origins] : origins;
}

function only(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function refused(code: RefusalCode): OpeningResult {
  return { ok: false, refusal: refuse(code) };
}
