import type { TunnelClientPlatform } from './owner.ts';

// When what has failed is tried again, and when it is given up: PROTOCOL.md, section 7. Times in milliseconds.

const FIRST_DELAY = 200;
const LONGEST_DELAY = 5000;
const NEVER = Number.POSITIVE_INFINITY;

export class Retry {
  readonly #platform: TunnelClientPlatform;
  readonly #graceTime: number;
  #failures = 0;
  #since = NEVER;
  #at = Number.NEGATIVE_INFINITY;

  constructor(platform: TunnelClientPlatform, graceTime: number) {
    this.#platform = platform;
    this.#graceTime = graceTime;
  }

  /** When the next try may be made. */
  get at(): number {
    return this.#at;
  }

  /** When it is given up, unless a try succeeds before. */
  get givesUpAt(): number {
    return this.#since + this.#graceTime;
  }

  failed(): void {
    const now = this.#platform.now();
    if (this.#since === NEVER) this.#since = now;
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures);
    this.#failures++;
    this.#at = now + (longest * (1 + this.#random())) / 2;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#since = NEVER;
    this.hurry();
  }

  /** The next try is made at once. */
  hurry(): void {
    this.#at = Number.NEGATIVE_INFINITY;
  }

  /** From 0 to 1: clients that were cut off together do not come back together. */
  #random(): number {
    const bytes = new Uint8Array(1);
    this.#platform.randomFill(bytes);
    return Math.max(...bytes) / 255;
  }
}
