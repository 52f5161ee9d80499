import { type Engine, MemoryEngine } from '@tidewire/hub';

// The engines that a service may have. A package of one is loaded when it is chosen: who keeps everything in memory loads no
// client of a broker.

export type EngineSettings = MemorySettings | DiskSettings | NatsSettings | RedisSettings;

export interface MemorySettings {
  readonly type: 'memory';
  /** Bytes. */
  readonly maxHistory: number;
}

export interface DiskSettings {
  readonly type: 'disk';
  readonly directory: string;
}

/** Times in milliseconds. */
export interface NatsSettings {
  readonly type: 'nats';
  readonly servers: readonly string[];
  readonly prefix: string;
  /** Default: 3 if the cluster has so many, else 1. */
  readonly replicas: number | undefined;
  readonly storage: 'file' | 'memory';
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  /** What nsc has written. */
  readonly credentials: Uint8Array | undefined;
  /** PEM. */
  readonly ca: Buffer | undefined;
  readonly timeout: number;
  readonly lease: number;
}

/** Times in milliseconds, sizes in bytes. */
export interface RedisSettings {
  readonly type: 'redis';
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** PEM. */
  readonly ca: Buffer | undefined;
  /** Nodes as `host:port`. */
  readonly sentinel: { readonly name: string; readonly nodes: readonly string[] } | undefined;
  readonly prefix: string;
  readonly timeout: number;
  readonly lease: number;
  readonly maxSize: number;
}

/** @throws TypeError or RangeError naming a setting that makes no sense */
export async function createEngine(settings: EngineSettings): Promise<Engine> {
  switch (settings.type) {
    case 'memory':
      return new MemoryEngine({ maxHistoryBytes: settings.maxHistory });
    case 'disk': {
      const { DiskEngine } = await import('@tidewire/engine-disk');
      return new DiskEngine({ directory: settings.directory });
    }
    case 'nats':
      return createNats(settings);
    case 'redis':
      return createRedis(settings);
  }
}

async function createNats(settings: NatsSettings): Promise<Engine> {
  const { credsAuthenticator, NatsEngine } = await import('@tidewire/engine-nats');
  const { servers, prefix, replicas, storage, user, password, token, credentials, ca, timeout, lease } = settings;
  return new NatsEngine({
    ...{ servers, prefix, replicas, storage, timeout, lease },
    connection: {
      ...(user !== undefined && password !== undefined && { user, pass: password }),
      ...(token !== undefined && { token }),
      ...(credentials !== undefined && { authenticator: credsAuthenticator(credentials) }),
      ...(ca !== undefined && { tls: { ca: ca.toString() } }),
    },
  });
}

async function createRedis(settings: RedisSettings): Promise<Engine> {
  const { RedisEngine } = await import('@tidewire/engine-redis');
  const { url, user, password, ca, sentinel, prefix, timeout, lease, maxSize } = settings;
  return new RedisEngine({
    url,
    client: {
      ...(user !== undefined && { username: user }),
      ...(password !== undefined && { password }),
      ...(ca !== undefined && { socket: { tls: true, ca } }),
    },
    sentinel: sentinel && { name: sentinel.name, nodes: sentinel.nodes.map(nodeOf) },
    prefix: `${prefix}:`,
    ...{ timeout, lease, maxSize },
  });
}

/** @param text host:port */
function nodeOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
}

/** For people, without a password. */
export function describeEngine(engine: EngineSettings): string {
  switch (engine.type) {
    case 'memory':
      return 'memory';
    case 'disk':
      return `disk, in ${engine.directory}`;
    case 'nats':
      return `nats, at ${engine.servers.map(withoutPassword).join(', ')}`;
    case 'redis':
      return `redis, at ${engine.sentinel === undefined ? withoutPassword(engine.url) : `the master ${engine.sentinel.name}`}`;
  }
}

/** Nor what is behind the path, where some write it. */
export function withoutPassword(url: string): string {
  return url.replace(/:\/\/[^\s/?#]*@/g, '://').replace(/\?.*/s, '');
}
