/**
 * A stretch of network in one direction: what is put in at one end comes out at the other after a while, in order, also
 * when the delay has become shorter in between.
 */
export class DelayLine {
  readonly #waiting: (() => void)[] = [];
  readonly #delay: () => number;

  /** @param delay asked for each time, in milliseconds */
  constructor(delay: () => number) {
    this.#delay = delay;
  }

  /** Calls `arrive` in a turn of its own, even without a delay. */
  pass(arrive: () => void): void {
    this.#waiting.push(arrive);
    const delay = this.#delay();
    // A timer for no time would take a millisecond.
    if (delay === 0) setImmediate(this.#next);
    else setTimeout(this.#next, delay);
  }

  /** What is under way never arrives. */
  cut(): void {
    this.#waiting.length = 0;
  }

  readonly #next = (): void => {
    this.#waiting.shift()?.();
  };
}
