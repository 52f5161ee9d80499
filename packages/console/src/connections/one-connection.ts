import type { Ask, Trouble } from '../operate/ask.ts';
import { Store } from '../operate/store.ts';
import type { ConnectionDetails } from '../operate-messages.ts';

/** One client, as its node sees it when somebody asks. */
export class OneConnection extends Store {
  readonly client: string;
  details: ConnectionDetails | undefined;
  /** Whether there is no such client, or none any more. */
  isGone = false;
  trouble: Trouble | undefined;
  readonly #ask: Ask;

  constructor(ask: Ask, client: string) {
    super();
    this.#ask = ask;
    this.client = client;
  }

  async load(): Promise<void> {
    const outcome = await this.#ask('connection', { client: this.client });
    if (outcome.ok) {
      // What it was last stays to be read.
      this.details = outcome.value.connection ?? this.details;
      this.isGone = outcome.value.connection === undefined;
      this.trouble = undefined;
    } else this.trouble = outcome.trouble;
    this.changed();
  }
}
