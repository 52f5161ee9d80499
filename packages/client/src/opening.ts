import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { destroyStream, nodePlatform } from '@tidewire/node';
import {
  checkConnectResponse,
  checkDeflate,
  checkResponse,
  createConnect,
  createRequest,
  type DeflateAgreement,
  type Header,
  type HeaderList,
  type RequestOptions,
  type ResponseResult,
  type SentOffer,
  type SentRequest,
  serializeExtensions,
} from '@tidewire/protocol';
import { type Carrier, type CarrierOwner, SocketCarrier } from './carrier.ts';
import { takeTurn } from './connecting-queue.ts';
import { type Answer, exchange } from './exchange.ts';
import { asFailure, failure, handshakeFailure } from './failures.ts';
import { type Dialled, dialHttp2, placeOf } from './http2/dial.ts';
import { askOverHttp2, type Http1Needed } from './http2/opening.ts';
import type { ResolvedOptions } from './options.ts';
import { followRedirect, type Hop, isRedirect } from './redirect.ts';
import { dialRoute, findRoute } from './route.ts';
import { basicCredentials, isBlockedPort, isSecure } from './target.ts';

// From a URL to a socket that speaks WebSocket: https://websockets.spec.whatwg.org/#websocket-opening-handshake and
// RFC 6455, 4.1. Everything that can go wrong ends as a WebSocketFailure.

/** The answer that opened the connection. */
export interface Handshake {
  /** Where the connection led after redirects, if any. */
  readonly url: string;
  readonly status: number;
  readonly headers: HeaderList;
}

export interface Opened {
  /** Makes what carries the frames. To be called once, or `drop`. */
  carry(owner: CarrierOwner): Carrier;
  drop(): void;
  readonly handshake: Handshake;
  readonly subprotocol: string;
  /** As `WebSocket.extensions` says it. */
  readonly extensions: string;
  readonly agreement: DeflateAgreement | undefined;
}

/** Is told when the opening waits for another one to the same address, a time that no deadline should count. */
export interface Waiting {
  begins(): void;
  ends(): void;
}

/** @throws WebSocketFailure; or the reason of `signal`, which should be one, too */
export async function openByHandshake(
  target: URL,
  subprotocols: readonly string[],
  options: ResolvedOptions,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Opened> {
  let hop: Hop = { target, options };
  for (let count = 0; ; count++) {
    const result = await attempt(hop, subprotocols, waiting, signal);
    if ('carry' in result) return result;
    const { answer } = result;
    if (!isRedirect(answer.status)) throw handshakeFailure('STATUS', answer);
    hop = followRedirect(hop, answer, count);
  }
}

/** One request, or an answer that is none of a WebSocket. */
async function attempt(
  hop: Hop,
  subprotocols: readonly string[],
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Opened | { readonly answer: Answer }> {
  const { target, options } = hop;
  if (isBlockedPort(target) && !options.allowBlockedPorts) throw failure('BLOCKED_PORT');
  const request = requestFor(hop, subprotocols);
  const result = options.http2 === false ? { dialled: undefined } : await attemptHttp2(hop, request, signal);
  if (!('dialled' in result)) return result;
  return attemptHttp1(hop, request, result.dialled ?? (await dialInTurn(hop, waiting, signal)), signal);
}

/** The same over HTTP/2, where that can be, on one stream of a connection (RFC 8441). */
async function attemptHttp2(
  hop: Hop,
  request: RequestOptions,
  signal: AbortSignal,
): Promise<Opened | { readonly answer: Answer } | Http1Needed> {
  const { target, options } = hop;
  const sent = createConnect({ ...request, scheme: isSecure(target) ? 'https' : 'http' });
  const way = { http2: options.http2, place: placeOf(hop), dial: (by: AbortSignal) => dialHttp2(hop, by) };
  const asked = await orResponseFailure(askOverHttp2(way, sent, signal), signal);
  if (asked.answer === undefined) return asked;
  const { answer, stream } = asked;
  if (answer.status !== 200) return { answer };
  try {
    return check(checkConnectResponse(sent, answer), sent, answer, hop, stream);
  } catch (error) {
    destroyStream(stream);
    throw error;
  }
}

/** The same over HTTP/1.1, on a connection that becomes the WebSocket. */
async function attemptHttp1(
  hop: Hop,
  request: RequestOptions,
  { socket, release }: Dialled,
  signal: AbortSignal,
): Promise<Opened | { readonly answer: Answer }> {
  try {
    const sent = createRequest(request);
    const answer = await ask(socket, sent, signal);
    if (answer.status === 101) return check(checkResponse(sent, answer), sent, answer, hop, socket);
    socket.destroy();
    return { answer };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    release();
  }
}

async function dialInTurn(hop: Hop, waiting: Waiting, signal: AbortSignal): Promise<Dialled> {
  const route = await findRoute(hop, signal);
  const release = hop.options.connectInParallel ? () => {} : await waitForTurn(route.key, waiting, signal);
  try {
    return { socket: await dialRoute(route, hop, signal), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function waitForTurn(key: string, waiting: Waiting, signal: AbortSignal): Promise<() => void> {
  waiting.begins();
  const release = await takeTurn(key, signal);
  waiting.ends();
  return release;
}

function requestFor({ target, options }: Hop, subprotocols: readonly string[]): RequestOptions {
  const { headers, origin, version, offers } = options;
  const credentials = basicCredentials(target);
  const isAuthorized = headers.some(([name]) => name.toLowerCase() === 'authorization');
  const authorization: Header[] = credentials === undefined || isAuthorized ? [] : [['Authorization', credentials]];
  return {
    platform: nodePlatform,
    host: target.host,
    target: target.pathname + target.search,
    origin,
    version,
    subprotocols,
    extensions: offers,
    headers: [...authorization, ...headers],
  };
}

function ask(socket: Socket, sent: SentRequest, signal: AbortSignal): Promise<Answer> {
  const asked = { method: 'GET', target: sent.target, headers: sent.headers } as const;
  return orResponseFailure(exchange(socket, asked, signal), signal);
}

async function orResponseFailure<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await answered;
  } catch (error) {
    throw error === signal.reason ? error : asFailure(error, 'RESPONSE');
  }
}

function check(result: ResponseResult, sent: SentOffer, answer: Answer, { target }: Hop, stream: Duplex): Opened {
  if (!result.ok) throw handshakeFailure(result.code, answer);
  const { subprotocol, extensions } = result;
  // Stricter than RFC 6455: https://websockets.spec.whatwg.org/#websocket-opening-handshake
  if (sent.subprotocols.length > 0 && subprotocol === '') throw failure('SUBPROTOCOL_MISSING', { response: answer });
  const { status, headers, rest } = answer;
  return {
    carry: (owner) => new SocketCarrier(stream, rest, owner),
    drop: () => destroyStream(stream),
    handshake: { url: target.href, status, headers },
    subprotocol,
    extensions: serializeExtensions(extensions),
    agreement: agree(extensions, sent, answer),
  };
}

function agree(
  extensions: Extract<ResponseResult, { ok: true }>['extensions'],
  sent: SentOffer,
  answer: Answer,
): DeflateAgreement | undefined {
  if (extensions.length === 0 || nodePlatform.deflate === undefined) return undefined;
  const result = checkDeflate(extensions, sent.extensions, nodePlatform.deflate);
  if (!result.ok) throw handshakeFailure(result.code, answer);
  return result.agreement;
}
