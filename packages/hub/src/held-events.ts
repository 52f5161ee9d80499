import type { EventPosition } from './engine.ts';
import type { Publication } from './publication.ts';

export interface HeldEvent {
  readonly publication: Publication;
  readonly position: EventPosition | undefined;
}

/** As many wait at most. */
export const MOST_HELD = 1000;

/** What the engine tells of a channel while the history before it is read. */
export class HeldEvents {
  #events: HeldEvent[] = [];
  #hasOverflowed = false;

  /** Whether what is held has no beginning, because there was too much of it. */
  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  get first(): HeldEvent | undefined {
    return this.#events[0];
  }

  add(event: HeldEvent): void {
    if (this.#events.length < MOST_HELD) {
      this.#events.push(event);
      return;
    }
    // The history has what is in the stream, and is read from the position on anyway.
    this.#events = [];
    this.#hasOverflowed = true;
  }

  /**
   * Hands what is held to `take`, until that returns `false`; from there on it stays.
   * @returns whether all was taken, and nothing was left out before it
   */
  release(take: (event: HeldEvent) => boolean): boolean {
    const events = this.#events;
    const isWhole = !this.#hasOverflowed;
    this.#events = [];
    this.#hasOverflowed = false;
    const stuck = events.findIndex((event) => !take(event));
    if (stuck < 0) return isWhole;
    this.#events = events.slice(stuck);
    return false;
  }

  clear(): void {
    this.#events = [];
    this.#hasOverflowed = false;
  }
}
