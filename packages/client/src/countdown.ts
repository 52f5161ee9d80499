import { Alarm, type Deadlines } from '@tidewire/node';

/** Time that runs only now and then, in milliseconds: `expired` is called when it is used up. */
export class Countdown {
  readonly #deadlines: Deadlines;
  readonly #alarm: Alarm;
  #left: number;
  #startedAt = 0;

  /** @param time `Infinity` for none */
  constructor(deadlines: Deadlines, time: number, expired: () => void) {
    this.#deadlines = deadlines;
    this.#alarm = new Alarm(expired);
    this.#left = time;
  }

  start(): void {
    this.#startedAt = performance.now();
    if (Number.isFinite(this.#left)) this.#deadlines.set(this.#alarm, this.#left);
  }

  stop(): void {
    this.#left -= performance.now() - this.#startedAt;
    this.#deadlines.clear(this.#alarm);
  }
}
