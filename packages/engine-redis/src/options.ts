import type { RedisClientOptions } from 'redis';

// What a user says of the engine, and what it makes of that.

export interface SentinelOptions {
  /** Of the master, as Sentinel knows it. */
  readonly name: string;
  /** Where Sentinel runs. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** For the connections to Sentinel itself: user name, password, TLS. */
  readonly client?: RedisClientOptions | undefined;
}

export interface RedisEngineOptions {
  /** `redis://` or `rediss://`, with user, password, host, port and database. Default `redis://localhost:6379`. */
  readonly url?: string | undefined;
  /** Of the client `redis`: user name, password, TLS and so on. When to reconnect is the engine's business. */
  readonly client?: RedisClientOptions | undefined;
  /** Asks Sentinel which server is the master, in place of the host and port of `url` or `client`. */
  readonly sentinel?: SentinelOptions | undefined;
  /** What the names of all keys and of all Pub/Sub channels begin with. Default `tidewire:`. */
  readonly prefix?: string | undefined;
  /** Milliseconds after which the server is taken not to answer. Default 5000. */
  readonly timeout?: number | undefined;
  /** Milliseconds after which a node that says nothing is taken to be dead. Default 10,000. */
  readonly lease?: number | undefined;
  /** Bytes of the largest message that is taken. Default 8 MiB: see README.md before raising it. */
  readonly maxSize?: number | undefined;
  /** Commands that may wait for their answers. Beyond, methods reject with `UNAVAILABLE`. Default 100,000. */
  readonly maxPending?: number | undefined;
  /** Is told what is unwise about the server's configuration. Default: `process.emitWarning`. */
  readonly warn?: ((message: string) => void) | undefined;
}

export interface Settings {
  readonly client: RedisClientOptions;
  readonly sentinel: SentinelOptions | undefined;
  readonly prefix: string;
  readonly timeout: number;
  readonly lease: number;
  readonly maxSize: number;
  readonly maxPending: number;
  readonly warn: (message: string) => void;
}

export function settingsOf(options: RedisEngineOptions): Settings {
  const { url = options.client?.url, sentinel, prefix = 'tidewire:' } = options;
  if (sentinel !== undefined && sentinel.nodes.length === 0) throw new TypeError('sentinel.nodes is empty');
  return {
    client: url === undefined ? { ...options.client } : merged(url, options.client),
    sentinel,
    prefix,
    timeout: positive('timeout', options.timeout ?? 5000),
    lease: positive('lease', options.lease ?? 10_000),
    maxSize: positive('maxSize', options.maxSize ?? 8 * 1024 * 1024),
    maxPending: positive('maxPending', options.maxPending ?? 100_000),
    warn: options.warn ?? ((message) => process.emitWarning(message, { type: 'TidewireWarning' })),
  };
}

/**
 * The client would let the user, the password and the database of a URL beat those that were given beside it, and forget its
 * scheme where Sentinel knows the address.
 */
function merged(text: string, { url: _, ...client }: RedisClientOptions = {}): RedisClientOptions {
  const { protocol, hostname, port, username, password, pathname } = parsedUrl(text);
  const place = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379) };
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { database: Number(pathname.slice(1)) }),
    ...client,
    socket: protocol === 'rediss:' ? { ...client.socket, ...place, tls: true } : { ...client.socket, ...place },
  };
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^rediss?:$/.test(url.protocol) && /^\/?\d*$/.test(url.pathname)) return url;
  // There may be a password in it.
  throw new TypeError('url must begin with redis:// or rediss://, and what is behind its host must be a number');
}

function positive(name: string, value: number): number {
  if (!(Number.isFinite(value) && value > 0)) throw new TypeError(`${name} must be a positive number: ${value}`);
  return value;
}
