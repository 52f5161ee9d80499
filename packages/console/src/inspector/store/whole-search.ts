import type { Order } from '@tidewire/inspector/recording';

// The page has the beginning of a long message only. Whether the rest has what is looked for, the inspector is asked: from where it is
// not known yet, a piece at a time, while somebody wants to know.

export type SearchOrder = Extract<Order, { type: 'search' }>;

/** What was found, and from where on there is more to look through. */
export interface SearchAnswer {
  readonly found?: readonly number[] | undefined;
  readonly next?: number | undefined;
}

/** Asks the inspector. Rejects with an Error that says why it cannot be asked, or for this. */
export type AskSearch = (order: SearchOrder) => Promise<SearchAnswer>;

export class WholeSearch {
  readonly #ask: AskSearch;
  readonly #what: Pick<SearchOrder, 'text' | 'pattern'>;
  /** Calls back when more is known. */
  readonly #changed: () => void;
  readonly #found = new Set<number>();
  /** Before this `seq` all is known. */
  #next = 0;
  #isAsking = false;
  #problem: string | undefined;

  constructor(ask: AskSearch, what: Pick<SearchOrder, 'text' | 'pattern'>, changed: () => void) {
    this.#ask = ask;
    this.#what = what;
    this.#changed = changed;
  }

  /** Why only beginnings are looked at, in words, if it is so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether the rest of this message has it: `undefined` as long as that is not known. Asked in the order of `seq`. */
  has(seq: number): boolean | undefined {
    if (this.#problem !== undefined) return false;
    // It is asked once about each.
    if (seq < this.#next) return this.#found.delete(seq);
    if (!this.#isAsking) void this.#askFrom(seq);
    return undefined;
  }

  async #askFrom(seq: number): Promise<void> {
    this.#isAsking = true;
    // What is found before is of messages that are not kept here any more.
    this.#found.clear();
    try {
      const { found = [], next = 0 } = await this.#ask({ type: 'search', from: seq, ...this.#what });
      for (const each of found) this.#found.add(each);
      this.#next = Math.max(next, seq + 1);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#problem = `Only the beginnings of long messages are looked at: ${why}`;
    }
    this.#isAsking = false;
    this.#changed();
  }
}
