interface Sample {
  /** What has to be added to the page's clock, in milliseconds. */
  readonly offset: number;
  /** How long the question and its answer took, in milliseconds. */
  readonly roundTrip: number;
}

/** As many as a clock that drifts can be followed with. */
const KEPT = 20;

/**
 * The server's clock, read from the page. The server says what time it is; that was at some point between question and
 * answer, so the middle is off by half of the round trip at most. The quickest of the last answers counts.
 */
export class ServerClock {
  #samples: Sample[] = [];

  /** @param sent when the question left, and @param received when the answer came, on the page's clock */
  add(sent: number, received: number, serverTime: number): void {
    const roundTrip = received - sent;
    this.#samples = [...this.#samples, { offset: serverTime - (sent + received) / 2, roundTrip }].slice(-KEPT);
  }

  /** How far it may be off, in milliseconds; `undefined` before the first answer. */
  get uncertainty(): number | undefined {
    const best = this.#best();
    return best && best.roundTrip / 2;
  }

  /** The server's time at a time of the page's clock. */
  at(pageTime: number): number {
    return pageTime + (this.#best()?.offset ?? 0);
  }

  #best(): Sample | undefined {
    let best: Sample | undefined;
    for (const sample of this.#samples) if (best === undefined || sample.roundTrip < best.roundTrip) best = sample;
    return best;
  }
}
