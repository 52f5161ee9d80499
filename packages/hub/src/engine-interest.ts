import { type Engine, EngineError } from './engine.ts';
import { isPrefix } from './namespace-table.ts';

// What this node is subscribed to on the engine. For each name there is one operation at a time, whatever is wanted meanwhile:
// the last word counts.

interface Entry {
  isWanted: boolean;
  isSubscribed: boolean;
  isRunning: boolean;
  waiting: { resolve: () => void; reject: (error: unknown) => void }[];
}

export class EngineInterest {
  readonly #engine: Engine;
  readonly #entries = new Map<string, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Resolves when the engine tells of `name`. Rejects with an `EngineError` if it does not, or `drop` is called before.
   * @param name a channel, or a prefix with its star
   */
  want(name: string): Promise<void> {
    const known = this.#entries.get(name);
    const entry = known ?? { isWanted: true, isSubscribed: false, isRunning: false, waiting: [] };
    this.#entries.set(name, entry);
    entry.isWanted = true;
    if (entry.isSubscribed && !entry.isRunning) return Promise.resolve();
    return new Promise((resolve, reject) => {
      entry.waiting.push({ resolve, reject });
      this.#run(name, entry);
    });
  }

  drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.isWanted = false;
    settle(entry, (waiter) => waiter.reject(new EngineError('UNAVAILABLE', `Nobody wants ${name} any more`)));
    this.#run(name, entry);
  }

  async #run(name: string, entry: Entry): Promise<void> {
    if (entry.isRunning) return;
    entry.isRunning = true;
    while (entry.isWanted !== entry.isSubscribed) {
      if (entry.isWanted) await this.#subscribe(name, entry);
      else await this.#unsubscribe(name, entry);
    }
    entry.isRunning = false;
    if (entry.isWanted) settle(entry, (waiter) => waiter.resolve());
    else this.#entries.delete(name);
  }

  async #subscribe(name: string, entry: Entry): Promise<void> {
    try {
      if (isPrefix(name)) await this.#engine.subscribePrefix(name.slice(0, -1));
      else await this.#engine.subscribe(name);
      entry.isSubscribed = true;
    } catch (error) {
      // It may have been done all the same.
      await this.#unsubscribe(name, entry);
      entry.isWanted = false;
      settle(entry, (waiter) => waiter.reject(error));
    }
  }

  async #unsubscribe(name: string, entry: Entry): Promise<void> {
    try {
      if (isPrefix(name)) await this.#engine.unsubscribePrefix(name.slice(0, -1));
      else await this.#engine.unsubscribe(name);
    } catch {
      // What it still tells of is for nobody.
    }
    entry.isSubscribed = false;
  }
}

function settle(entry: Entry, how: (waiter: Entry['waiting'][number]) => void): void {
  const { waiting } = entry;
  entry.waiting = [];
  for (const waiter of waiting) how(waiter);
}
