export interface BoundedLogOptions<Entry> {
  readonly maxEntries: number;
  /** How much all entries together may hold, in bytes by `sizeOf`. The newest entry always stays. */
  readonly maxBytes: number;
  readonly sizeOf: (entry: Entry) => number;
  /** Called with each entry that is dropped or cleared, to give back what it holds. */
  readonly release?: (entry: Entry) => void;
}

/** The newest entries of an endless sequence, and a count of those that had to go. */
export class BoundedLog<Entry> {
  readonly #options: BoundedLogOptions<Entry>;
  #entries: Entry[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(options: BoundedLogOptions<Entry>) {
    this.#options = options;
  }

  /** Oldest first. The array is not changed by what is appended later. */
  snapshot(): readonly Entry[] {
    return this.#entries.slice();
  }

  /** How many entries were dropped since the log was made or cleared. */
  get dropped(): number {
    return this.#dropped;
  }

  append(entry: Entry): void {
    const { maxEntries, maxBytes, sizeOf } = this.#options;
    this.#entries.push(entry);
    this.#bytes += sizeOf(entry);
    while (this.#entries.length > 1 && (this.#entries.length > maxEntries || this.#bytes > maxBytes))
      this.#dropOldest();
  }

  clear(): void {
    for (const entry of this.#entries) this.#options.release?.(entry);
    this.#entries = [];
    this.#bytes = 0;
    this.#dropped = 0;
  }

  #dropOldest(): void {
    const oldest = this.#entries.shift();
    if (oldest === undefined) return;
    this.#bytes -= this.#options.sizeOf(oldest);
    this.#dropped += 1;
    this.#options.release?.(oldest);
  }
}
