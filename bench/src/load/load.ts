import type { Histogram } from './histogram.ts';

/** What is under way against a server, until the process ends. */
export interface Load {
  /** Messages, deliveries or handshakes so far. */
  readonly count: number;
  /** What went wrong, if anything did. */
  readonly failure: Error | undefined;
  /** Times until messages came back, where they are measured. */
  readonly histogram?: Histogram | undefined;
}

/** A load that others count for. */
export class Tally implements Load {
  count = 0;
  failure: Error | undefined;
  readonly histogram?: Histogram | undefined;

  constructor(histogram?: Histogram) {
    this.histogram = histogram;
  }

  readonly fail = (error: Error): void => {
    this.failure ??= error;
  };
}
