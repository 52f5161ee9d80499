import { Alarm, type Deadlines } from '@tidewire/node';

/** Milliseconds to the second try of what failed; doubled from try to try. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

/** How long to wait after so many failures, in milliseconds: some more or less, so that not all try again together. */
export function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (0.5 + Math.random());
}

/** Waits between tries, until a deadline or until somebody knows that the next may succeed. */
export class Backoff {
  readonly #deadlines: Deadlines;
  readonly #waiting = new Set<() => void>();

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  pause(failures: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#deadlines.clear(alarm);
        this.#waiting.delete(wake);
        resolve();
      };
      const alarm = new Alarm(wake);
      this.#waiting.add(wake);
      this.#deadlines.set(alarm, pauseAfter(failures));
    });
  }

  /** Ends all pauses. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
