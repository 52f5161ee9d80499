import type { Clock } from '../schedule/agenda.ts';

/** The clock of a run: milliseconds since it began, the same in all threads of the process. */
export class RunClock implements Clock {
  readonly #offset: number;

  /** @param origin what `process.hrtime.bigint()` said when the run began */
  constructor(origin: bigint) {
    this.#offset = Number(process.hrtime.bigint() - origin) / 1e6 - performance.now();
  }

  now(): number {
    return performance.now() + this.#offset;
  }

  at(time: number, act: () => void): () => void {
    // Node's timers count whole milliseconds, and one that is a little early would find nothing to do.
    const timer = setTimeout(act, Math.max(1, Math.ceil(time - this.now())));
    return () => clearTimeout(timer);
  }

  soon(act: () => void): () => void {
    // Comes after what the network has brought, unlike a timer without a delay.
    const immediate = setImmediate(act);
    return () => clearImmediate(immediate);
  }
}
