import type { EventPosition, History, HistoryRequest, Published, Retention } from '../engine.ts';
import type { Publication } from '../publication.ts';
import { RecentKeys } from './recent-keys.ts';
import { MemoryStream } from './stream.ts';
import { type StoreOwner, type StreamStore, UNUSED_EPOCH_TTL } from './stream-store.ts';

// Streams in memory. Everything is done within the call, so that nothing ever waits for anything.

export interface MemoryStreamStoreOptions {
  /** Idempotency keys that are known at most; beyond, the oldest are forgotten before five minutes. Default 1,000,000. */
  readonly maxIdempotencyKeys?: number | undefined;
}

/** Streams that one sweep looks at, at least; and the part of all of them, so that each has its turn within a minute. */
const SWEPT_AT_LEAST = 1000;
const SWEPT_PART = 1 / 60;

export class MemoryStreamStore implements StreamStore {
  readonly #streams = new Map<string, MemoryStream>();
  readonly #keys: RecentKeys;
  #owner: StoreOwner = { now: Date.now, isSubscribed: () => false, interrupted: () => {}, resumed: () => {} };
  #sweeping = this.#streams.entries();

  constructor({ maxIdempotencyKeys = 1_000_000 }: MemoryStreamStoreOptions = {}) {
    this.#keys = new RecentKeys(maxIdempotencyKeys);
  }

  /** Streams of which something is known. */
  get size(): number {
    return this.#streams.size;
  }

  open(owner: StoreOwner): void {
    this.#owner = owner;
  }

  close(): void {}

  append(
    channel: string,
    publication: Publication,
    retention: Retention,
    idempotencyKey: string | undefined,
    stored: (position: EventPosition) => void,
  ): Published {
    const now = this.#owner.now();
    if (idempotencyKey !== undefined) {
      const use = this.#keys.find(channel, idempotencyKey, now);
      if (use !== undefined) return { position: use.position, isDuplicate: true };
    }
    const event = this.#stream(channel, retention, now).append(publication, retention, now);
    const position = { epoch: event.epoch, offset: event.offset };
    if (idempotencyKey !== undefined) this.#keys.add(channel, idempotencyKey, position, now);
    stored(event);
    return { position, isDuplicate: false };
  }

  inOrder(_channel: string, work: () => void): void {
    work();
  }

  read(channel: string, retention: Retention, request: HistoryRequest): History {
    const now = this.#owner.now();
    return this.#stream(channel, retention, now).read(retention, request, now);
  }

  removeAll(channel: string): void {
    this.#streams.get(channel)?.removeAll();
  }

  sweep(): void {
    const now = this.#owner.now();
    this.#keys.forgetOld(now);
    const count = Math.max(SWEPT_AT_LEAST, Math.ceil(this.#streams.size * SWEPT_PART));
    for (let i = 0; i < count; i++) {
      const next = this.#sweeping.next();
      if (next.done === true) {
        this.#sweeping = this.#streams.entries();
        return;
      }
      const [channel, stream] = next.value;
      if (this.#isOver(channel, stream, now)) this.#streams.delete(channel);
      else stream.dropOld(now);
    }
  }

  #stream(channel: string, retention: Retention, now: number): MemoryStream {
    const known = this.#streams.get(channel);
    if (known !== undefined && !this.#isOver(channel, known, now)) return known;
    const stream = new MemoryStream(retention, now);
    this.#streams.set(channel, stream);
    return stream;
  }

  #isOver(channel: string, stream: MemoryStream, now: number): boolean {
    if (now < stream.endsAt(UNUSED_EPOCH_TTL)) return false;
    return stream.top > 0 || !this.#owner.isSubscribed(channel);
  }
}
