import { Deque } from './deque.ts';
import type { Entry } from './entry.ts';
import type { Test } from './filter.ts';

/** Between two looks at the clock. */
const STRIDE = 64;

/** Whether it is time to let the page be drawn. */
export type IsLate = () => boolean;

/**
 * Those messages of a growing queue that pass a test. They are found in pieces, as time allows, so that the page stays fluid
 * however many there are. It stops at a message of which it is not known yet whether it does: the order stays.
 */
export class Scan {
  readonly #source: Deque<Entry>;
  readonly #test: Test | undefined;
  readonly #hits = new Deque<Entry>();
  #next: number;

  /** @param test left out: all pass, and `hits` is the queue itself */
  constructor(source: Deque<Entry>, test: Test | undefined) {
    this.#source = source;
    this.#test = test;
    this.#next = source.start;
  }

  get hits(): Deque<Entry> {
    return this.#test === undefined ? this.#source : this.#hits;
  }

  get isDone(): boolean {
    return this.#test === undefined || this.#next >= this.#source.end;
  }

  /** Of what there is, from 0 to 1. */
  get progress(): number {
    const { start, length } = this.#source;
    return this.isDone || length === 0 ? 1 : Math.max(0, this.#next - start) / length;
  }

  /** Goes on until all is looked through or it is late. @returns whether nothing more can be done now */
  work(isLate: IsLate): boolean {
    if (this.#test === undefined) return true;
    this.#trim();
    const { end } = this.#source;
    while (this.#next < end && !isLate()) {
      for (const stop = Math.min(end, this.#next + STRIDE); this.#next < stop; this.#next += 1) {
        const entry = this.#source.at(this.#next);
        if (entry === undefined) continue;
        const isHit = this.#test(entry.message);
        if (isHit === undefined) return true;
        if (isHit) this.#hits.push(entry);
      }
    }
    return this.#next >= end;
  }

  /** Lets go of what the queue has dropped. */
  #trim(): void {
    this.#next = Math.max(this.#next, this.#source.start);
    const oldest = this.#source.first?.message.seq ?? Number.POSITIVE_INFINITY;
    while ((this.#hits.first?.message.seq ?? oldest) < oldest) this.#hits.shift();
  }
}
