import type { DeflateAcceptance } from '../extensions/negotiation.ts';
import type { Platform } from '../platform.ts';
import { type ExtensionOffer, parseExtensions, serializeExtensions } from './extension-header.ts';
import { areUniqueTokens, isHost, listElements, listIncludes } from './grammar.ts';
import { assertAddedHeaders, type Header, type HeaderList } from './headers.ts';
import { acceptFor, isKey } from './key.ts';
import { type OpeningHeaders, REPEATED, readOpeningHeaders } from './opening-headers.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';

// The server's side of the opening handshake: RFC 6455, 4.2. Version 13 is the RFC; version 8 is what the drafts
// hybi-08 to hybi-12 spoke, on the wire the same but for the name of the header with the origin.

export type ProtocolVersion = 13 | 8;

/** What all responses begin with that open a connection. The answer to the key follows. */
const ACCEPTED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ';

/** Most clients ask for nothing of what they may ask for. */
const NONE: readonly never[] = [];

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
  /** Empty over HTTP/2, which has none (RFC 8441, 5). */
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

/**
 * Checks a client's request (4.2.1). Never throws: what is not a valid handshake comes with the answer it deserves.
 * @param said what `readOpeningHeaders` found, for who has asked already
 */
export function readRequest(request: IncomingRequest, said = readOpeningHeaders(request.headers)): OpeningResult {
  const broken = brokenHttpRule(request, said) ?? brokenUpgradeRule(said);
  return broken === undefined ? readHandshake(request, said, true) : refused(broken);
}

/**
 * What the handshakes of all versions of HTTP have in common.
 * @param hasKey whether there must be a key
 */
export function readHandshake(
  { headers, target }: Pick<IncomingRequest, 'headers' | 'target'>,
  said: OpeningHeaders,
  hasKey: boolean,
): OpeningResult {
  const { host, key } = said;
  if (host === undefined || !isHost(host)) return refused('HOST');

  // 4.4: a version that is not spoken here is answered by those that are, before anything else of it is read
  const version = readVersion(said);
  if (version === undefined) return refused('VERSION');
  if (hasKey && (key === undefined || !isKey(key))) return refused('KEY');
  // 4.1, item 10: tokens, all of them different. An empty list is not one (11.3.4: 1#token).
  const subprotocols = said.subprotocols === undefined ? NONE : listElements(said.subprotocols);
  if (subprotocols !== NONE && (subprotocols.length === 0 || !areUniqueTokens(subprotocols))) {
    return refused('SUBPROTOCOLS');
  }
  const extensions = said.extensions === undefined ? NONE : parseExtensions(said.extensions);
  if (extensions === undefined) return refused('EXTENSIONS');
  const origin = readOrigin(said, version);
  if (origin === REPEATED) return refused('ORIGIN');
  const opening = { version, key: (hasKey && key) || '', host, target, origin, subprotocols, extensions, headers };
  return { ok: true, opening };
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
 * The whole response that opens the connection (4.2.2, item 5), one character per byte: to be written as Latin-1. Send it,
 * and speak frames from the next byte on.
 * @throws TypeError if the subprotocol was not asked for, the extension was not offered, or a header is invalid or one
 *   that the handshake sets itself
 */
export function acceptRequest(opening: OpeningRequest, platform: Platform, choice: OpeningChoice): string {
  let response = `${ACCEPTED}${acceptFor(opening.key, platform)}\r\n`;
  for (const [name, value] of chosenHeaders(opening, choice)) response += `${name}: ${value}\r\n`;
  return `${response}\r\n`;
}

/** What the response says of a choice, beside what all responses say. Throws as `acceptRequest` does. */
export function chosenHeaders(opening: OpeningRequest, choice: OpeningChoice): readonly Header[] {
  const { subprotocol, deflate, headers: added = NONE } = choice;
  if (subprotocol === undefined && deflate === undefined && added.length === 0) return NONE;
  const headers: Header[] = [];
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
  return [...headers, ...added];
}

/** What a request breaks of the rules of HTTP that a handshake stands on. */
function brokenHttpRule(
  { method, httpVersion, target }: IncomingRequest,
  { hasBody }: OpeningHeaders,
): RefusalCode | undefined {
  if (method !== 'GET') return 'METHOD';
  if (httpVersion !== '1.1' && !/^(?:1\.[1-9]|[2-9]\.[0-9])$/.test(httpVersion)) return 'HTTP_VERSION';
  if (!isTarget(target)) return 'REQUEST_TARGET';
  return hasBody ? 'BODY' : undefined;
}

/** A path, or an absolute URL (RFC 9112, 3.2). */
export function isTarget(target: string): boolean {
  return target.startsWith('/') || /^https?:\/\//i.test(target);
}

function brokenUpgradeRule({ upgrade, connection }: OpeningHeaders): RefusalCode | undefined {
  if (upgrade === undefined) return 'UPGRADE_REQUIRED';
  if (!listIncludes(upgrade, 'websocket')) return 'UPGRADE';
  return connection !== undefined && listIncludes(connection, 'upgrade') ? undefined : 'CONNECTION';
}

function readVersion({ version }: OpeningHeaders): ProtocolVersion | undefined {
  if (version === '13') return 13;
  return version === '8' ? 8 : undefined;
}

/** Version 8 calls it Sec-WebSocket-Origin; a client of version 8 that sends Origin instead is understood too. */
function readOrigin({ origin, olderOrigin }: OpeningHeaders, version: ProtocolVersion): string | undefined {
  if (version !== 8 || olderOrigin === undefined) return origin;
  return origin === undefined ? olderOrigin : REPEATED;
}

function refused(code: RefusalCode): OpeningResult {
  return { ok: false, refusal: refuse(code) };
}
