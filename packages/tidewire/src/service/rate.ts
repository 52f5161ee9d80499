/** A bucket of tokens: so many per second on average, and what three seconds bring at once. */
export class Rate {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #since = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#most = perSecond * 3;
    this.#tokens = this.#most;
  }

  /** Takes tokens, if there are any. The last take may overdraw, which the next has to wait for. */
  take(tokens: number): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#since) / 1000) * this.#perSecond);
    this.#since = now;
    if (this.#tokens <= 0) return false;
    this.#tokens -= tokens;
    return true;
  }
}
