import { Chance } from './chance.ts';

// What goes wrong in a run, and when: drawn from the seed before anything begins, so that the same seed makes the same run
// as far as the machine allows.

/** How large a run is. Times in milliseconds. */
export interface Scale {
  readonly clients: number;
  readonly rooms: number;
  /** For which is published. */
  readonly duration: number;
  /** Between two publications in a room. */
  readonly interval: number;
  /** Publications that are kept in the room from which a client is away for too long. */
  readonly shortHistory: number;
  readonly lease: number;
  /** How long what was killed stays away: from, to. */
  readonly downTime: readonly [number, number];
  readonly ping: { readonly interval: number; readonly timeout: number };
  /** For which a token of a client is good: whole seconds. */
  readonly tokenLife: number;
  /** Clients whose network is cut. */
  readonly cuts: number;
}

export const full: Scale = {
  clients: 300,
  rooms: 6,
  duration: 60_000,
  interval: 200,
  shortHistory: 30,
  lease: 4000,
  downTime: [2000, 8000],
  ping: { interval: 3000, timeout: 2000 },
  tokenLife: 20,
  cuts: 3,
};

export const quick: Scale = {
  clients: 100,
  rooms: 4,
  duration: 12_000,
  interval: 200,
  shortHistory: 10,
  lease: 2000,
  downTime: [1000, 2000],
  ping: { interval: 2000, timeout: 1500 },
  tokenLife: 8,
  cuts: 1,
};

export type Fault =
  | { readonly kind: 'kill node'; readonly node: number; readonly downTime: number }
  | { readonly kind: 'drain node'; readonly node: number; readonly downTime: number }
  | { readonly kind: 'break engine'; readonly downTime: number; readonly which: number }
  /** Ends when enough was missed. `client` counts among those that are in the room with the short history. */
  | { readonly kind: 'cut client'; readonly client: number }
  /** Goes by itself and comes back soon. */
  | { readonly kind: 'hop'; readonly client: number; readonly downTime: number };

export interface Scheduled {
  /** Milliseconds after the first publication. */
  readonly at: number;
  readonly fault: Fault;
}

/** The last of three nodes is spared: whoever watches who comes and goes is connected to it. */
export function drawSchedule(seed: number, { duration, downTime, cuts }: Scale): readonly Scheduled[] {
  const chance = new Chance(seed);
  const down = () => Math.round(chance.between(...downTime));
  const [killed = 0, drained = 1] = chance.shuffled([0, 1]);
  const large: Fault[] = chance.shuffled([
    { kind: 'kill node', node: killed, downTime: down() },
    { kind: 'drain node', node: drained, downTime: down() },
    { kind: 'break engine', downTime: down(), which: Math.floor(chance.next() * 3) },
  ]);
  // One after the other, though what the one does may not be over when the next comes.
  const share = (duration * 0.75) / large.length;
  const scheduled = large.map((fault, i) => ({ at: duration * 0.08 + share * (i + chance.between(0, 0.8)), fault }));
  const clients = chance.shuffled([0, 1, 2, 3, 4, 5, 6, 7]);
  for (const client of clients.slice(0, cuts)) {
    scheduled.push({ at: chance.between(duration * 0.05, duration * 0.35), fault: { kind: 'cut client', client } });
  }
  for (const client of clients.slice(cuts, 2 * cuts)) {
    const fault: Fault = { kind: 'hop', client, downTime: Math.round(chance.between(200, 800)) };
    scheduled.push({ at: chance.between(duration * 0.1, duration * 0.9), fault });
  }
  return scheduled.map(({ at, fault }) => ({ at: Math.round(at), fault })).sort((a, b) => a.at - b.at);
}
