import type { Ask, Outcome, Trouble } from '../operate/ask.ts';
import { Store } from '../operate/store.ts';
import type { Position, Publication } from '../operate-messages.ts';

// What was published to a channel: the newest first, older ones when somebody asks for them, and what comes meanwhile. Bounded: of
// what is held, the oldest goes when more comes in front.

/** Publications of one question. */
const PAGE = 20;
/** Publications that are held. */
export const MOST = 500;

export class History extends Store {
  readonly channel: string;
  /** The newest first. */
  publications: readonly Publication[] = [];
  /** Where the channel was, when it was asked last. */
  position: Position | undefined;
  /** Whether there are older ones than those held. */
  hasOlder = false;
  /** Whether something between those that are held is gone. */
  isCut = false;
  trouble: Trouble | undefined;
  isKnown = false;
  readonly #ask: Ask;
  readonly #page: number;
  readonly #most: number;
  /** One question at a time: what is held must not change while it is answered. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ask: Ask, channel: string, { page = PAGE, most = MOST } = {}) {
    super();
    this.#ask = ask;
    this.channel = channel;
    this.#page = page;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.publications.length >= this.#most;
  }

  /** The newest, in place of all that is held. @returns whether it was answered */
  begin(): Promise<boolean> {
    return this.#inTurn(() => this.#begin());
  }

  older(): Promise<boolean> {
    return this.#inTurn(() => this.#older());
  }

  /** What has come since. @returns whether it was answered */
  follow(): Promise<boolean> {
    return this.#inTurn(() => this.#follow());
  }

  /** @returns what has happened, in a sentence */
  async remove(): Promise<Outcome<string>> {
    const outcome = await this.#ask('history_remove', { channel: this.channel });
    if (!outcome.ok) return outcome;
    await this.begin();
    return { ok: true, value: 'The history is empty.' };
  }

  async #begin(): Promise<boolean> {
    const answer = await this.#read(undefined);
    if (answer === undefined) return false;
    this.position = answer.position;
    this.publications = answer.publications;
    this.hasOlder = answer.publications.length === this.#page;
    this.isKnown = true;
    this.isCut = false;
    this.changed();
    return true;
  }

  async #older(): Promise<boolean> {
    const last = this.publications.at(-1);
    const { position } = this;
    if (last === undefined || position === undefined || this.isFull) return true;
    const answer = await this.#read({ epoch: position.epoch, offset: last.offset });
    if (answer === undefined) return false;
    if (answer.position.epoch !== position.epoch) return this.#begin();
    this.publications = [...this.publications, ...answer.publications].slice(0, this.#most);
    this.hasOlder = answer.publications.length === this.#page;
    this.changed();
    return true;
  }

  async #follow(): Promise<boolean> {
    const since = this.position;
    if (since === undefined) return this.#begin();
    const outcome = await this.#ask('history', { channel: this.channel, since, limit: this.#page * 5 });
    if (!outcome.ok) return this.#failed(outcome.trouble);
    const { position, publications, isComplete } = outcome.value;
    // Its stream is another one: all that is held is of another time.
    if (position.epoch !== since.epoch || position.offset < since.offset) return this.#begin();
    const newest = publications.at(-1);
    const isNews = newest !== undefined || !isComplete || this.trouble !== undefined;
    this.trouble = undefined;
    this.isCut ||= !isComplete;
    this.position = newest === undefined ? position : { epoch: position.epoch, offset: newest.offset };
    if (newest !== undefined) {
      const all = [...publications.toReversed(), ...this.publications];
      this.hasOlder ||= all.length > this.#most;
      this.publications = all.slice(0, this.#most);
    }
    if (isNews) this.changed();
    return true;
  }

  async #read(since: Position | undefined) {
    const request = { channel: this.channel, limit: this.#page, isReversed: true, since };
    const outcome = await this.#ask('history', request);
    if (outcome.ok) {
      this.trouble = undefined;
      return outcome.value;
    }
    this.#failed(outcome.trouble);
    return undefined;
  }

  #failed(trouble: Trouble): false {
    this.trouble = trouble;
    this.changed();
    return false;
  }

  #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const done = this.#last.then(work);
    this.#last = done;
    return done;
  }
}
