/**
 * A queue whose items keep their numbers: the first that was ever put in is 0, also when those before it are gone. So a reader
 * remembers where it is, whatever is added at the end and dropped at the beginning.
 */
export class Deque<Item> {
  #items: (Item | undefined)[] = [];
  /** Where the oldest item is in `#items`; what is before it is dropped. */
  #head = 0;
  #start = 0;

  /** The number of the oldest item that is there. */
  get start(): number {
    return this.#start;
  }

  /** The number that the next item will have. */
  get end(): number {
    return this.#start + this.length;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The item of this number, if it is there. */
  at(index: number): Item | undefined {
    return index < this.#start ? undefined : this.#items[this.#head + index - this.#start];
  }

  get first(): Item | undefined {
    return this.at(this.#start);
  }

  get last(): Item | undefined {
    return this.at(this.end - 1);
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Drops the oldest. */
  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    this.#start += 1;
    // Moved up now and then, not each time: the cost of it is spread over as many drops as there are items.
    if (this.#head > 1024 && this.#head > this.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops all. The numbers go on. */
  clear(): void {
    this.#start = this.end;
    this.#items = [];
    this.#head = 0;
  }

  /** The number of the first item of which `isBehind` says so, or `end`. Needs items in which those are all at the end. */
  search(isBehind: (item: Item) => boolean): number {
    let low = this.#start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.at(middle);
      if (item !== undefined && isBehind(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
