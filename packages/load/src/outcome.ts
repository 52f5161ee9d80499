// What a load test has found out, as its table, its report, its JSON and its thresholds have it. Times are in milliseconds.

/** Of a distribution of times. */
export interface Times {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** How often something was counted, by its name. */
export type Counts = Readonly<Record<string, number>>;

/** What was counted in a phase, of all connections together. */
export interface Counters {
  /** Opening handshakes begun, of them succeeded and failed. */
  readonly attempted: number;
  readonly opened: number;
  readonly failed: number;
  /** Connections that are ready. */
  readonly open: number;
  /** Connections that ended without having been told to. */
  readonly dropped: number;
  /** Messages that the schedule had, those that were sent, and those that could not be: their connection was gone or backed up. */
  readonly scheduled: number;
  readonly sent: number;
  readonly unsent: number;
  /** Messages that had to come back for what was sent, and those that came, once or more often. */
  readonly expected: number;
  readonly received: number;
  /** What did not come, though its receiver was there till the end. */
  readonly lost: number;
  /** What did not come because its receiver, or the connection that it was on, had gone. */
  readonly lostWithConnection: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Messages that nobody was to get: without a stamp, or with one of somebody else. */
  readonly unexpected: number;
  /** Payload, in bytes of UTF-8 or UTF-16 units of text. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** One second of a phase. */
export interface Moment {
  /** Seconds since the run began. */
  readonly second: number;
  readonly open: number;
  readonly sent: number;
  readonly received: number;
  /** Of what came in this second. */
  readonly latency?: Times | undefined;
}

/** What happened when connections dropped and came back. */
export interface StormOutcome {
  readonly waves: readonly {
    readonly dropped: number;
    readonly returned: number;
    /** From the drop to the last that was ready again; `undefined` if not all came back. */
    readonly allBack: number | undefined;
  }[];
}

/** What happened to consumers that read slowly. */
export interface SlowOutcome {
  readonly connections: number;
  readonly received: number;
  readonly lost: number;
  /** Close codes of those that the server sent away. */
  readonly closes: Counts;
  readonly latency: Times | undefined;
}

export interface PhaseOutcome {
  readonly name: string;
  readonly does: string;
  /** Seconds since the run began. */
  readonly start: number;
  /** Milliseconds that it took, without the ramp, and that the ramp took. */
  readonly duration: number;
  readonly rampDuration: number;
  readonly connections: number;
  readonly counters: Counters;
  /** Sent and received in a second, on average. */
  readonly sendRate: number;
  readonly receiveRate: number;
  /** From when a message was to be sent to when it, or its answer, was there. */
  readonly latency: Times | undefined;
  /** The same from when it was sent. */
  readonly serviceTime: Times | undefined;
  /** How much later than planned messages were sent. */
  readonly lateness: Times | undefined;
  /** From the beginning of a connection to the end of its opening handshake, and to when the protocol was ready. */
  readonly handshake: Times | undefined;
  readonly ready: Times | undefined;
  /** How long subscribing took. */
  readonly subscribe: Times | undefined;
  readonly closes: Counts;
  readonly errors: Counts;
  /** The first of what went wrong. */
  readonly examples: readonly string[];
  readonly storm?: StormOutcome | undefined;
  readonly slow?: SlowOutcome | undefined;
  readonly generator: GeneratorOutcome;
  readonly moments: readonly Moment[];
  /** Of the latency: percentile and milliseconds. */
  readonly curve: readonly (readonly [percentile: number, milliseconds: number])[];
}

/** How the machine that made the load fared. */
export interface GeneratorOutcome {
  /** Of the busiest worker, which part of the time its event loop worked, from 0 to 1. */
  readonly busiest: number;
  /** Of the machine, which part of all cores was in use, from 0 to 1, whatever used it. */
  readonly machine: number;
  readonly loopDelay: Times | undefined;
  /** Why the generator, and not the server, was the limit; nothing if it was not. */
  readonly limits: readonly string[];
}

export interface Outcome {
  readonly name: string | undefined;
  /** Of the run, as an ISO date. */
  readonly startedAt: string;
  readonly seed: number;
  readonly workers: number;
  /** Without credentials. */
  readonly urls: readonly string[];
  readonly protocol: string;
  readonly generator: { readonly node: string; readonly cores: number; readonly isLimit: boolean };
  readonly wasInterrupted: boolean;
  readonly phases: readonly PhaseOutcome[];
}
