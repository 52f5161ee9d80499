import { type DrainOptions, isSameHost, originRule, type UpgradeRequest } from '@tidewire/server';
import type { AccessOptions } from './access.ts';
import type { GatewayObserver } from './observer.ts';
import { positive } from './route.ts';
import type { Target } from './target.ts';

export interface GatewayOptions extends AccessOptions {
  /** Where clients may go; nothing else can be reached. */
  readonly targets: readonly Target[];
  /**
   * Pages of which origins may connect, beside those of the host that a request is for. `'any'`: all. Others get 403; who sends no
   * Origin, as programs do, passes. Default: none.
   */
  readonly origins?: readonly string[] | 'any' | undefined;
  /** Whether clients that send no Origin get 403. Default `false`. */
  readonly requireOrigin?: boolean | undefined;
  /** Addresses and networks whose `X-Forwarded-For` counts. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Connections, and attempts at them; one more gets 503. Default 10,000. */
  readonly maxConnections?: number | undefined;
  /** The same of one address of clients; one more gets 429. Default 1000. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Bytes that may wait each way of a connection before its sender has to. Default 256 KiB. */
  readonly maxInFlight?: number | undefined;
  /** As `heartbeat` of a `WebSocketEndpoint`. */
  readonly heartbeat?:
    | { readonly interval?: number | undefined; readonly timeout?: number | undefined }
    | false
    | undefined;
  /** A client that takes nothing for so long although bytes wait is cut, in milliseconds. Default 120,000; `false`: never. */
  readonly writeTimeout?: number | false | undefined;
  /**
   * For a client's part of the closing handshake, and for a server to end its side after that, in milliseconds. Default 10,000.
   */
  readonly closeTimeout?: number | undefined;
  /** permessage-deflate, where the client offers it. Default `false`. */
  readonly deflate?: boolean | undefined;
  /** Who watches. */
  readonly observers?: readonly GatewayObserver[] | undefined;
}

/** As those of an endpoint: see `WebSocketEndpoint.drain`. */
export type GatewayDrainOptions = DrainOptions;

export interface Limits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxInFlight: number;
  readonly closeTimeout: number;
}

/** @throws RangeError naming the option that makes no sense */
export function resolveLimits(options: GatewayOptions): Limits {
  return {
    maxConnections: positive('maxConnections', options.maxConnections, 10_000),
    maxConnectionsPerAddress: positive('maxConnectionsPerAddress', options.maxConnectionsPerAddress, 1000),
    maxInFlight: positive('maxInFlight', options.maxInFlight, 256 * 1024),
    closeTimeout: positive('closeTimeout', options.closeTimeout, 10_000),
  };
}

/**
 * Whether a page may connect.
 * @throws TypeError if an entry is no origin
 */
export function originsRule({
  origins = [],
  requireOrigin = false,
}: GatewayOptions): (request: Pick<UpgradeRequest, 'origin' | 'host'>) => boolean {
  const isAny = origins === 'any';
  const listed = originRule(isAny ? [] : origins);
  return ({ origin, host }) => {
    if (origin === undefined) return !requireOrigin;
    return isAny || isSameHost(origin, host) || listed.allows(origin, host);
  };
}
