import { createHash, randomBytes } from 'node:crypto';
import { headers } from '@nats-io/transport-node';
import {
  decodeEvent,
  encodeEvent,
  type History,
  type HistoryRequest,
  type Publication,
  type Published,
  type Retention,
} from '@tidewire/hub';
import { WRONG_LAST_SEQUENCE } from './compare-and-set.ts';
import { Again, apiCode, isNobodyThere } from './failures.ts';
import { answerOf, type Kept } from './history-answer.ts';
import { type HistoryStream, type HistoryStreams, STREAM_NOT_FOUND } from './history-streams.ts';
import type { Link } from './link.ts';
import { type Origin, OriginCache } from './origin-cache.ts';
import type { Reader } from './reader.ts';
import { decodeRecord, encodeBirth, encodeClearance, encodePublication, type StoredRecord } from './records.ts';
import { encodeChannel } from './subjects.ts';

// The streams of channels: publishing to them, and reading them. A channel's records share a subject of the stream that its
// retention names. Its first record is its birth, which is written by whoever asks first, and by one of them only: the server takes
// it if the subject is empty. What is published later names that birth; who publishes often remembers it.

interface Head {
  readonly sequence: number;
  readonly record: StoredRecord;
}

export class ChannelLog {
  readonly #link: Link;
  readonly #streams: HistoryStreams;
  readonly #reader: Reader;
  readonly #origins = new OriginCache();
  readonly #asked = new Map<string, Promise<Head>>();

  constructor(link: Link, streams: HistoryStreams, reader: Reader) {
    this.#link = link;
    this.#streams = streams;
    this.#reader = reader;
  }

  /** The servers may not be what they were: everything is asked anew. */
  forget(): void {
    this.#origins.clear();
    this.#streams.forgetAll();
  }

  forgetOrigins(): void {
    this.#origins.clear();
  }

  async publish(
    channel: string,
    publication: Publication,
    retention: Retention,
    idempotencyKey: string | undefined,
  ): Promise<Published> {
    const encoded = encodeChannel(channel);
    const event = encodeEvent({ type: 'publication', publication });
    const nonce = randomBytes(12).toString('base64url');
    return this.#link.retried(async (timeout, attempt) => {
      const stream = await this.#streams.of(retention);
      const { epoch, origin } = await this.#originOf(stream, encoded, retention);
      const payload = encodePublication(epoch, origin, event);
      this.#link.checkSize(payload);
      const msgID = idempotencyKey === undefined ? nonce : keyOf(stream, channel, idempotencyKey);
      const before = stream.highest;
      const ack = await this.#store(stream, `${stream.base}.${encoded}`, payload, { msgID, timeout });
      if (!ack.duplicate) {
        // What is given twice was lost in between.
        if (ack.seq <= before) await this.#lost(stream);
        this.#streams.saw(stream, ack.seq);
      }
      this.#origins.set(stream, encoded, { epoch, origin });
      const isOwn = attempt > 1 && ack.duplicate && (await this.#holds(stream, encoded, ack.seq, event));
      return {
        position: { epoch, offset: ack.seq - origin },
        isDuplicate: ack.duplicate && idempotencyKey !== undefined && !isOwn,
      };
    });
  }

  /** `sequence` is that of the newest record, counted like offsets. */
  async history(
    channel: string,
    retention: Retention,
    request: HistoryRequest,
  ): Promise<{ history: History; sequence: number }> {
    const encoded = encodeChannel(channel);
    return this.#link.retried(() => this.#read(encoded, retention, request));
  }

  async #read(encoded: string, retention: Retention, request: HistoryRequest) {
    const stream = await this.#streams.of(retention);
    const head = await this.#head(stream, encoded);
    const { epoch, origin, offset } = head.record;
    this.#origins.set(stream, encoded, { epoch, origin });
    const { since, limit = Infinity, isReversed = false } = request;
    const isAhead = since?.epoch === epoch && since.offset >= 0 && !isReversed;
    const isOfEpoch = since !== undefined && since.epoch === epoch;
    const isPositionEnough = isOfEpoch ? isAhead && since.offset === offset : limit === 0;
    let kept: Kept[] = [];
    if (isAhead && !isPositionEnough && since.offset < offset) {
      // The one at `since` comes in addition, and one that is too old by now.
      kept = await this.#kept(stream, encoded, origin + since.offset, head, limit + 2);
    }
    if (!isPositionEnough && (!isAhead || kept[0]?.offset !== since.offset))
      kept = await this.#kept(stream, encoded, origin, head, Infinity);
    const history = answerOf(kept, head.record, retention, request, Date.now());
    return { history, sequence: head.sequence - origin };
  }

  async removeHistory(channel: string, retention: Retention): Promise<void> {
    const encoded = encodeChannel(channel);
    await this.#link.retried(async (timeout) => {
      const stream = await this.#streams.of(retention);
      for (;;) {
        const { sequence, record } = await this.#head(stream, encoded);
        if (record.kind !== 'publication') return;
        const rollup = headers();
        rollup.set('Nats-Rollup', 'sub');
        const payload = encodeClearance(record.epoch, record.origin, record.offset);
        try {
          await this.#store(stream, `${stream.base}.${encoded}`, payload, {
            headers: rollup,
            expect: { lastSubjectSequence: sequence },
            timeout,
          });
          return;
        } catch (error) {
          if (apiCode(error) !== WRONG_LAST_SEQUENCE) throw error;
        }
      }
    });
  }

  async #store(
    stream: HistoryStream,
    subject: string,
    payload: Uint8Array,
    options: Parameters<Link['js']['publish']>[2],
  ) {
    try {
      return await this.#link.js.publish(subject, payload, options);
    } catch (error) {
      // The stream has no leader at the moment, or is another one by now.
      if (isNobodyThere(error)) this.#streams.forget(stream);
      throw error;
    }
  }

  /** Those who ask for the same channel get the answer together, so that they publish in the order in which they asked. */
  async #originOf(stream: HistoryStream, encoded: string, retention: Retention): Promise<Origin> {
    const known = this.#origins.get(stream, encoded, retention);
    if (known !== undefined) return known;
    const subject = `${stream.base}.${encoded}`;
    const asked = this.#asked.get(subject) ?? this.#head(stream, encoded);
    this.#asked.set(subject, asked);
    try {
      const { record } = await asked;
      this.#origins.set(stream, encoded, record);
      return record;
    } finally {
      this.#asked.delete(subject);
    }
  }

  /** The newest record of a channel, its birth if it had none. */
  async #head(stream: HistoryStream, encoded: string): Promise<Head> {
    const subject = `${stream.base}.${encoded}`;
    for (;;) {
      const last = await this.#reader.last(stream.name, subject).catch((error: unknown) => {
        this.#streams.forget(stream); // It may be another one by now.
        throw apiCode(error) === STREAM_NOT_FOUND ? new Again('The stream is gone') : error;
      });
      const record = last && decodeRecord(last.data, last.sequence);
      if (last !== undefined && record !== undefined) return { sequence: last.sequence, record };
      const epoch = randomBytes(9).toString('base64url');
      try {
        const expect = { lastSubjectSequence: last?.sequence ?? 0 };
        const { seq } = await this.#store(stream, subject, encodeBirth(epoch), { msgID: epoch, expect });
        this.#streams.saw(stream, seq);
        return { sequence: seq, record: { kind: 'birth', epoch, origin: seq, offset: 0 } };
      } catch (error) {
        if (apiCode(error) !== WRONG_LAST_SEQUENCE) throw error;
      }
    }
  }

  /** The records up to the head, oldest first. */
  async #kept(stream: HistoryStream, encoded: string, first: number, head: Head, limit: number): Promise<Kept[]> {
    const subject = `${stream.base}.${encoded}`;
    const messages = await this.#reader.range(stream.name, subject, first, head.sequence, limit);
    const [oldest] = messages;
    let floor = 0;
    if (oldest !== undefined && messages.length > 1) {
      // While they were read, the oldest may have gone, and others behind it before they were read.
      const still = await this.#reader.next(stream.name, subject, oldest.sequence);
      floor = still?.sequence ?? head.sequence + 1;
    }
    return messages.flatMap(({ sequence, data, time }): Kept[] => {
      const record = sequence < floor ? undefined : decodeRecord(data, sequence);
      if (record === undefined) return [];
      if (record.kind !== 'publication') return [{ offset: record.offset, time, publication: undefined }];
      const event = decodeEvent(record.event);
      if (event?.type !== 'publication') return [];
      return [{ offset: record.offset, time, publication: event.publication }];
    });
  }

  async #holds(stream: HistoryStream, encoded: string, sequence: number, event: string): Promise<boolean> {
    const message = await this.#reader.next(stream.name, `${stream.base}.${encoded}`, sequence);
    const record = message?.sequence === sequence ? decodeRecord(message.data, sequence) : undefined;
    return record?.kind === 'publication' && record.event === event;
  }

  /** Makes the stream anew, and has the publication repeated there. */
  async #lost(stream: HistoryStream): Promise<void> {
    this.#origins.clear();
    await this.#streams.renew(stream);
    throw new Again('The stream has lost publications, and was made anew');
  }
}

function keyOf(stream: HistoryStream, channel: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([stream.id, channel, key]))
    .digest('base64url');
}
