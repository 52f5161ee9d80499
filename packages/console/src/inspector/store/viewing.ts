import type { Deque } from './deque.ts';
import type { Entry } from './entry.ts';
import { compileFilter, compileText, type Filter, noFilter } from './filter.ts';
import { Rates } from './rates.ts';
import { type IsLate, Scan } from './scan.ts';
import type { InspectorStore } from './store.ts';
import { type AskSearch, WholeSearch } from './whole-search.ts';

/** What a person looks for among the messages that are shown. */
export interface Find {
  readonly text: string;
  readonly isPattern: boolean;
}

export interface ViewingOptions {
  /** Looks through what the page has in part. Default: only what it has is looked at. */
  readonly ask?: AskSearch | undefined;
  /** There is more to look at without anything new in the store. */
  readonly changed?: (() => void) | undefined;
}

/** What of the store is looked at: of one connection or of all, filtered, and searched. */
export class Viewing {
  readonly #store: InspectorStore;
  readonly #options: ViewingOptions;
  /** The id of the connection that is looked at; `undefined` for all. */
  scope: number | undefined;
  filter: Filter = noFilter;
  find: Find = { text: '', isPattern: false };
  /** What marks hits in a text, if something is looked for. */
  findPattern: RegExp | undefined;
  #filterProblem: string | undefined;
  #findProblem: string | undefined;
  #filterWhole: WholeSearch | undefined;
  #findWhole: WholeSearch | undefined;
  #rows: Scan;
  #hits: Scan | undefined;
  #rates: Rates;
  /** Which message of the connection comes next into `#rates`. */
  #rated = 0;

  constructor(store: InspectorStore, options: ViewingOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.#rates = store.rates;
    this.#rows = new Scan(store.entries, undefined);
  }

  /** The messages that are shown. */
  get rows(): Deque<Entry> {
    return this.#rows.hits;
  }

  /** Those of them in which is found what is looked for. */
  get hits(): Deque<Entry> | undefined {
    return this.#hits?.hits;
  }

  /** Why the text of the filter is not looked for, or not everywhere, in words. */
  get filterProblem(): string | undefined {
    return this.#filterProblem ?? this.#filterWhole?.problem;
  }

  get findProblem(): string | undefined {
    return this.#findProblem ?? this.#findWhole?.problem;
  }

  /** How far the filter has come, from 0 to 1. */
  get progress(): number {
    return this.#rows.progress;
  }

  get rates(): Rates {
    return this.#rates;
  }

  look(scope: number | undefined): void {
    if (scope === this.scope) return;
    this.scope = scope;
    this.begin();
  }

  setFilter(filter: Filter): void {
    this.filter = filter;
    this.begin();
  }

  setFind(find: Find): void {
    this.find = find;
    this.#beginFind();
  }

  /** After the store has forgotten: what was looked at may not be there any more. */
  beginAnew(): void {
    if (this.scope !== undefined && !this.#store.connections.has(this.scope)) this.scope = undefined;
    this.begin();
  }

  /** Looks through all again. */
  begin(): void {
    const source = this.#source;
    this.#filterWhole = this.#searchFor(this.filter);
    const { test, problem } = compileFilter(this.filter, this.#filterWhole);
    this.#filterProblem = problem;
    this.#rows = new Scan(source, test);
    this.#rates = this.scope === undefined ? this.#store.rates : new Rates();
    this.#rated = source.start;
    this.#beginFind();
  }

  /** Takes in what is new, as time allows. @returns whether nothing more can be done now */
  work(isLate: IsLate): boolean {
    const isRated = this.#rate(isLate);
    const isFiltered = this.#rows.work(isLate);
    return (this.#hits?.work(isLate) ?? true) && isFiltered && isRated;
  }

  /** The next message with what is looked for, from the one with this `seq` on; around the end it begins anew. */
  hitAfter(seq: number): Entry | undefined {
    const hits = this.hits;
    return hits?.at(hits.search(({ message }) => message.seq > seq)) ?? hits?.first;
  }

  hitBefore(seq: number): Entry | undefined {
    const hits = this.hits;
    return hits?.at(hits.search(({ message }) => message.seq >= seq) - 1) ?? hits?.last;
  }

  /** Which hit this is, from 1 on; 0 if it is none. */
  ordinalOf(seq: number): number {
    const hits = this.hits;
    if (hits === undefined) return 0;
    const index = hits.search(({ message }) => message.seq >= seq);
    return hits.at(index)?.message.seq === seq ? index - hits.start + 1 : 0;
  }

  /** The row of a message, or the one where it would be. */
  rowOf(seq: number): number {
    return this.rows.search(({ message }) => message.seq >= seq);
  }

  get #source(): Deque<Entry> {
    const { connections, entries } = this.#store;
    return this.scope === undefined ? entries : (connections.get(this.scope)?.entries ?? entries);
  }

  #beginFind(): void {
    const { pattern, problem } = compileText(this.find.text, this.find.isPattern);
    this.#findProblem = problem;
    this.findPattern = pattern;
    this.#findWhole = this.#searchFor(this.find);
    const test = pattern && compileFilter({ ...noFilter, ...this.find }, this.#findWhole).test;
    this.#hits = test && new Scan(this.rows, test);
  }

  #searchFor({ text, isPattern }: Find): WholeSearch | undefined {
    const { ask, changed = () => {} } = this.#options;
    return ask && text !== '' ? new WholeSearch(ask, isPattern ? { pattern: text } : { text }, changed) : undefined;
  }

  /** The rates of a connection come from what is kept of it; those of all are counted as messages come. */
  #rate(isLate: IsLate): boolean {
    if (this.scope === undefined) return true;
    const source = this.#source;
    this.#rated = Math.max(this.#rated, source.start);
    while (this.#rated < source.end) {
      if (this.#rated % 64 === 0 && isLate()) return false;
      const entry = source.at(this.#rated);
      if (entry !== undefined) this.#rates.add(entry.message);
      this.#rated += 1;
    }
    return true;
  }
}
