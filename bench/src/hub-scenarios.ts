import type { Common } from './scenarios.ts';

// What is measured of the hub. `hub` keeps nothing, as Socket.IO's rooms do, so that it is the one whose ratio counts;
// `hub-history` also stores each publication with a position, and clients recover. The others do that on other engines.

/** As `fan-out`, but in a channel, and by the protocol's own command: one of the subscribers publishes a burst. */
export interface HubFanOutScenario extends Common {
  readonly kind: 'hub-fan-out';
  readonly subscribers: number;
  readonly burst: number;
  /** Bytes of the JSON that is published. */
  readonly size: number;
}

/** Clients are cut off at once, and come back at once, while the publishing goes on. */
export interface HubRecoveryScenario extends Common {
  readonly kind: 'hub-recovery';
  readonly clients: number;
  readonly channels: number;
  /** Milliseconds until they come back: longer than the hub keeps channels that nobody is in. */
  readonly away: number;
  /** Publications in each channel while nobody is there, and while they come back. */
  readonly missed: number;
  readonly meanwhile: number;
  /** Bytes of the JSON that is published. */
  readonly size: number;
}

/** Clients that are all in one channel with presence. */
export interface HubPresenceScenario extends Common {
  readonly kind: 'hub-presence';
  readonly members: number;
  /** Those of the members that are told who joins and who leaves. */
  readonly watchers: number;
  /** Joins, and as many leaves, that are measured. */
  readonly changes: number;
}

/** Publications at a steady rate, far below what a node can do. */
export interface HubEnginesScenario extends Common {
  readonly kind: 'hub-engines';
  /** Each with one subscriber. */
  readonly channels: number;
  readonly perSecond: number;
  /** So many are sent together. */
  readonly burst: number;
  readonly size: number;
}

/** What a client costs that is in some channels, in which nothing happens. */
export interface HubMemoryScenario extends Common {
  readonly kind: 'hub-memory';
  readonly connections: number;
  /** Of each client. */
  readonly channels: number;
  /** Of all clients together. */
  readonly pool: number;
}

export type HubScenario =
  | HubFanOutScenario
  | HubRecoveryScenario
  | HubPresenceScenario
  | HubEnginesScenario
  | HubMemoryScenario;

const rooms = { beside: 'socket.io', own: 'hub', peers: ['hub', 'hub-history', 'socket.io', 'bare'] } as const;
const engines = ['hub-disk', 'hub-redis', 'hub-nats', 'hub-nats-3'] as const;

const memory = (id: string, title: string, channels: number, pool: number): HubMemoryScenario => ({
  kind: 'hub-memory',
  id,
  title: `Hub: memory of a client ${title}, of 10,000`,
  connections: 10_000,
  channels,
  pool,
  beside: 'hub',
  own: 'hub',
  peers: ['hub', 'hub-history'],
});

const publishing = (id: string, title: string, perSecond: number, burst: number): HubEnginesScenario => ({
  kind: 'hub-engines',
  id,
  title: `Hub: what a publication in one of 50 channels costs a node, ${title}`,
  channels: 50,
  perSecond,
  burst,
  size: 100,
  beside: 'hub-history',
  own: 'hub-history',
  peers: ['hub', 'hub-history', ...engines],
});

export const hubScenarios: readonly HubScenario[] = [
  {
    kind: 'hub-fan-out',
    id: 'hub-fan-out',
    title: 'Hub: fan-out of 100 B of JSON to 1000 subscribers of a channel, single messages',
    subscribers: 1000,
    burst: 1,
    size: 100,
    goal: 2,
    ...rooms,
  },
  {
    kind: 'hub-fan-out',
    id: 'hub-fan-out-x20',
    title: 'Hub: fan-out of 100 B of JSON to 1000 subscribers of a channel, bursts of 20',
    subscribers: 1000,
    burst: 20,
    size: 100,
    goal: 15,
    ...rooms,
  },
  {
    kind: 'hub-recovery',
    id: 'hub-recovery',
    title: 'Hub: 10,000 clients in 100 channels come back at once, each having missed 10 publications',
    clients: 10_000,
    channels: 100,
    away: 4000,
    missed: 10,
    meanwhile: 2,
    size: 100,
    beside: 'hub',
    own: 'hub-history',
    peers: ['hub', 'hub-history', ...engines],
  },
  {
    kind: 'hub-presence',
    id: 'hub-presence',
    title: 'Hub: 10,000 members in one channel',
    members: 10_000,
    watchers: 100,
    changes: 100,
    beside: 'hub',
    own: 'hub',
    peers: ['hub', 'hub-redis', 'hub-nats', 'hub-nats-3'],
  },
  publishing('hub-engines', '500 a second, one at a time', 500, 1),
  publishing('hub-engines-x50', '2500 a second, 50 at a time', 2500, 50),
  memory('hub-memory', 'in one channel', 1, 1000),
  memory('hub-memory-x10', 'in ten channels', 10, 1000),
  memory('hub-memory-own', 'in one channel that nobody else is in', 1, 10_000),
];
