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
import { takeTurn } from './connecting-queue.ts';
import { authority, dialPath, dialTcp, resolveHost, secure } from './dial.ts';
import { type Answer, exchange } from './exchange.ts';
import { asFailure, failure, handshakeFailure, WebSocketFailure } from './failures.ts';
import type { ResolvedOptions, ResolvedProxy } from './options.ts';
import { chooseProxy } from './proxy.ts';
import { followRedirect, type Hop, isRedirect } from './redirect.ts';
import { basicCredentials, hostOf, isBlockedPort, isSecure, portOf } from './target.ts';

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
  readonly socket: Socket;
  /** What the server sent right behind its answer. */
  readonly rest: Uint8Array;
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
export async function open(
  target: URL,
  subprotocols: readonly string[],
  options: ResolvedOptions,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<Opened> {
  let hop: Hop = { target, options };
  for (let count = 0; ; count++) {
    const result = await attempt(hop, subprotocols, waiting, signal);
    if ('socket' in result) return result;
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
    socket = await route.dial();
    if (isSecure(target)) socket = await secure(socket, hostOf(target), options.tls, signal);
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

interface Route {
  /** What counts as the same address and port. */
  readonly key: string;
  /** Makes a connection to the server, without TLS. */
  dial(): Promise<Socket>;
}

async function findRoute({ target, options }: Hop, signal: AbortSignal): Promise<Route> {
  const { socketPath } = options;
  if (socketPath !== undefined) return { key: socketPath, dial: () => dialPath(socketPath, signal) };
  const host = hostOf(target);
  const port = portOf(target);
  const proxy = chooseProxy(target, options);
  // 4.1, item 2: behind a proxy nobody knows the address, so "each host name" counts as "a distinct host".
  if (proxy !== undefined) {
    return { key: authority(host, port), dial: () => dialThroughProxy(proxy, authority(host, port), signal) };
  }
  const addresses = await resolveHost(host, signal);
  const [first = { address: host }] = addresses;
  return { key: authority(first.address, port), dial: () => dialTcp(host, addresses, port, signal) };
}

/** 4.1, item 3: "open a connection … by asking the proxy", with CONNECT, for `ws:` as well as for `wss:`. */
async function dialThroughProxy(proxy: ResolvedProxy, server: string, signal: AbortSignal): Promise<Socket> {
  const answered = await askProxy(proxy, server, signal).catch((error: unknown) => {
    if (error === signal.reason) throw error;
    // What dialling made of it speaks of the server.
    throw asFailure(error instanceof WebSocketFailure ? error.cause : error, 'PROXY');
  });
  const { socket, answer } = answered;
  // RFC 9110, 9.3.6: any status 2xx, and nothing else, makes the connection a tunnel.
  if (answer.status >= 200 && answer.status <= 299) {
    if (answer.rest.length > 0) socket.unshift(answer.rest);
    return socket;
  }
  socket.destroy();
  throw failure('PROXY_REFUSED', { detail: String(answer.status), response: answer });
}

async function askProxy(proxy: ResolvedProxy, server: string, signal: AbortSignal) {
  const { url, headers, tls } = proxy;
  const host = hostOf(url);
  const tcp = await dialTcp(host, await resolveHost(host, signal), portOf(url), signal);
  const socket = url.protocol === 'https:' ? await secure(tcp, host, tls, signal) : tcp;
  const credentials = basicCredentials(url);
  const authorization: Header[] = credentials === undefined ? [] : [['Proxy-Authorization', credentials]];
  const answer = await exchange(
    socket,
    { method: 'CONNECT', target: server, headers: [['Host', server], ...authorization, ...headers] },
    signal,
  );
  return { socket, answer };
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
    socket,
    rest,
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
