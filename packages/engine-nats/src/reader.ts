import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { Again, type Link } from './link.ts';

// Reading messages of a subject, in their order. A few are asked for one by one, from the leader of the stream, which answers
// fast and knows everything that was acknowledged. For more, a consumer is made that lives as long as the reading. What fails may be
// repeated as a whole: callers use `Link.retried`.

/** Messages that are asked for one by one before a consumer is worth its while. */
const SINGLY = 24;
const BATCH = 500;
/** Milliseconds that a batch may take. */
const PATIENCE = 3000;
/** Nanoseconds after which the server drops a consumer that nobody uses. */
const CONSUMER_LIFE = 30_000_000_000;

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
    const messages: Message[] = [];
    let sequence = first;
    while (messages.length < SINGLY && messages.length < limit && sequence <= last) {
      const message = await this.next(stream, subject, sequence);
      if (message === undefined || message.sequence > last) return messages;
      messages.push(message);
      sequence = message.sequence + 1;
    }
    if (messages.length >= limit || sequence > last) return messages;
    return [...messages, ...(await this.#consumed(stream, subject, sequence, last, limit - messages.length))];
  }

  async #get(stream: string, query: Query): Promise<Message | undefined> {
    const message = await this.#link.jsm.streams.getMessage(stream, query);
    if (message === null) return undefined;
    const { seq, subject, data, timestamp } = message;
    return { sequence: seq, subject, data, time: Date.parse(timestamp) };
  }

  async #consumed(stream: string, subject: string, first: number, last: number, limit: number): Promise<Message[]> {
    const { jsm, js } = this.#link;
    const info = await jsm.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: first,
      filter_subject: subject,
      inactive_threshold: CONSUMER_LIFE,
      num_replicas: 1,
      mem_storage: true,
    });
    try {
      const consumer = js.consumers.getConsumerFromInfo(info);
      const messages: Message[] = [];
      let remaining = Math.min(info.num_pending, limit);
      while (remaining > 0) {
        const before = messages.length;
        const fetched = await consumer.fetch({ max_messages: Math.min(remaining, BATCH), expires: PATIENCE });
        for await (const message of fetched) {
          if (message.seq > last) return messages;
          messages.push({
            sequence: message.seq,
            subject: message.subject,
            data: message.data,
            time: Number(message.timestampNanos / 1_000_000n),
          });
          remaining = Math.min(message.info.pending, limit - messages.length);
        }
        if (messages.length === before) throw new Again('A consumer has not delivered in time');
      }
      return messages;
    } finally {
      void jsm.consumers.delete(stream, info.name).catch(() => {});
    }
  }
}
