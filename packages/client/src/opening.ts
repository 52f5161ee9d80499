import type { Socket } from 'node:net';
import { nodePlatform } from '@tidewire/node';
import {
  checkDeflate,
  checkResponse,
  createRequest,
  type DeflateAgreement,
  type Header,
  type HeaderList,
  type ResponseResult,
  type SentRequest,
  serializeExtensions,
} from '@tidewire/protocol';
import { type Carrier, type CarrierOwner, SocketCarrier } from './carrier.ts';
import { takeTurn } from './connecting-queue.ts';
import { type Answer, exchange } from './exchange.ts';
import { asFailure, failure, handshakeFailure } from './failures.ts';
import type { ResolvedOptions } from './options.ts';
import { followRedirect, type Hop, isRedirect } from './redirect.ts';
import { dialRoute, findRoute } from './route.ts';
import { basicCredentials, isBlockedPort } from './target.ts';

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
  const route = await findRoute(hop, signal);
  const release = options.connectInParallel ? () => {} : await waitForTurn(route.key, waiting, signal);
  let socket: Socket | undefined;
  try {
    socket = await dialRoute(route, hop, signal);
    const sent = requestFor(hop, subprotocols);
    const answer = await ask(socket, sent, signal);
    if (answer.status === 101) return check(sent, answer, hop, socket);
    socket.destroy();
    return { answer };
  } catch (error) {
    socket?.destroy();
    throw error;
  } finally {
    release();
  }
}

async function waitForTurn(key: string, waiting: Waiting, signal: AbortSignal): Promise<() => void> {
  waiting.begins();
  const release = await takeTurn(key, signal);
  waiting.ends();
  return release;
}

function requestFor({ target, options }: Hop, subprotocols: readonly string[]): SentRequest {
  const { headers, origin, version, offers } = options;
  const credentials = basicCredentials(target);
  const isAuthorized = headers.some(([name]) => name.toLowerCase() === 'authorization');
  const authorization: Header[] = credentials === undefined || isAuthorized ? [] : [['Authorization', credentials]];
  return createRequest({
    platform: nodePlatform,
    host: target.host,
    target: target.pathname + target.search,
    origin,
    version,
    subprotocols,
    extensions: offers,
    headers: [...authorization, ...headers],
  });
}

async function ask(socket: Socket, sent: SentRequest, signal: AbortSignal): Promise<Answer> {
  try {
    return await exchange(socket, { method: 'GET', target: sent.target, headers: sent.headers }, signal);
  } catch (error) {
    throw error === signal.reason ? error : asFailure(error, 'RESPONSE');
  }
}

function check(sent: SentRequest, answer: Answer, { target }: Hop, socket: Socket): Opened {
  const result = checkResponse(sent, answer);
  if (!result.ok) throw handshakeFailure(result.code, answer);
  const { subprotocol, extensions } = result;
  // Stricter than RFC 6455: https://websockets.spec.whatwg.org/#websocket-opening-handshake
  if (sent.subprotocols.length > 0 && subprotocol === '') throw failure('SUBPROTOCOL_MISSING', { response: answer });
  const { status, headers, rest } = answer;
  return {
    carry: (owner) => new SocketCarrier(socket, rest, owner),
    drop: () => socket.destroy(),
    handshake: { url: target.href, status, headers },
    subprotocol,
    extensions: serializeExtensions(extensions),
    agreement: agree(extensions, sent, answer),
  };
}

function agree(
  extensions: Extract<ResponseResult, { ok: true }>['extensions'],
  sent: SentRequest,
  answer: Answer,
): DeflateAgreement | undefined {
  if (extensions.length === 0 || nodePlatform.deflate === undefined) return undefined;
  const result = checkDeflate(extensions, sent.extensions, nodePlatform.deflate);
  if (!result.ok) throw handshakeFailure(result.code, answer);
  return result.agreement;
}
