import type { ClientHttp2Session } from 'node:http2';
import type { ConnectionOptions as NodeTlsOptions } from 'node:tls';
import { nodePlatform } from '@tidewire/node';
import {
  ConnectionSettings,
  createRequest,
  type DeflateOffer,
  type Header,
  type Limits,
  offerDeflate,
  type ProtocolVersion,
} from '@tidewire/protocol';
import { checkOptions, isHttpUrl, optional, type Rules } from './option-rules.ts';
import type { Transport } from './transports.ts';

// What a program on Node can ask for beyond the standard, and how it is checked before anything is sent.

/** Options of `tls.connect` that the client passes on. */
export type TlsOptions = Pick<
  NodeTlsOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'pfx'
  | 'passphrase'
  | 'servername'
  | 'rejectUnauthorized'
  | 'checkServerIdentity'
  | 'ciphers'
  | 'minVersion'
  | 'maxVersion'
  | 'secureContext'
>;

export interface ProxyOptions {
  /** `http:` or `https:`, with the user and password of the proxy in it if it wants them. */
  readonly url: string | URL;
  /** Sent to the proxy with the request to connect. */
  readonly headers?: HeadersOption | undefined;
  /** For an `https:` proxy: how the connection to the proxy itself is verified. */
  readonly tls?: TlsOptions | undefined;
}

export interface RedirectOptions {
  /** How many are followed. */
  readonly max: number;
  /** Whether one from `wss:` to `ws:` is. Default `false`. */
  readonly allowInsecure?: boolean | undefined;
}

/** Names with their values, or pairs of a name and a value. */
export type HeadersOption = Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/** The third argument of the constructor. Times are in milliseconds. */
export interface WebSocketOptions {
  /** Sent with the opening handshake, such as Cookie or Authorization. Default: none. */
  readonly headers?: HeadersOption | undefined;
  /** The Origin header. Default: none. */
  readonly origin?: string | undefined;
  /** What a relative URL is relative to. Default: relative URLs are refused. */
  readonly baseUrl?: string | URL | undefined;
  /** Fails the connection when aborted before it is open; later it does nothing. */
  readonly signal?: AbortSignal | undefined;
  /** From the first packet to the answer, with proxies and redirects. Default 30,000; `Infinity` for none. */
  readonly handshakeTimeout?: number | undefined;
  /** From the beginning of the close to the end of the TCP connection. Default 10,000; `Infinity` for none. */
  readonly closeTimeout?: number | undefined;
  /**
   * What may carry the WebSocket, in order: the first that gets through does. The server has to be one of
   * `@tidewire/server` for any other than `'websocket'`. Default `['websocket']`.
   */
  readonly transports?: readonly Transport[] | undefined;
  /** How long a transport may take to open before the next is tried. Default 5000; `Infinity` for as long as it takes. */
  readonly transportTimeout?: number | undefined;
  /** How many redirects are followed. Default 0. */
  readonly redirects?: number | RedirectOptions | undefined;
  /** Default: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say. `false`: no proxy. */
  readonly proxy?: string | URL | ProxyOptions | false | undefined;
  /** Connects to this Unix socket, or named pipe on Windows, whatever the host in the URL. */
  readonly socketPath?: string | undefined;
  /** Default: the server is verified against the root certificates that come with Node. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Opens the WebSocket as a stream of an HTTP/2 connection (RFC 8441). `true`: of one that all share that lead to the same
   * server with the same options; a session of node:http2: of that one. Falls back to HTTP/1.1. Default `false`.
   */
  readonly http2?: boolean | ClientHttp2Session | undefined;
  /** Offers permessage-deflate. `true` lets the server choose the window. Default `false`. */
  readonly deflate?: boolean | DeflateOffer | readonly DeflateOffer[] | undefined;
  /** Messages of fewer bytes are not compressed. Default 1024. */
  readonly compressionThreshold?: number | undefined;
  /** Those of the engine; `maxBufferedAmount` is 256 MiB here unless said otherwise. */
  readonly limits?: Partial<Limits> | undefined;
  /** 8 for servers from before RFC 6455. Default 13. */
  readonly version?: ProtocolVersion | undefined;
  /** Does not wait while another connection to the same address is being opened (RFC 6455, 4.1). Default `false`. */
  readonly connectInParallel?: boolean | undefined;
  /** Lets connect to the ports that the Fetch standard blocks. Default `false`. */
  readonly allowBlockedPorts?: boolean | undefined;
}

/** The options as the second argument of the constructor. */
export interface WebSocketInit extends WebSocketOptions {
  readonly protocols?: string | Iterable<string> | undefined;
}

/** The options with their defaults, checked. */
export interface ResolvedOptions {
  readonly headers: readonly Header[];
  readonly origin: string | undefined;
  readonly baseUrl: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly handshakeTimeout: number;
  readonly closeTimeout: number;
  readonly transports: readonly Transport[];
  readonly transportTimeout: number;
  readonly redirects: Required<RedirectOptions>;
  readonly proxy: ResolvedProxy | false | undefined;
  readonly socketPath: string | undefined;
  readonly tls: TlsOptions;
  readonly http2: boolean | ClientHttp2Session;
  readonly offers: ReturnType<typeof offerDeflate>;
  readonly settings: ConnectionSettings;
  readonly version: ProtocolVersion;
  readonly connectInParallel: boolean;
  readonly allowBlockedPorts: boolean;
}

export interface ResolvedProxy {
  readonly url: URL;
  readonly headers: readonly Header[];
  readonly tls: TlsOptions;
}

const HANDSHAKE_TIMEOUT = 30_000;
const CLOSE_TIMEOUT = 10_000;
const TRANSPORT_TIMEOUT = 5_000;

/** More than a program that looks at `bufferedAmount` ever has waiting, but not without end. */
const MAX_BUFFERED_AMOUNT = 256 * 1024 * 1024;

const rules: Rules<WebSocketOptions> = {
  headers: optional.object,
  origin: optional.string,
  baseUrl: optional.url,
  signal: optional.signal,
  handshakeTimeout: optional.time,
  closeTimeout: optional.time,
  transports: optional.transports,
  transportTimeout: optional.time,
  redirects: optional.countOr({ max: optional.count, allowInsecure: optional.boolean }),
  proxy: optional.urlOr({ url: optional.url, headers: optional.object, tls: optional.object }),
  socketPath: optional.path,
  tls: optional.object,
  http2: optional.http2,
  deflate: optional.booleanOrObject,
  compressionThreshold: optional.count,
  limits: optional.object,
  version: optional.version,
  connectInParallel: optional.boolean,
  allowBlockedPorts: optional.boolean,
};

const tlsRules: Rules<TlsOptions> = {
  ca: optional.any,
  cert: optional.any,
  key: optional.any,
  pfx: optional.any,
  passphrase: optional.string,
  servername: optional.string,
  rejectUnauthorized: optional.boolean,
  checkServerIdentity: optional.function,
  ciphers: optional.string,
  minVersion: optional.string,
  maxVersion: optional.string,
  secureContext: optional.object,
};

const deflateRules: Rules<DeflateOffer> = {
  serverNoContextTakeover: optional.boolean,
  clientNoContextTakeover: optional.boolean,
  serverMaxWindowBits: optional.count,
  clientMaxWindowBits: optional.countOrTrue,
};

const limitRules: Rules<Limits> = {
  maxMessageSize: optional.limit,
  maxFrameSize: optional.limit,
  maxFragments: optional.limit,
  maxControlFramesPerSecond: optional.limit,
  maxBufferedAmount: optional.limit,
};

const defaultSettings = createSettings({}, undefined);

const defaults = resolve({});

/** @throws TypeError or RangeError naming the option */
export function resolveOptions(given: WebSocketOptions | undefined): ResolvedOptions {
  return given === undefined || Object.keys(given).length === 0 ? defaults : resolve(given);
}

function resolve(given: WebSocketOptions): ResolvedOptions {
  checkOptions('options', given, rules);
  const { limits = {}, compressionThreshold, redirects = 0, version = 13, origin, baseUrl } = given;
  checkOptions('limits', limits, limitRules);
  const headers = readHeaders('headers', given.headers);
  // Whatever could inject a header throws now, not when the connection is being made.
  createRequest({ platform: nodePlatform, host: 'localhost', target: '/', version, origin, headers });
  return {
    headers,
    origin,
    baseUrl: baseUrl?.toString(),
    signal: given.signal,
    handshakeTimeout: given.handshakeTimeout ?? HANDSHAKE_TIMEOUT,
    closeTimeout: given.closeTimeout ?? CLOSE_TIMEOUT,
    transports: [...(given.transports ?? ['websocket' as const])],
    transportTimeout: given.transportTimeout ?? TRANSPORT_TIMEOUT,
    redirects:
      typeof redirects === 'number'
        ? { max: redirects, allowInsecure: false }
        : { max: redirects.max ?? 0, allowInsecure: redirects.allowInsecure ?? false },
    proxy: resolveProxy(given.proxy),
    socketPath: given.socketPath,
    tls: checkTls('tls', given.tls),
    http2: given.http2 ?? false,
    offers: resolveOffers(given.deflate),
    settings:
      given.limits === undefined && compressionThreshold === undefined
        ? defaultSettings
        : createSettings(limits, compressionThreshold),
    version,
    connectInParallel: given.connectInParallel ?? false,
    allowBlockedPorts: given.allowBlockedPorts ?? false,
  };
}

function createSettings(limits: Partial<Limits>, compressionThreshold: number | undefined): ConnectionSettings {
  return new ConnectionSettings({
    role: 'client',
    platform: nodePlatform,
    limits: { ...limits, maxBufferedAmount: limits.maxBufferedAmount ?? MAX_BUFFERED_AMOUNT },
    compressionThreshold,
  });
}

function resolveOffers(deflate: WebSocketOptions['deflate']): ReturnType<typeof offerDeflate> {
  if (deflate === undefined || deflate === false || nodePlatform.deflate === undefined) return [];
  const offers = deflate === true ? [{ clientMaxWindowBits: true as const }] : [deflate].flat();
  for (const offer of offers) checkOptions('deflate', offer, deflateRules);
  return offerDeflate(offers, nodePlatform.deflate);
}

function resolveProxy(proxy: WebSocketOptions['proxy']): ResolvedProxy | false | undefined {
  if (proxy === undefined || proxy === false) return proxy;
  const { url, headers, tls }: ProxyOptions =
    typeof proxy === 'object' && !(proxy instanceof URL) ? proxy : { url: proxy };
  if (url === undefined) throw new TypeError('The option proxy.url is missing');
  const parsed = new URL(url);
  if (!isHttpUrl(parsed)) throw new TypeError('The option proxy must be an http: or https: URL');
  const added = readHeaders('proxy.headers', headers);
  createRequest({ platform: nodePlatform, host: 'localhost', target: '/', headers: added });
  return { url: parsed, headers: added, tls: checkTls('proxy.tls', tls) };
}

function checkTls(name: string, tls: TlsOptions = {}): TlsOptions {
  checkOptions(name, tls, tlsRules);
  return tls;
}

function readHeaders(option: string, headers: HeadersOption = {}): Header[] {
  const entries: Iterable<readonly [unknown, unknown]> =
    Symbol.iterator in headers ? pairs(option, headers) : Object.entries(headers);
  const list: Header[] = [];
  for (const [name, value] of entries) {
    for (const text of [value].flat()) {
      if (typeof name !== 'string' || typeof text !== 'string') {
        throw new TypeError(`The option ${option} must have strings as names and values, but ${String(name)} has not`);
      }
      list.push([name, text]);
    }
  }
  return list;
}

function* pairs(option: string, headers: object & Iterable<unknown>): Iterable<readonly [unknown, unknown]> {
  for (const pair of headers) {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError(`The option ${option} must have pairs only`);
    yield [pair[0], pair[1]];
  }
}
