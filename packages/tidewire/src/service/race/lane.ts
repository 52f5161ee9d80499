import type { LaneTally } from '@tidewire/console/race-messages';
import type { Request } from '../http.ts';
import { charge } from './cpu-clock.ts';
import { DelayLine } from './delay-line.ts';
import { meterOf, type WireMeter } from './wire-meter.ts';

/** One request of a lane under way. */
export interface Visit {
  /** Puts the request's own end to it. Called at most once, and not if `done` was. */
  end(): void;
}

/**
 * One way by which a run's messages go to its page: the added delay that everything on it takes, and what it has cost.
 * There is one request under way, or two while the newer takes the place of the older.
 */
export class Lane {
  readonly #tally = { requests: 0, received: 0, sent: 0, messages: 0, cpu: 0, http: '' };
  readonly #meters = new Set<WireMeter>();
  readonly #inward: DelayLine;
  readonly #outward: DelayLine;
  #visit: Visit | undefined;
  /** That of the visit. */
  #meter: WireMeter | undefined;

  /** @param delay for one direction, in milliseconds */
  constructor(delay: () => number) {
    this.#inward = new DelayLine(delay);
    this.#outward = new DelayLine(delay);
  }

  /** Whether a request is under way. */
  get isTaken(): boolean {
    return this.#visit !== undefined;
  }

  /** What it has cost until now. */
  tally(): LaneTally {
    for (const meter of this.#meters) meter.read();
    return { ...this.#tally };
  }

  /**
   * Counts a request, whose predecessor is ended, and calls `arrive` when it has come through the delay.
   * @returns what has to be called when the request and its connection's part in it are over
   */
  enter(request: Request, visit: Visit, arrive: () => void): () => void {
    const before = this.#visit;
    this.#visit = visit;
    before?.end();
    this.#tally.requests += 1;
    this.#tally.http = request.httpVersion;
    const meter = meterOf(request, this.#tally);
    this.#meter = meter;
    this.#meters.add(meter);
    this.#inward.pass(() => {
      if (this.#visit === visit) charge(this.#tally, arrive);
    });
    return () => {
      meter.read();
      this.#meters.delete(meter);
      if (this.#visit === visit) this.#visit = undefined;
    };
  }

  /** Calls `write`, which sends so many messages, when they have come through the delay. */
  send(messages: number, write: () => void): void {
    const meter = this.#meter;
    this.#outward.pass(() => {
      this.#tally.messages += messages;
      meter?.carry(write);
    });
  }

  /** Ends the request under way, with the run. */
  end(): void {
    this.#inward.cut();
    this.#outward.cut();
    const visit = this.#visit;
    this.#visit = undefined;
    visit?.end();
  }
}
