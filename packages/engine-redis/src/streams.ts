import { randomBytes } from 'node:crypto';
import {
  decodeEvent,
  EngineError,
  encodeEvent,
  type History,
  type HistoryRequest,
  IDEMPOTENCY_TTL,
  isComplete,
  type Publication,
  type Published,
  type PublishOptions,
  type Retention,
  type StoredPublication,
} from '@tidewire/hub';
import type { EventWriter } from './events.ts';
import type { Keys } from './keys.ts';
import { listOf, numberOf, textOf } from './replies.ts';
import * as scripts from './scripts/streams.ts';
import type { Session } from './session.ts';

// Publications, from the engine to the scripts and back.

/** Milliseconds that the epoch of a channel is kept to which nothing was published, after the last question for it. */
const UNUSED_EPOCH_TTL = 86_400_000;

export class Streams {
  readonly #keys: Keys;
  readonly #writer: EventWriter;
  readonly #maxSize: number;
  /** Of no other node. */
  readonly #epochs = randomBytes(9).toString('base64url');
  #epochCount = 0;

  constructor(keys: Keys, writer: EventWriter, maxSize: number) {
    this.#keys = keys;
    this.#writer = writer;
    this.#maxSize = maxSize;
  }

  async publish(
    { commands }: Session,
    channel: string,
    publication: Publication,
    { retention, idempotencyKey }: PublishOptions,
  ): Promise<Published> {
    const keys = this.#keys;
    const events = keys.events(channel);
    const once = idempotencyKey === undefined ? [] : [keys.once(channel, idempotencyKey)];
    const event = { type: 'publication', publication } as const;
    if (retention === undefined) {
      const text = this.writeable(this.#writer.write(event));
      if (once.length === 0) {
        await commands.send(['PUBLISH', events, text]);
        return { position: undefined, isDuplicate: false };
      }
      const known = await commands.run(scripts.publishOnce, once, [events, text, String(IDEMPOTENCY_TTL)]);
      return { position: undefined, isDuplicate: known === 1 };
    }
    const text = this.writeable(encodeEvent(event));
    const { size, ttl, positionTtl } = retention;
    const reply = await commands.run(
      scripts.publish,
      [keys.stream(channel), keys.publications(channel), ...once],
      [events, text, this.#newEpoch(), whole(size), whole(ttl), whole(positionTtl), String(IDEMPOTENCY_TTL)],
    );
    const [epoch, offset, known] = listOf(reply);
    const position = epoch === '' ? undefined : { epoch: textOf(epoch), offset: numberOf(offset) };
    return { position, isDuplicate: known === 1 };
  }

  async history(
    { commands }: Session,
    channel: string,
    { ttl, positionTtl }: Retention,
    { since, limit, isReversed = false }: HistoryRequest,
  ): Promise<History> {
    const keys = this.#keys;
    const reply = await commands.run(
      scripts.history,
      [keys.stream(channel), keys.publications(channel)],
      [
        this.#newEpoch(),
        whole(ttl),
        whole(Math.min(positionTtl, UNUSED_EPOCH_TTL)),
        since?.epoch ?? '',
        since === undefined ? '' : String(since.offset),
        limit === undefined ? '-1' : whole(limit),
        isReversed ? '1' : '0',
      ],
    );
    const [name, last, gone, entries] = listOf(reply);
    const position = { epoch: textOf(name), offset: numberOf(last) };
    return {
      position,
      publications: listOf(entries).map(storedOf),
      isComplete: isComplete({ since, isReversed }, position.epoch, numberOf(gone), position.offset),
    };
  }

  async removeHistory({ commands }: Session, channel: string): Promise<void> {
    const keys = this.#keys;
    await commands.run(scripts.removeHistory, [keys.stream(channel), keys.publications(channel)], []);
  }

  /** What an epoch is named that begins now. Each publication offers one, so that it must be cheap. */
  #newEpoch(): string {
    this.#epochCount++;
    return this.#epochs + this.#epochCount.toString(36);
  }

  /** @throws EngineError `TOO_LARGE` */
  writeable(text: string): string {
    const max = this.#maxSize;
    if (text.length * 3 > max && Buffer.byteLength(text) > max)
      throw new EngineError('TOO_LARGE', `The message is larger than ${max} bytes`);
    return text;
  }
}

function storedOf(entry: unknown): StoredPublication {
  const [id, fields] = listOf(entry);
  const event = decodeEvent(textOf(listOf(fields)[1]));
  if (event?.type !== 'publication') throw new EngineError('UNAVAILABLE', `Redis keeps what is no publication: ${id}`);
  return { publication: event.publication, offset: Number.parseInt(textOf(id), 10) };
}

/** Redis takes whole numbers only. */
function whole(value: number): string {
  return String(Math.max(0, Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)));
}
