import type { Distribution, Figures, LatencyName, NodeStats, TotalName } from '../operate-messages.ts';
import { difference, quantile, together } from './distribution.ts';

// What is shown of a node, or of several together, at one moment: how much there is, how fast it grows, and how long it takes.

export interface Reading {
  readonly connections: number;
  readonly users: number;
  readonly channels: number;
  readonly subscriptions: number;
  /** Clients that are slow at this moment. */
  readonly slow: number;
  /** What is measured; `undefined` where nothing is, or it is not known yet how fast it grows. */
  readonly measured?: Measured | undefined;
}

export interface Measured {
  /** In a second. */
  readonly rates: Rates;
  /** In seconds; `undefined` if nothing has happened for a while. */
  readonly latencies: Readonly<Record<LatencyName, Quantiles | undefined>>;
  /** Parts of one CPU. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly heap: number;
  readonly unsent: number;
  /** Seconds. */
  readonly lag: { readonly p99: number; readonly max: number };
}

export interface Rates {
  readonly publications: number;
  readonly deliveries: number;
  readonly received: number;
  readonly sent: number;
  readonly opened: number;
  readonly closed: number;
  readonly refused: number;
  /** Publications that slow clients were not given, and slow clients that were sent away. */
  readonly slow: number;
  /** Of hooks, handlers, the hub and the engine. */
  readonly errors: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** What a node said, and what it has said before. */
export interface Known {
  readonly stats: NodeStats;
  /** The one before, from which the rates are. */
  readonly last: Figures | undefined;
  /** One of a while ago, from which the latencies are: in a second there may be none. */
  readonly longAgo: Figures | undefined;
}

/** Of one node, or of several together: what is counted is added up, and of the lag it is the worst. */
export function readingOf(nodes: readonly Known[]): Reading {
  const sum = (read: (stats: NodeStats) => number) => nodes.reduce((all, { stats }) => all + read(stats), 0);
  return {
    connections: sum(({ connections }) => connections),
    users: sum(({ users }) => users),
    channels: sum(({ channels }) => channels),
    subscriptions: sum(({ subscriptions }) => subscriptions),
    slow: sum(({ slow }) => slow),
    measured: measuredOf(nodes),
  };
}

interface Pair {
  readonly now: Figures;
  readonly last: Figures;
  readonly longAgo: Figures;
  /** Between the last two, in seconds. */
  readonly passed: number;
}

function measuredOf(nodes: readonly Known[]): Measured | undefined {
  const pairs = nodes.flatMap(({ stats: { figures: now }, last, longAgo = last }): Pair[] => {
    if (now === undefined || last === undefined || longAgo === undefined || now.time <= last.time) return [];
    return [{ now, last, longAgo, passed: (now.time - last.time) / 1000 }];
  });
  if (pairs.length === 0) return undefined;
  const sum = (read: (pair: Pair) => number) => pairs.reduce((all, pair) => all + read(pair), 0);
  const worst = (read: (figures: Figures) => number) => Math.max(...pairs.map(({ now }) => read(now)));
  const rate = (...names: readonly TotalName[]) =>
    sum(({ now, last, passed }) =>
      names.reduce((all, name) => all + Math.max(0, now.totals[name] - last.totals[name]) / passed, 0),
    );
  return {
    rates: {
      publications: rate('publications'),
      deliveries: rate('deliveries'),
      received: rate('received'),
      sent: rate('sent'),
      opened: rate('opened'),
      closed: rate('closed'),
      refused: rate('refused'),
      slow: rate('slowDropped', 'slowConflated', 'slowDisconnected'),
      errors: rate('errors', 'engineFailed'),
    },
    latencies: {
      delivery: quantilesOf(pairs, 'delivery'),
      command: quantilesOf(pairs, 'command'),
      engine: quantilesOf(pairs, 'engine'),
      ping: quantilesOf(pairs, 'ping'),
    },
    cpu: sum(({ now, last, passed }) => (now.process.cpu - last.process.cpu) / passed),
    memory: sum(({ now }) => now.process.memory),
    heap: sum(({ now }) => now.process.heap),
    unsent: sum(({ now }) => now.network.unsent),
    lag: { p99: worst(({ process }) => process.lag.p99), max: worst(({ process }) => process.lag.max) },
  };
}

function quantilesOf(pairs: readonly Pair[], name: LatencyName): Quantiles | undefined {
  const recent = pairs.map(
    ({ now, longAgo }): Distribution => difference(now.latencies[name], longAgo.latencies[name]),
  );
  const all = together(recent);
  const p50 = all && quantile(all, 0.5);
  const p99 = all && quantile(all, 0.99);
  return p50 === undefined || p99 === undefined ? undefined : { p50, p99 };
}
