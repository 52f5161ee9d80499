import type { Random } from './random.ts';

// When each message of a connection is to be sent. This is fixed before anything is sent, and waits for nobody: an open model. A
// server that stalls gets the same load, and what it made wait is measured from when it was to be sent.

export type Spacing = 'fixed' | 'uniform' | 'exponential';

export interface SendTimesOptions {
  /** Messages in a second. */
  readonly rate: number;
  readonly spacing: Spacing;
  /** Milliseconds, on whatever clock. */
  readonly start: number;
  readonly end: number;
}

export class SendTimes {
  readonly #options: SendTimesOptions;
  readonly #random: Random;
  readonly #interval: number;
  readonly #first: number;
  #count = 0;
  #last: number;

  constructor(options: SendTimesOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#interval = 1000 / options.rate;
    // Connections do not begin all at once: each has its place in the first interval.
    this.#first = options.start + random.next() * this.#interval;
    this.#last = options.start;
  }

  /** The next time, or `undefined` when the phase is over. */
  next(): number | undefined {
    const { spacing, end } = this.#options;
    // From the first on, so that rounding does not add up.
    if (spacing === 'fixed') this.#last = this.#first + this.#count * this.#interval;
    else if (spacing === 'exponential') this.#last -= Math.log(1 - this.#random.next()) * this.#interval;
    else this.#last = this.#count === 0 ? this.#first : this.#last + (0.5 + this.#random.next()) * this.#interval;
    this.#count += 1;
    return this.#last < end ? this.#last : undefined;
  }
}
