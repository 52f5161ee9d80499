import type { NodeConnectionOptions } from '@nats-io/transport-node';

// What an engine is told of its servers, with the defaults.

export interface NatsEngineOptions {
  /** Where NATS is: `nats://host:4222`. One of a cluster is enough to find the others; name more for when it is down. */
  readonly servers: string | readonly string[];
  /** Begins the names of all subjects and streams: letters, digits, `-` and `_`. Default `tidewire`. */
  readonly prefix?: string | undefined;
  /** On how many servers everything is kept, 1 to 5. Default: 3 if the cluster has so many, else 1. */
  readonly replicas?: number | undefined;
  /** Where the servers keep publications: on disk, or in memory, which is gone when all of them have restarted. Default `file`. */
  readonly storage?: 'file' | 'memory' | undefined;
  /** Milliseconds that an operation may take. The election of a leader takes up to 9 s. Default 15,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds after which a node that does not renew its lease is taken for dead. Default 10,000. */
  readonly lease?: number | undefined;
  /** What else the client of NATS is to be told: `user`, `pass`, `token`, `authenticator`, `tls`, `inboxPrefix`. */
  readonly connection?: Omit<NodeConnectionOptions, 'servers' | 'reconnect' | 'maxReconnectAttempts'> | undefined;
}

export interface Settings {
  readonly servers: readonly string[];
  readonly prefix: string;
  readonly replicas: number | undefined;
  readonly storage: 'file' | 'memory';
  readonly timeout: number;
  readonly lease: number;
  readonly connection: NonNullable<NatsEngineOptions['connection']>;
}

/** @throws TypeError, RangeError that name the option */
export function settingsOf(options: NatsEngineOptions): Settings {
  const { servers, prefix = 'tidewire', replicas, storage = 'file', timeout = 15_000, lease = 10_000 } = options;
  const list = typeof servers === 'string' ? [servers] : [...servers];
  if (list.length === 0 || list.some((server) => typeof server !== 'string' || server === ''))
    throw new TypeError('servers: at least one address is needed');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(prefix)) throw new TypeError('prefix: 1 to 64 letters, digits, - and _');
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1 && replicas <= 5))
    throw new RangeError('replicas: 1 to 5');
  if (storage !== 'file' && storage !== 'memory') throw new TypeError('storage: file or memory');
  if (!(timeout >= 100 && timeout <= 300_000)) throw new RangeError('timeout: 100 to 300,000 ms');
  if (!(lease >= 500 && lease <= 600_000)) throw new RangeError('lease: 500 to 600,000 ms');
  return { servers: list, prefix, replicas, storage, timeout, lease, connection: options.connection ?? {} };
}
