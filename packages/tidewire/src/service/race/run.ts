import { type LaneTally, type RaceLane, type RaceSettings, raceLanes } from '@tidewire/console/race-messages';
import { Rate } from '../rate.ts';
import { Lane } from './lane.ts';
import { MessageLog, type StreamMessage } from './message-log.ts';

/** Requests per second that the lanes of one run may make, on average: long polling makes one for each message. */
const REQUEST_RATE = 100;

/** One browser's race: a stream of messages, the lanes that it goes over, and the settings of both. */
export class Run {
  /** What opens the lanes: nobody guesses it. */
  readonly id: string;
  readonly log = new MessageLog();
  readonly requests = new Rate(REQUEST_RATE);
  readonly #listeners = new Set<(message: StreamMessage) => void>();
  readonly #lanes = new Map<RaceLane, Lane>();
  #settings: RaceSettings = { rate: 4, delay: 0 };
  #timer: NodeJS.Timeout | undefined;
  /** When the next message is due, on the clock of `performance.now`; `undefined` before the start. */
  #due: number | undefined;
  #hasEnded = false;

  constructor(id: string) {
    this.id = id;
    for (const name of raceLanes) this.#lanes.set(name, new Lane(() => this.#settings.delay / 2));
  }

  lane(name: RaceLane): Lane {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new TypeError(`There is no lane ${name}`);
    return lane;
  }

  /** Begins the stream with a message at once. Called again it does nothing. */
  start(): void {
    if (this.#due !== undefined || this.#hasEnded) return;
    this.#due = performance.now();
    this.#make();
  }

  /** For what happens from now on; what is under way keeps its delay. */
  set(settings: RaceSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (this.#due === undefined || before.rate === settings.rate || this.#hasEnded) return;
    this.#due = Math.min(this.#due, performance.now() + 1000 / settings.rate);
    this.#wait(this.#due);
  }

  /**
   * What a page has missed that has all messages up to the number `after`, to be sent piece by piece. Each counts as a
   * request: to ask for all of it again and again would be a way to keep the server busy.
   */
  takeMissed(after: number): readonly (readonly StreamMessage[])[] {
    const pieces = this.log.piecesAfter(after);
    if (pieces.length > 0) this.requests.take(pieces.length);
    return pieces;
  }

  /** Calls `listener` with each message when it is made, until what is returned is called. */
  subscribe(listener: (message: StreamMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What every lane that has been used has cost until now. */
  tallies(): Partial<Record<RaceLane, LaneTally>> {
    const used = [...this.#lanes].map(([name, lane]) => [name, lane.tally()] as const);
    return Object.fromEntries(used.filter(([, { requests }]) => requests > 0));
  }

  /** Ends the stream and all requests under way. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
    for (const lane of this.#lanes.values()) lane.end();
  }

  #make(): void {
    const message = this.log.append(now());
    // Each in its turn is the first: that one wakes what the others find awake, and so costs more.
    const listeners = [...this.#listeners];
    const first = message.n % Math.max(1, listeners.length);
    for (const listener of [...listeners.slice(first), ...listeners.slice(0, first)]) listener(message);
    // By the clock, so that timers which are late do not add up; but what was missed is not made up for.
    const interval = 1000 / this.#settings.rate;
    const due = Math.max((this.#due ?? 0) + interval, performance.now());
    this.#due = due;
    this.#wait(due);
  }

  #wait(due: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#make(), due - performance.now());
  }
}

/** Milliseconds since the epoch, with fractions. It never goes back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
