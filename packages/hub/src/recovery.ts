import type { History } from './engine.ts';
import type { Joining } from './joining.ts';
import type { StoredPublication, StreamPosition } from './publication.ts';
import { indexOf } from './tail.ts';

// What those that come back have missed, read from the engine: one read for all that wait, put together with what was
// delivered meanwhile. Each joins where the channel is then, and has everything up to there.
//
// The read begins where the one that was away longest has been. If that is too far back, the next ones halve those that are
// left, so that many places in a long history take few reads, and who was away for a moment does not wait behind each that
// was away for long.

interface Waiter {
  readonly joining: Joining;
  readonly since: StreamPosition;
}

export interface RecoverySource {
  read(since: StreamPosition, limit: number): Promise<History>;
  /** Where the channel is. */
  current(): StreamPosition | undefined;
  settle(joining: Joining, missed: readonly StoredPublication[] | undefined): void;
  /** The channel has gone on meanwhile: asks anew. */
  retry(joining: Joining): void;
  /** Asks anew once the channel has read on from where it is. */
  readOn(joining: Joining): void;
  fail(joining: Joining, error: unknown): void;
  pause(failures: number): Promise<void>;
  /** What was read reaches from `from` to where the channel is. */
  keep(from: number, publications: readonly StoredPublication[]): void;
  limit(): number;
}

/** How often a read may fail before those that wait are told so. */
const MOST_FAILURES = 3;

export class Recovery {
  readonly #source: RecoverySource;
  #waiting: Waiter[] = [];
  /** What was delivered since the read began; `undefined` if there is none, or that has no beginning. */
  #delivered: StoredPublication[] | undefined;
  #isReading = false;
  /** Whether a read went too far back. */
  #isHalving = false;

  constructor(source: RecoverySource) {
    this.#source = source;
  }

  add(joining: Joining, since: StreamPosition): void {
    this.#waiting.push({ joining, since });
    this.#run();
  }

  /** The channel has delivered it. */
  note(stored: StoredPublication): void {
    // More than that is given to nobody.
    if (this.#delivered !== undefined && this.#delivered.length <= this.#source.limit()) this.#delivered.push(stored);
  }

  /** The channel goes on somewhere else. */
  breakOff(): void {
    this.#delivered = undefined;
  }

  async #run(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    // Those that come in the same turn are served together.
    await undefined;
    for (let failures = 0; this.#hasWaiting(); ) {
      try {
        await this.#serve();
        failures = 0;
      } catch (error) {
        failures++;
        if (failures < MOST_FAILURES) await this.#source.pause(failures);
        else for (const { joining } of this.#take()) this.#source.fail(joining, error);
      }
    }
    this.#isReading = false;
    this.#isHalving = false;
  }

  #hasWaiting(): boolean {
    this.#waiting = this.#waiting.filter(({ joining }) => !joining.isOver);
    return this.#waiting.length > 0;
  }

  #take(): Waiter[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.filter(({ joining }) => !joining.isOver);
  }

  async #serve(): Promise<void> {
    const begin = this.#source.current();
    const since = this.#isHalving ? this.#median() : this.#lowest();
    if (begin === undefined || since === undefined) return;
    this.#delivered = [];
    const limit = this.#source.limit();
    const history = await this.#source.read(since, limit + 1);
    const delivered = this.#delivered;
    this.#delivered = undefined;
    const waiting = this.#take();
    if (history.position.epoch !== begin.epoch) {
      for (const { joining } of waiting) this.#source.readOn(joining);
    } else if (delivered === undefined) {
      for (const { joining } of waiting) this.#source.retry(joining);
    } else if (delivered.length > limit) {
      for (const waiter of waiting) this.#settleLate(waiter, begin);
    } else if (history.position.offset < begin.offset) {
      this.#waiting.push(...waiting);
      throw new Error('The engine has answered with a history older than what it had told of');
    } else {
      this.#waiting.push(...this.#settleAll(waiting, since, history, delivered));
    }
  }

  #lowest(): StreamPosition | undefined {
    return this.#waiting.reduce<Waiter | undefined>(
      (lowest, each) => (lowest === undefined || each.since.offset < lowest.since.offset ? each : lowest),
      undefined,
    )?.since;
  }

  #median(): StreamPosition | undefined {
    const positions = this.#waiting.map(({ since }) => since).sort((a, b) => a.offset - b.offset);
    return positions[positions.length >> 1];
  }

  /** More was published during the read than anybody is given back. */
  #settleLate({ joining, since }: Waiter, begin: StreamPosition): void {
    if (since.offset <= begin.offset) this.#source.settle(joining, undefined);
    else this.#source.retry(joining);
  }

  /** @returns those that another read must serve */
  #settleAll(
    waiting: readonly Waiter[],
    since: StreamPosition,
    history: History,
    delivered: readonly StoredPublication[],
  ): Waiter[] {
    const end = this.#source.current()?.offset ?? 0;
    const isWhole = history.publications.length <= this.#source.limit();
    const read = history.publications;
    const last = Math.max(history.position.offset, since.offset);
    const all = [...read, ...delivered.filter(({ offset }) => offset > last)].filter(({ offset }) => offset <= end);
    const isGood = isWhole && history.isComplete;
    if (isGood) this.#source.keep(since.offset, all);
    const left: Waiter[] = [];
    for (const waiter of waiting) {
      const { offset } = waiter.since;
      const at = offset === since.offset ? -1 : indexOf(all, offset);
      if (offset === since.offset || (offset < since.offset && !isGood)) {
        // What cannot be given from here cannot be given from further back.
        this.#source.settle(waiter.joining, isGood ? all : undefined);
      } else if (at >= 0 && isWhole) {
        this.#source.settle(waiter.joining, all.slice(at + 1));
      } else {
        left.push(waiter);
      }
    }
    this.#isHalving ||= !isGood;
    return left;
  }
}
