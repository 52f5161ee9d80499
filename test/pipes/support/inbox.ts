/** What came, in order, and a way to wait for what is yet to come. */
export class Inbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #hasEnded = false;
  #waiting: (() => void)[] = [];

  push(item: T): void {
    this.all.push(item);
    this.#wake();
  }

  /** Nothing more will come. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** The first that was not asked for yet. @throws Error if the end comes before */
  async next(): Promise<T> {
    await this.until(this.#taken + 1);
    const [item] = this.all.slice(this.#taken, ++this.#taken);
    if (item === undefined) throw new Error('Nothing is there');
    return item;
  }

  /** All that has come, once it is so many. @throws Error if the end comes before */
  async until(count: number): Promise<readonly T[]> {
    while (this.all.length < count) {
      if (this.#hasEnded) throw new Error(`It ended after ${this.all.length} of ${count}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.all;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
