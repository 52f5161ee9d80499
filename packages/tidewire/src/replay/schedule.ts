import { setTimeout as delay } from 'node:timers/promises';

// When things are due: at times counted from one beginning, so that whatever is late makes nothing else late.

/** The longest that Node's timers can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

export class Schedule {
  readonly #speed: number;
  readonly #lateness: number[] = [];
  #startedAt = performance.now();

  /** @param speed how many times faster than recorded; `Infinity` for nothing but the order */
  constructor(speed: number) {
    this.#speed = speed;
  }

  start(): void {
    this.#startedAt = performance.now();
  }

  /** Since the start, in milliseconds. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  /** Resolves when it is time for what was recorded then, at once if that is over, or when it is stopped. */
  async until(recordedAt: number, stopped: AbortSignal): Promise<void> {
    for (;;) {
      const left = recordedAt / this.#speed - this.elapsed;
      if (!(left > 0) || stopped.aborted) return;
      // Timers are early by up to a millisecond.
      await delay(Math.min(Math.ceil(left), LONGEST), undefined, { signal: stopped }).catch(() => {});
    }
  }

  /** Notes that what was recorded then was done now. */
  done(recordedAt: number): void {
    if (Number.isFinite(this.#speed)) this.#lateness.push(Math.max(0, this.elapsed - recordedAt / this.#speed));
  }

  /** How far behind the schedule messages were sent, in milliseconds; `undefined` where there was none. */
  get lateness(): { readonly median: number; readonly most: number } | undefined {
    const sorted = Float64Array.from(this.#lateness).sort();
    const most = sorted.at(-1);
    const median = sorted[Math.floor(sorted.length / 2)];
    return most === undefined || median === undefined ? undefined : { median, most };
  }
}
