import type { BackendName } from './backends.ts';
import type { Peer } from './peers.ts';
import type { Scenario } from './scenarios.ts';

/** One measurement: one server process and one scenario, run by a process of its own. */
export interface Job {
  readonly peer: Peer;
  readonly scenario: Scenario;
  /** How long to measure, after as much time again, and at least half a second, to warm up. */
  readonly seconds: number;
  readonly certificate: { readonly keyFile: string; readonly certFile: string };
  /** Processor cores for the server and for the load; `undefined` where they cannot be pinned. */
  readonly cores: { readonly server: number; readonly load: number } | undefined;
}

/** What was measured. What a scenario does not measure is left out. */
export interface Sample {
  /** Messages, deliveries or handshakes per second of CPU time that the server's process used. */
  perCpuSecond?: number;
  /** The same per second on the clock. */
  perSecond?: number;
  /** Microseconds from a message to its echo, or to the last delivery of a burst of one. */
  p50?: number;
  p99?: number;
  p999?: number;
  /** What the server's process held at the end, in MiB. */
  residentMiB?: number;
  bytesPerConnection?: number;
  /** Until all clients have what they came for. */
  seconds?: number;
  /** What the server's process used of its CPU meanwhile. */
  cpuSeconds?: number;
  /** What the server's process held at most, in MiB. */
  peakMiB?: number;
  /** CPU time that 1000 publications take, in milliseconds. */
  cpuMsPerThousand?: number;
  /** An answer to who is present: milliseconds until it is there, its size, and the CPU time of the server, in milliseconds. */
  answerMs?: number;
  answerKiB?: number;
  answerCpuMs?: number;
  /** Milliseconds that another client waited for its answer meanwhile, at most. */
  blockedMs?: number;
  /** CPU time of a join, or of a leave, in milliseconds. */
  changeCpuMs?: number;
}

export type Metric = keyof Sample;

/** A scenario that a peer does not support: why. */
export interface Unsupported {
  readonly unsupported: string;
}

export type Outcome = Sample | Unsupported;

/** What the server's process is told on its command line. */
export interface ServerJob {
  readonly mode: 'echo' | 'fan-out' | 'channel';
  readonly deflate: boolean;
  /** Whether it is known who is in a channel. */
  readonly presence: boolean;
  /** What carries a hub, and where that is. */
  readonly backend?: { readonly name: BackendName; readonly addresses: readonly string[] };
  readonly tls?: { readonly keyFile: string; readonly certFile: string };
}

/** Thrown by a load when a server cannot do what the scenario asks for. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
