import type { Socket } from 'node:net';
import { takeTurn } from '../connecting-queue.ts';
import { secure } from '../dial.ts';
import type { TlsOptions } from '../options.ts';
import { chooseProxy } from '../proxy.ts';
import type { Hop } from '../redirect.ts';
import { findRoute } from '../route.ts';
import { hostOf, isSecure } from '../target.ts';

/** A connection to ask on, and what ends the turn that it was made in. */
export interface Dialled {
  readonly socket: Socket;
  release(): void;
}

export interface DialledForHttp2 extends Dialled {
  /** Otherwise the server has chosen HTTP/1.1. */
  readonly isHttp2: boolean;
}

/** Where a connection leads and how. Only what is the same in all of it is shared. */
export interface Place {
  /** Of the server, such as `wss://example.com`. */
  readonly origin: string;
  /** What is on the way to it. */
  readonly way: string;
  readonly tls: TlsOptions;
  readonly proxyTls: TlsOptions;
}

export function placeOf({ target, options }: Hop): Place {
  const proxy = chooseProxy(target, options);
  const way = [options.socketPath, proxy?.url.href, ...(proxy?.headers ?? [])];
  return {
    origin: `${target.protocol}//${target.host}`,
    way: JSON.stringify(way),
    tls: options.tls,
    proxyTls: proxy?.tls ?? {},
  };
}

/**
 * A connection that others may use as well, so that `signal` is not that of one of them. For `wss:` ALPN says whether it is
 * HTTP/2; for `ws:` it is by prior knowledge (RFC 9113, 3.3).
 */
export async function dialHttp2(hop: Hop, signal: AbortSignal): Promise<DialledForHttp2> {
  const { target, options } = hop;
  const route = await findRoute(hop, signal);
  const release = options.connectInParallel ? () => {} : await takeTurn(route.key, signal);
  try {
    const socket = await route.dial();
    if (!isSecure(target)) return { socket, isHttp2: true, release };
    const secured = await secure(socket, hostOf(target), options.tls, signal, ['h2', 'http/1.1']);
    return { socket: secured, isHttp2: secured.alpnProtocol === 'h2', release };
  } catch (error) {
    release();
    throw error;
  }
}
