import type { Link } from './link.ts';

// Reading messages of a subject, in their order. All are asked of the leader of their stream, which knows everything that was
// acknowledged. A consumer would be faster for many, but the server puts it beside any replica, and one that lags behind says
// that there are no more. What fails may be repeated as a whole: callers use `Link.retried`.

/** Messages that are asked for one after the other, before several walks share what is left. */
const SINGLY = 16;
const WALKS = 16;

type Query = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string };

export interface Message {
  readonly sequence: number;
  readonly subject: string;
  readonly data: Uint8Array;
  /** When the server took it, in milliseconds since 1970. */
  readonly time: number;
}

export class Reader {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  last(stream: string, subject: string): Promise<Message | undefined> {
    return this.#get(stream, { last_by_subj: subject });
  }

  /** The first with this sequence or a later one. */
  next(stream: string, subject: string, sequence: number): Promise<Message | undefined> {
    return this.#get(stream, { seq: sequence, next_by_subj: subject });
  }

  /**
   * Those from `first` to `last`, oldest first.
   * @param subject may have wildcards
   * @param limit of their number
   */
  async range(stream: string, subject: string, first: number, last: number, limit = Infinity): Promise<Message[]> {
    const messages = await this.#walk(stream, subject, first, last, Math.min(SINGLY, limit));
    const from = (messages.at(-1)?.sequence ?? last) + 1;
    if (messages.length < SINGLY || messages.length === limit || from > last) return messages;
    const step = Math.ceil((last + 1 - from) / WALKS);
    const walks = Array.from({ length: WALKS }, (_walk, i) => {
      const start = from + i * step;
      return this.#walk(stream, subject, start, Math.min(last, start + step - 1), limit - messages.length);
    });
    for (const walk of await Promise.all(walks)) for (const message of walk) messages.push(message);
    return messages.slice(0, limit);
  }

  /** Those that the stream has at the moment. @param subject may have wildcards; its messages must not be written anew meanwhile */
  async all(stream: string, subject: string): Promise<Message[]> {
    const { state } = await this.#link.jsm.streams.info(stream);
    return this.range(stream, subject, state.first_seq, state.last_seq);
  }

  /** The newest of each subject, one after the other, so that none is missed that is written anew meanwhile. */
  newest(stream: string, subject: string): Promise<Message[]> {
    return this.#walk(stream, subject, 1, Number.MAX_SAFE_INTEGER, Infinity);
  }

  async #walk(stream: string, subject: string, first: number, last: number, limit: number): Promise<Message[]> {
    const messages: Message[] = [];
    for (let sequence = first; sequence <= last && messages.length < limit; ) {
      const message = await this.next(stream, subject, sequence);
      if (message === undefined || message.sequence > last) break;
      messages.push(message);
      sequence = message.sequence + 1;
    }
    return messages;
  }

  async #get(stream: string, query: Query): Promise<Message | undefined> {
    const message = await this.#link.jsm.streams.getMessage(stream, query);
    if (message === null) return undefined;
    const { seq, subject, data, timestamp } = message;
    return { sequence: seq, subject, data, time: Date.parse(timestamp) };
  }
}
