import { EngineError } from '@tidewire/hub';
import type { ClassicLevel } from 'classic-level';
import { failed } from './errors.ts';
import { closeStore, type OpenStore, openStore, type StoreOptions } from './store.ts';

// Keeps a store open. After a write has failed nobody knows what of it is on the disk, nor would all that is written behind it
// be found again; so the store is closed, and opened anew, which reads its log up to the last group that is whole.

/** Milliseconds until a store that has failed is opened again; doubled each time that this fails. */
const FIRST_REOPENING = 100;
const LAST_REOPENING = 5000;

export class StoreKeeper {
  readonly #options: StoreOptions;
  readonly #interrupted: (reason: string) => void;
  readonly #resumed: () => void;
  #store: OpenStore | undefined;
  /** Why there is no store. */
  #reason = new EngineError('STOPPED', 'The store is not open');
  #reopening: Promise<void> | undefined;
  /** Ends the waiting for the next attempt. */
  #hurry = () => {};
  #isClosing = false;

  constructor(options: StoreOptions, interrupted: (reason: string) => void, resumed: () => void) {
    this.#options = options;
    this.#interrupted = interrupted;
    this.#resumed = resumed;
  }

  /** @throws EngineError if it is not open */
  get level(): ClassicLevel {
    return this.#opened.level;
  }

  /** The epoch of a stream as it is told. */
  told(epoch: string): string {
    const { generation } = this.#opened;
    return generation === 0 ? epoch : `${epoch}.${generation}`;
  }

  /** @throws EngineError `UNAVAILABLE` */
  async open(): Promise<void> {
    this.#isClosing = false;
    this.#store = await openStore(this.#options);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry();
    await this.#reopening;
    const store = this.#store;
    this.#store = undefined;
    this.#reason = new EngineError('STOPPED', 'The store is not open');
    if (store !== undefined) await closeStore(store, this.#options.isSynced);
  }

  /** A write has failed. @returns what to say of it */
  broken(error: unknown): EngineError {
    const store = this.#store;
    this.#reason = failed(this.#options.directory, error);
    if (store === undefined) return this.#reason;
    this.#store = undefined;
    this.#interrupted(this.#reason.message);
    this.#reopening = this.#reopen(store.level).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reason;
  }

  async #reopen(level: ClassicLevel): Promise<void> {
    await level.close().catch(() => {});
    for (let delay = FIRST_REOPENING; !this.#isClosing; delay = Math.min(delay * 2, LAST_REOPENING)) {
      await this.#wait(delay);
      if (this.#isClosing) return;
      try {
        // What it may have lost since it was opened was said then.
        this.#store = await openStore({ ...this.#options, hasLostData: false });
        if (!this.#isClosing) this.#resumed();
        return;
      } catch (error) {
        this.#reason = failed(this.#options.directory, error);
      }
    }
  }

  async #wait(delay: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay);
      timer.unref();
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  get #opened(): OpenStore {
    if (this.#store === undefined) throw this.#reason;
    return this.#store;
  }
}
