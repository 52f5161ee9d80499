import type { PackedDistribution } from '../measure/distribution.ts';
import type { Counters, Counts } from '../outcome.ts';
import type { Scenario } from '../scenario/schema.ts';

// What the thread that leads a run and those that make the load say to each other. All times are on one clock, in milliseconds since
// the run began: the clock of the operating system that never jumps, which all threads have in common.

/** What a worker is started with. */
export interface WorkerStart {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Of this worker, from 0 on, and how many there are. Connection number i belongs to worker i mod count. */
  readonly index: number;
  readonly count: number;
  /** What `process.hrtime.bigint()` said when the run began. */
  readonly origin: bigint;
  /** The text of the certificate authorities, if the scenario names some. */
  readonly ca: string | undefined;
}

/** To a worker. In each phase: `open`, `begin`, `settle`; and `end` at last. */
export type Command =
  /** Brings the connections to the number of the phase. Answered with `opened`. */
  | { readonly type: 'open'; readonly phase: number; readonly at: number }
  /** Does what the phase does. Answered with `sent` when all has been sent. */
  | { readonly type: 'begin'; readonly at: number }
  /** Waits for what has not come. Answered with `settled`. */
  | { readonly type: 'settle'; readonly published: Published }
  /** Sends nothing more, because a person wants the run to end. */
  | { readonly type: 'stop' }
  /** Closes all connections. Answered with `ended`. */
  | { readonly type: 'end' };

/** How many messages each connection has sent, by its index. */
export type Published = readonly (readonly [connection: number, count: number])[];

export interface WorkerStorm {
  readonly waves: readonly { readonly dropped: number; readonly returned: number; readonly lastReady: number }[];
}

export interface WorkerSlow {
  readonly connections: number;
  readonly received: number;
  readonly lost: number;
  readonly closes: Counts;
}

export const distributionNames = [
  'latency',
  'serviceTime',
  'lateness',
  'handshake',
  'ready',
  'subscribe',
  'loopDelay',
  'slowLatency',
] as const;

export type DistributionName = (typeof distributionNames)[number];

export type Distributions = { readonly [Name in DistributionName]?: PackedDistribution };

/** What a worker has measured since it said so last. */
export interface Report {
  readonly phase: number;
  /** The second of the run that it is about. */
  readonly second: number;
  /** Of the whole phase so far. */
  readonly counters: Counters;
  readonly closes: Counts;
  readonly errors: Counts;
  /** All so far: a few. */
  readonly examples: readonly string[];
  /** Only what came since the last report. */
  readonly distributions: Distributions;
  /** Which part of the time the event loop worked since the last report. */
  readonly busy: number;
}

export type Answer =
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'opened' }
  | { readonly type: 'sent'; readonly published: Published }
  | { readonly type: 'settled'; readonly storm: WorkerStorm | undefined; readonly slow: WorkerSlow | undefined }
  | { readonly type: 'ended' };
