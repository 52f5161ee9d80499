// Whether events come without a gap, and what the hub is told of it. They do not while something is broken: the connection, or
// the lease that cannot be renewed because no majority of the servers stands. And there may have been a gap that is over when one
// hears of it: then the hub is told to look, but not all the time.

/** Milliseconds between two doubts. */
const APART = 2000;

export type Break = 'connection' | 'lease';

export interface ContinuityListener {
  interrupted(reason: string): void;
  resumed(): void;
}

export class Continuity {
  readonly #listener: ContinuityListener;
  readonly #broken = new Set<Break>();
  #doubted = -Infinity;
  #later: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(listener: ContinuityListener) {
    this.#listener = listener;
  }

  break(what: Break, reason: string): void {
    const wasWhole = this.#broken.size === 0;
    this.#broken.add(what);
    if (wasWhole && !this.#isClosed) this.#listener.interrupted(reason);
  }

  mend(what: Break): void {
    if (this.#broken.delete(what) && this.#broken.size === 0 && !this.#isClosed) this.#listener.resumed();
  }

  /** Something may be missing of what was told until now. */
  doubt(reason: string): void {
    // While something is broken, the hub will look when it is mended.
    if (this.#isClosed || this.#broken.size > 0 || this.#later !== undefined) return;
    const wait = this.#doubted + APART - performance.now();
    if (wait > 0) {
      this.#later = setTimeout(() => {
        this.#later = undefined;
        this.doubt(reason);
      }, wait);
      return;
    }
    this.#doubted = performance.now();
    this.#listener.interrupted(reason);
    this.#listener.resumed();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#later);
  }
}
