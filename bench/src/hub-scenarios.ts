import type { Common } from './scenarios.ts';

// What is measured of the hub. `hub` keeps nothing, as Socket.IO's rooms do, so that it is the one whose ratio counts;
// `hub-history` also stores each publication with a position, and clients may recover.

/** As `fan-out`, but in a channel, and by the protocol's own command: one of the subscribers publishes a burst. */
export interface HubFanOutScenario extends Common {
  readonly kind: 'hub-fan-out';
  readonly subscribers: number;
  readonly burst: number;
  /** Bytes of the JSON that is published. */
  readonly size: number;
}

export type HubScenario = HubFanOutScenario;

const rooms = { beside: 'socket.io', own: 'hub', peers: ['hub', 'hub-history', 'socket.io'] } as const;

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
];
