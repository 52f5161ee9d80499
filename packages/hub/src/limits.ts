import { assertCount } from './namespace-table.ts';

// What one client, or one node, may take.

export interface HubLimits {
  /** Channels that a client is subscribed to. Default 128. More: error 106. */
  readonly channelsPerClient: number;
  /** Characters. Default 255. More: error 107. */
  readonly channelNameLength: number;
  /** Commands of a connection in a second. Default 100. More: error 111; three times as many: 3013. */
  readonly commandRate: number;
  /** Commands of all connections of a user on this node in a second; they fail as those of a connection. Default 400. */
  readonly userCommandRate: number;
  /** On this node; those without a user are not counted. Default 100. More: 3504. */
  readonly connectionsPerUser: number;
  /** On this node, where the address is known, those included that have not said who they are. Default: no limit, because it
   * may be a proxy's. More: 3504. */
  readonly connectionsPerAddress: number;
  /** Of this node. Default 100,000. More: error 111, upon which clients try again later. */
  readonly maxConnections: number;
  /** Bytes that wait for one client in all, whatever the policies of its channels. Default 4 MiB. More: 3008. */
  readonly queueSize: number;
  /** Milliseconds that an application's handler for a call may take. Default 10,000. */
  readonly rpcTimeout: number;
  /** Milliseconds that permissions may take for one answer. Default 5000. */
  readonly hookTimeout: number;
  /** Milliseconds until a subscription that does not begin has failed. Default 10,000. */
  readonly subscribeTimeout: number;
  /** Publications that are given back at once; who has missed more is told that it has. Default 1000. */
  readonly recoveryLimit: number;
  /** Publications that a client may read of a history at once. Default 1000. */
  readonly historyLimit: number;
}

export const defaultLimits: HubLimits = {
  channelsPerClient: 128,
  channelNameLength: 255,
  commandRate: 100,
  userCommandRate: 400,
  connectionsPerUser: 100,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  maxConnections: 100_000,
  queueSize: 4 * 1024 * 1024,
  rpcTimeout: 10_000,
  hookTimeout: 5000,
  subscribeTimeout: 10_000,
  recoveryLimit: 1000,
  historyLimit: 1000,
};

/** @throws RangeError naming the limit that makes no sense */
export function resolveLimits(given: Partial<HubLimits> = {}): HubLimits {
  for (const [name, value] of Object.entries(given)) if (value !== undefined) assertCount(`limits.${name}`, value);
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaultLimits, ...set };
}

/** Counts what happens in each second. */
export class RateMeter {
  #second = 0;
  #count = 0;

  /** How often it has happened in this second, this time included. */
  count(): number {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count++;
    return this.#count;
  }
}
