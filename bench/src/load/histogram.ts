/** Steps per doubling: what is reported is within 1.1 % of what was measured. */
const STEPS = 64;
const DOUBLINGS = 26;

/** Times in microseconds, up to a minute, in a table of fixed size: recording one costs some nanoseconds. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS);
  #total = 0;

  /** @param milliseconds as `performance.now()` counts them */
  record(milliseconds: number): void {
    const index = Math.floor(Math.log2(milliseconds * 1000 + 1) * STEPS);
    const slot = Math.min(index, this.#counts.length - 1);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#total++;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  percentiles(): { p50: number; p99: number; p999: number } {
    return { p50: this.#quantile(0.5), p99: this.#quantile(0.99), p999: this.#quantile(0.999) };
  }

  #quantile(share: number): number {
    let left = this.#total * share;
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return 2 ** ((index + 0.5) / STEPS) - 1;
    }
    return 0;
  }
}
