import type { Socket } from 'node:net';
import type { Header } from '@tidewire/protocol';
import { authority, dialPath, dialTcp, resolveHost, secure } from './dial.ts';
import { exchange } from './exchange.ts';
import { asFailure, failure, WebSocketFailure } from './failures.ts';
import type { ResolvedProxy } from './options.ts';
import { chooseProxy } from './proxy.ts';
import type { Hop } from './redirect.ts';
import { basicCredentials, hostOf, isSecure, portOf } from './target.ts';

// The way to a server: straight, through a proxy, or by a Unix socket; with TLS where the URL wants it.

export interface Route {
  /** What counts as the same address and port. */
  readonly key: string;
  /** Makes a connection to the server, without TLS. */
  dial(): Promise<Socket>;
}

/** @throws WebSocketFailure, or the reason of `signal` */
export async function findRoute({ target, options }: Hop, signal: AbortSignal): Promise<Route> {
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

/** A connection over which the server can be asked: with TLS, if the URL wants it. */
export async function dialRoute(route: Route, { target, options }: Hop, signal: AbortSignal): Promise<Socket> {
  const socket = await route.dial();
  return isSecure(target) ? await secure(socket, hostOf(target), options.tls, signal) : socket;
}
