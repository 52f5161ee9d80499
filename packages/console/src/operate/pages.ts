import type { Trouble } from './ask.ts';
import { Store } from './store.ts';

// A list that comes a page at a time: one page is here, whatever the service has. The way back is the beginnings of the pages
// before.

export interface Fetched<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
  /** Nodes that have not answered. */
  readonly silent: readonly { readonly id: string; readonly name: string }[];
  /** How many there are on all pages, if that is known. */
  readonly total?: number | undefined;
}

export type FetchPage<Row> = (
  after: string | undefined,
) => Promise<{ readonly ok: true; readonly value: Fetched<Row> } | { readonly ok: false; readonly trouble: Trouble }>;

export class Pages<Row> extends Store {
  rows: readonly Row[] = [];
  silent: Fetched<Row>['silent'] = [];
  total: number | undefined;
  trouble: Trouble | undefined;
  /** Whether an answer is awaited. */
  isBusy = false;
  /** Whether there was an answer. */
  isKnown = false;
  readonly #fetch: FetchPage<Row>;
  /** Of the pages up to this one. */
  #begins: (string | undefined)[] = [undefined];
  #next: string | undefined;
  #asked = 0;

  constructor(fetch: FetchPage<Row>) {
    super();
    this.#fetch = fetch;
  }

  /** From 1. */
  get page(): number {
    return this.#begins.length;
  }

  get hasNext(): boolean {
    return this.#next !== undefined;
  }

  /** What is asked for has changed. */
  begin(): Promise<boolean> {
    return this.#load([undefined]);
  }

  /** The same page again. */
  refresh(): Promise<boolean> {
    return this.#load(this.#begins);
  }

  async next(): Promise<void> {
    if (this.#next !== undefined) await this.#load([...this.#begins, this.#next]);
  }

  async previous(): Promise<void> {
    if (this.#begins.length > 1) await this.#load(this.#begins.slice(0, -1));
  }

  async #load(begins: (string | undefined)[]): Promise<boolean> {
    // An answer that comes after a later question is of no interest any more.
    const asked = ++this.#asked;
    this.isBusy = true;
    this.changed();
    const outcome = await this.#fetch(begins.at(-1));
    if (asked !== this.#asked) return true;
    this.isBusy = false;
    if (outcome.ok) {
      const { rows, next, silent, total } = outcome.value;
      Object.assign(this, { rows, silent, total, trouble: undefined, isKnown: true });
      this.#begins = begins;
      this.#next = next;
    } else this.trouble = outcome.trouble;
    this.changed();
    return outcome.ok;
  }
}
