import type { TunnelParameters } from './parameters.ts';
import { type Mode, RecordReader } from './records.ts';

// A request of the client that is under way, and what is known of its answer.

/** How long after the request a stream must have been proven to get through. */
const PROOF_TIME = 3000;
/** How long a request may take that is answered at once. */
const ANSWER_TIME = 20_000;
/** How much longer than it is held a request may take. */
const SLACK = 10_000;
/** A request that failed later than this was held before. */
const HELD_TIME = 1000;

export class Exchange {
  readonly id: number;
  readonly mode: Mode;
  readonly reader = new RecordReader();
  readonly startedAt: number;
  /** What the request has acknowledged, and the limit that it has stated. */
  readonly received: number;
  readonly limit: number;
  heardAt: number;
  /** HELLO came: it is a server of the tunnel that answers. */
  hasBegun = false;
  isProven = false;
  /** Something of the stream came. */
  hasBrought = false;

  constructor(id: number, mode: Mode, now: number, said: { readonly received: number; readonly limit: number }) {
    this.id = id;
    this.mode = mode;
    this.startedAt = now;
    this.heardAt = now;
    this.received = said.received;
    this.limit = said.limit;
  }

  /** When it counts as failed, if nothing happens before. */
  deadline({ pollTime, streamTime, heartbeatInterval }: TunnelParameters): number {
    if (this.mode === 'WAIT') return this.startedAt + pollTime + SLACK;
    if (this.mode !== 'STREAM') return this.startedAt + ANSWER_TIME;
    if (this.isProven) return this.heardAt + 2 * heartbeatInterval;
    // A short answer that was held back until it was whole has its proof, too.
    return this.startedAt + Math.min(PROOF_TIME, (streamTime * 3) / 4);
  }

  /** Whether its failure says something about the way: it was cut off or lost after it had begun, or had been held. */
  isEvidence(now: number): boolean {
    if (this.mode === 'STREAM' && this.hasBegun) return !this.isProven;
    return now - this.startedAt >= HELD_TIME;
  }
}
