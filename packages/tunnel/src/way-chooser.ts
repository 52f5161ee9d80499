import type { TunnelClientPlatform } from './owner.ts';
import { type Way, type WayEvent, ways } from './states.ts';

// Which way a client receives by, found out by what happens to its requests. Evidence against a way is only what happened
// to a request that had begun: that one cannot be made at all says nothing about the way.

/** How the client may receive. Streams and held requests need somebody on the way who lets them through. */
export type Transport = 'stream' | 'poll' | 'interval';

/** How a way receives. */
export const transportOfWay: Readonly<Record<Way, Transport>> = {
  PROBING: 'stream',
  STREAMING: 'stream',
  POLLING: 'poll',
  INTERVAL: 'interval',
};

/** How often in a row a request may end without having been answered whole. */
const patience: Readonly<Record<Way, number>> = {
  PROBING: 2,
  STREAMING: 2,
  POLLING: 3,
  INTERVAL: Number.POSITIVE_INFINITY,
};

/** How long a way that was unfit is not tried again, in milliseconds: longer each time. */
const FIRST_REST = 300_000;
const LONGEST_REST = 3_600_000;

export class WayChooser {
  readonly #platform: TunnelClientPlatform;
  readonly #allowed: ReadonlySet<Transport>;
  #way: Way;
  #strikes = 0;
  #rest = FIRST_REST;
  #restedAt = Number.POSITIVE_INFINITY;

  /** @throws TypeError if there is none */
  constructor(allowed: readonly Transport[], platform: TunnelClientPlatform) {
    this.#platform = platform;
    this.#allowed = new Set(allowed);
    const first = this.#firstAllowed('PROBING');
    if (first === undefined) throw new TypeError('transports must name one');
    this.#way = first;
  }

  get way(): Way {
    return this.#way;
  }

  /** Returns whether the way is another one now. */
  on(event: WayEvent): boolean {
    const next = this.#firstAllowed(ways[this.#way].on[event]);
    if (next === undefined) return false;
    this.#strikes = 0;
    this.#way = next;
    if (event === 'proven') this.#rest = FIRST_REST;
    if (event === 'unfit') {
      this.#restedAt = this.#platform.now() + this.#rest;
      this.#rest = Math.min(LONGEST_REST, 2 * this.#rest);
    }
    return true;
  }

  /** To be called before a request: a better way may be worth another try. */
  review(): void {
    if (this.#platform.now() < this.#restedAt) return;
    this.#restedAt = Number.POSITIVE_INFINITY;
    this.on('rested');
  }

  /** An answer was whole. */
  whole(): void {
    this.#strikes = 0;
  }

  /** A request that had begun was cut off or lost. Returns whether the way is another one now. */
  strike(): boolean {
    this.#strikes++;
    return this.#strikes >= patience[this.#way] && this.on('unfit');
  }

  #firstAllowed(from: Way | undefined): Way | undefined {
    let way = from;
    while (way !== undefined && !this.#allowed.has(transportOfWay[way])) way = ways[way].on.unfit;
    return way;
  }
}
