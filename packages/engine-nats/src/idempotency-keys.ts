import { createHash, randomBytes } from 'node:crypto';
import { StorageType } from '@nats-io/jetstream';
import { WRONG_LAST_SEQUENCE } from './compare-and-set.ts';
import { apiCode } from './failures.ts';
import type { HistoryStreams } from './history-streams.ts';
import type { Link } from './link.ts';
import type { Subjects } from './subjects.ts';

// The keys of publications that are not kept: each is a message of a stream for as long as it is to be known, and the server takes
// the first only. Those of publications that are kept are ids of messages, which the stream itself knows.

const FIVE_MINUTES = 300_000_000_000;
const TWO_MINUTES = 120_000_000_000;

export class IdempotencyKeys {
  readonly #link: Link;
  readonly #streams: HistoryStreams;
  readonly #subjects: Subjects;
  #isMade = false;

  constructor(link: Link, streams: HistoryStreams, subjects: Subjects) {
    this.#link = link;
    this.#streams = streams;
    this.#subjects = subjects;
  }

  /** @returns whether nobody has used the key in this channel */
  async claim(channel: string, key: string): Promise<boolean> {
    const hash = createHash('sha256')
      .update(JSON.stringify([channel, key]))
      .digest('base64url');
    const msgID = randomBytes(12).toString('base64url');
    return this.#link.retried(async (timeout) => {
      await this.#made();
      try {
        const expect = { lastSubjectSequence: 0 };
        await this.#link.js.publish(`${this.#subjects.keys}.${hash}`, '', { msgID, expect, timeout });
        return true;
      } catch (error) {
        if (apiCode(error) === WRONG_LAST_SEQUENCE) return false;
        this.#isMade = false;
        throw error;
      }
    });
  }

  async #made(): Promise<void> {
    if (this.#isMade) return;
    await this.#streams.made({
      name: this.#subjects.keyStream,
      subjects: [`${this.#subjects.keys}.*`],
      max_msgs_per_subject: 1,
      max_age: FIVE_MINUTES,
      duplicate_window: TWO_MINUTES,
      storage: StorageType.Memory,
    });
    this.#isMade = true;
  }
}
