import { nodePlatform } from '@tidewire/node';
import {
  assertDeflatePreference,
  type ConnectionError,
  ConnectionSettings,
  type DeflatePreference,
  type Header,
  isToken,
  type Limits,
} from '@tidewire/protocol';
import { resolveTunnelParameters, type TunnelParameters } from '@tidewire/tunnel';
import { type OriginOption, type OriginRule, originRule } from './origin.ts';
import type { Rejection } from './refusal.ts';
import type { Socket } from './socket.ts';
import type { Tap } from './tap.ts';
import { resolveTimeouts, type TimeoutOptions, type Timeouts } from './timeouts.ts';
import type { TunnelLimits } from './tunnel/tunnels.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

type MaybePromise<T> = T | Promise<T>;

/** What `upgrade` answers to admit a client. */
export interface Acceptance<Data> {
  /** What the socket carries as `data`. */
  readonly data: Data;
  /** One of those that the client asked for. Default: the first of the endpoint's `subprotocols` among them, if any. */
  readonly subprotocol?: string | undefined;
  /** Further headers of the response, such as Set-Cookie. */
  readonly headers?: readonly Header[] | undefined;
}

/** How a socket ended, beside its code and reason. */
export interface CloseDetails {
  /** Whether both sides sent a Close frame before the TCP connection was gone (RFC 6455, 7.1.4). */
  readonly wasClean: boolean;
  /**
   * Why, if it was not by the closing handshake: a `ConnectionError` if the peer broke a rule, a `TimeoutError` if it kept
   * silent, or what the network said.
   */
  readonly error: ConnectionError | Error | undefined;
}

/**
 * What an application does when something happens. A handler may be asynchronous; nothing waits for it. One that throws,
 * or returns a promise that is rejected, closes its socket with 1011 and does nothing else to the process: see `error`.
 */
export interface Handlers<Data> {
  /** The socket is open. No message comes before this has returned. */
  open?(socket: Socket<Data>): unknown;
  /**
   * A message came: text as a string, binary as bytes that are yours, unless `lendBinary` is set. Not called while the
   * socket is iterated over.
   */
  message?(socket: Socket<Data>, message: string | Uint8Array): unknown;
  /** A Ping came; its Pong is already on the way. */
  ping?(socket: Socket<Data>, payload: Uint8Array): unknown;
  pong?(socket: Socket<Data>, payload: Uint8Array): unknown;
  /** After a message was buffered or refused: everything has left the process since. */
  drain?(socket: Socket<Data>): unknown;
  /** The socket is gone. Called once for every socket that was open. */
  close?(socket: Socket<Data>, code: number, reason: string, details: CloseDetails): unknown;
  /**
   * Another handler threw. Without this handler, and without a subscriber to the diagnostics channel
   * `tidewire:server:error`, the process emits a warning.
   */
  error?(socket: Socket<Data>, error: unknown): void;
}

/** permessage-deflate (RFC 7692): what the server would like. What the client offers may narrow it. */
export interface DeflateOptions extends DeflatePreference {
  /** Messages of fewer bytes are not compressed. Default 1024. */
  readonly threshold?: number | undefined;
}

/** Tunnels, and what they may take. */
export interface TunnelOptions extends Partial<TunnelParameters> {
  /** Tunnels from one IP address; one more gets 429. Behind a proxy all have one address. Default: no limit. */
  readonly maxSessionsPerAddress?: number | undefined;
}

interface CommonOptions<Data> extends Handlers<Data>, TimeoutOptions {
  /**
   * Which web pages may connect. `'same-host'`: those from the host and port that the request is for. A list: those with
   * one of these origins, such as `https://example.com`. A function: those for whose Origin it returns `true`.
   * Others get 403. Default `'same-host'`.
   */
  readonly origin?: OriginOption | undefined;
  /** Whether clients that send no Origin, which browsers always do, get 403. Default `false`. */
  readonly requireOrigin?: boolean | undefined;
  /** Those that the endpoint speaks, the preferred one first. Default: none. */
  readonly subprotocols?: readonly string[] | undefined;
  /**
   * permessage-deflate. `true` compresses each message by itself, which costs no memory per socket. An object states
   * otherwise; what it leaves out is as with `true`. Default `false`.
   */
  readonly deflate?: boolean | DeflateOptions | undefined;
  /**
   * Whether the `message` handler is only lent binary messages of less than 64 KiB. Their bytes may then be a view of the
   * buffer that the next read overwrites, so they are of use until the handler returns, or awaits something; `send` and
   * `publish` may be given them. It saves a copy. Default `false`.
   */
  readonly lendBinary?: boolean | undefined;
  /** What a peer may take. Default: see `Limits`. */
  readonly limits?: Partial<Limits> | undefined;
  /** Sockets and upgrades under way; one more gets 503. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /**
   * Whether clients that no WebSocket gets through to may connect over plain requests of HTTP, to the same URL: see
   * `@tidewire/tunnel`. An object states how. Default `true`.
   */
  readonly tunnel?: boolean | TunnelOptions | undefined;
  /**
   * What happens to a subscriber that has more than `maxBufferedAmount` bytes waiting when something is published:
   * `'close'` closes it with 1008, `'skip'` leaves it out. Default `'close'`.
   */
  readonly slowSubscriber?: 'close' | 'skip' | undefined;
  /**
   * Is asked for the stream of each WebSocket when it opens, over HTTP/1.1, HTTP/2 and tunnels, and may return another one in place
   * of the client's: to see, record or change what goes over it. If it throws, it is as if it had returned the same. Default: nobody
   * is asked.
   */
  readonly tap?: Tap | undefined;
}

/** Decides on a request: admits it with data, or returns what `request.reject` returned. If it throws: 500. */
export type Upgrade<Data> = (request: UpgradeRequest) => MaybePromise<Acceptance<Data> | Rejection>;

/** `upgrade` may be left out where sockets carry no data. */
export type EndpointOptions<Data> = CommonOptions<Data> &
  (undefined extends Data ? { readonly upgrade?: Upgrade<Data> | undefined } : { readonly upgrade: Upgrade<Data> });

export interface ResolvedOptions {
  readonly settings: ConnectionSettings;
  readonly timeouts: Timeouts;
  readonly origin: OriginRule;
  readonly requireOrigin: boolean;
  readonly subprotocols: readonly string[];
  readonly deflate: DeflatePreference | undefined;
  readonly maxConnections: number;
  readonly closesSlowSubscribers: boolean;
  readonly tunnel: TunnelLimits | undefined;
  readonly tap: Tap | undefined;
}

/**
 * The options with their defaults.
 * @throws TypeError or RangeError naming the option that makes no sense
 */
export function resolveOptions<Data>(options: CommonOptions<Data>): ResolvedOptions {
  const { subprotocols = [], maxConnections = Number.POSITIVE_INFINITY, slowSubscriber = 'close' } = options;
  if (!subprotocols.every(isToken)) {
    throw new TypeError(`subprotocols must be a list of tokens, not ${JSON.stringify(subprotocols)}`);
  }
  if (!(maxConnections >= 0)) throw new RangeError(`maxConnections must be a number, not ${String(maxConnections)}`);
  if (options.tap !== undefined && typeof options.tap !== 'function') {
    throw new TypeError(`tap must be a function, not ${String(options.tap)}`);
  }
  if (slowSubscriber !== 'close' && slowSubscriber !== 'skip') {
    throw new TypeError(`slowSubscriber must be 'close' or 'skip', not ${String(slowSubscriber)}`);
  }
  const { threshold, ...preference } = deflateOptions(options.deflate);
  assertDeflatePreference(preference, { minDeflateWindowBits: nodePlatform.deflate?.minDeflateWindowBits ?? 8 });
  return {
    settings: new ConnectionSettings({
      role: 'server',
      platform: nodePlatform,
      limits: options.limits,
      compressionThreshold: threshold,
      lendBinary: options.lendBinary === true,
    }),
    timeouts: resolveTimeouts(options),
    origin: originRule(options.origin),
    requireOrigin: options.requireOrigin === true,
    subprotocols,
    deflate: options.deflate === undefined || options.deflate === false ? undefined : preference,
    maxConnections,
    closesSlowSubscribers: slowSubscriber === 'close',
    tunnel: tunnelLimits(options.tunnel),
    tap: options.tap,
  };
}

function tunnelLimits(tunnel: boolean | TunnelOptions = true): TunnelLimits | undefined {
  if (tunnel === false) return undefined;
  const { maxSessionsPerAddress = Number.POSITIVE_INFINITY, ...parameters } = tunnel === true ? {} : tunnel;
  if (!(maxSessionsPerAddress >= 0)) {
    throw new RangeError(`tunnel.maxSessionsPerAddress must be a number, not ${String(maxSessionsPerAddress)}`);
  }
  return { parameters: resolveTunnelParameters(parameters), maxSessionsPerAddress };
}

function deflateOptions(deflate: boolean | DeflateOptions | undefined): DeflateOptions {
  const given = typeof deflate === 'object' ? deflate : {};
  return {
    ...given,
    serverNoContextTakeover: given.serverNoContextTakeover ?? true,
    clientNoContextTakeover: given.clientNoContextTakeover ?? true,
  };
}
