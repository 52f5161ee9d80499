// Asks again and again, one question at a time: the next comes a while after the last was answered. Where there is no good
// answer, it waits longer each time. It rests while nobody looks.

interface PollerOptions {
  /** Asks. @returns whether it was answered well */
  readonly ask: () => Promise<boolean>;
  /** Between the beginnings of two questions, in milliseconds. Default 1000. */
  readonly interval?: number;
}

/** The longest pause after questions that were not answered well, in milliseconds. */
const LONGEST = 15_000;

export class Poller {
  readonly #ask: () => Promise<boolean>;
  readonly #interval: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRunning = false;
  #isAsking = false;
  #failures = 0;

  constructor({ ask, interval = 1000 }: PollerOptions) {
    this.#ask = ask;
    this.#interval = interval;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#failures = 0;
    void this.#poll();
  }

  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    // One that was asked before a rest is answered yet, and goes on from there.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const begun = performance.now();
    const isGood = await this.#ask();
    this.#isAsking = false;
    if (!this.#isRunning) return;
    this.#failures = isGood ? 0 : this.#failures + 1;
    const pause = Math.min(LONGEST, this.#interval * 2 ** this.#failures);
    const took = performance.now() - begun;
    this.#timer = setTimeout(() => void this.#poll(), Math.max(this.#interval / 10, pause - took));
  }
}
