import type { EventPosition, History, HistoryRequest, Published, Retention } from '../engine.ts';
import { assertCount } from '../namespace-table.ts';
import type { Publication } from '../publication.ts';
import { HistoryBudget } from './history-budget.ts';
import { RecentKeys } from './recent-keys.ts';
import { MemoryStream } from './stream.ts';
import { type StoreOwner, type StreamStore, UNUSED_EPOCH_TTL } from './stream-store.ts';

// Streams in memory. Everything is done within the call, so that nothing ever waits for anything.

export interface MemoryStreamStoreOptions {
  /** Idempotency keys that are known at most; beyond, the oldest are forgotten before five minutes. Default 1,000,000. */
  readonly maxIdempotencyKeys?: number | undefined;
  /**
   * Bytes, about, that all histories and positions may take. Beyond, the channels that were published to the longest ago lose
   * their publications, and then their positions. Default 256 MiB.
   */
  readonly maxHistoryBytes?: number | undefined;
}

const MAX_HISTORY_BYTES = 256 * 1024 * 1024;

/** Streams that one sweep looks at, at least; and the part of all of them, so that each has its turn within a minute. */
const SWEPT_AT_LEAST = 1000;
const SWEPT_PART = 1 / 60;

export class MemoryStreamStore implements StreamStore {
  readonly #streams = new Map<string, MemoryStream>();
  readonly #keys: RecentKeys;
  readonly #budget: HistoryBudget;
  #owner: StoreOwner = { now: Date.now, isSubscribed: () => false, interrupted: () => {}, resumed: () => {} };
  #sweeping = this.#streams.entries();

  /** @throws RangeError naming the option that makes no sense */
  constructor({ maxIdempotencyKeys = 1_000_000, maxHistoryBytes = MAX_HISTORY_BYTES }: MemoryStreamStoreOptions = {}) {
    assertCount('maxHistoryBytes', maxHistoryBytes);
    this.#keys = new RecentKeys(maxIdempotencyKeys);
    this.#budget = new HistoryBudget(maxHistoryBytes, {
      isSubscribed: (channel) => this.#owner.isSubscribed(channel),
      forget: ({ channel }) => this.#streams.delete(channel),
      shortened: (publications, positions) => this.#owner.shortened?.(publications, positions),
    });
  }

  /** Streams of which something is known. */
  get size(): number {
    return this.#streams.size;
  }

  /** What they take, about. */
  get bytes(): number {
    return this.#budget.bytes;
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
    const stream = this.#stream(channel, retention, now);
    const event = stream.append(publication, retention, now);
    this.#budget.published(stream);
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
    const stream = this.#stream(channel, retention, now);
    const history = stream.read(retention, request, now);
    this.#budget.settle(stream);
    return history;
  }

  removeAll(channel: string): void {
    const stream = this.#streams.get(channel);
    stream?.removeAll();
    if (stream !== undefined) this.#budget.settle(stream);
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
      if (this.#isOver(channel, stream, now)) {
        this.#streams.delete(channel);
        this.#budget.ended(stream);
      } else {
        stream.dropOld(now);
        this.#budget.settle(stream);
      }
    }
  }

  #stream(channel: string, retention: Retention, now: number): MemoryStream {
    const known = this.#streams.get(channel);
    if (known !== undefined && !this.#isOver(channel, known, now)) return known;
    if (known !== undefined) this.#budget.ended(known);
    const stream = new MemoryStream(channel, retention, now);
    this.#streams.set(channel, stream);
    this.#budget.began(stream);
    return stream;
  }

  #isOver(channel: string, stream: MemoryStream, now: number): boolean {
    if (now < stream.endsAt(UNUSED_EPOCH_TTL)) return false;
    return stream.top > 0 || !this.#owner.isSubscribed(channel);
  }
}
