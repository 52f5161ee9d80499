import type { EventPosition, History, HistoryRequest, Published, Retention } from '../engine.ts';
import type { Publication } from '../publication.ts';

// Where the nodes of one process keep their streams: `MemoryStreamStore` in memory, `@tidewire/engine-disk` on disk. A store
// gives offsets and keeps publications; it knows neither nodes nor subscriptions.

export type MaybePromise<T> = T | Promise<T>;

/** Milliseconds that an idempotency key is known. */
export const IDEMPOTENCY_TTL = 300_000;

/**
 * Milliseconds that the epoch of a channel outlives the last question for it, as long as nothing was published to it, and
 * nobody is subscribed: who asks for many names does not fill a store with them.
 */
export const UNUSED_EPOCH_TTL = 600_000;

/** What a store tells whoever has opened it. */
export interface StoreOwner {
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether a node is subscribed to the channel. */
  isSubscribed(channel: string): boolean;
  /** Nothing can be stored or read until `resumed`, and what was not acknowledged by now may be stored or not. */
  interrupted(reason: string): void;
  resumed(): void;
  /** To stay within its bounds the store has dropped what retention would have kept. */
  shortened?(publications: number, positions: number): void;
}

export interface StreamStore {
  /** Called once, before anything else. Rejects with an `EngineError` if the store cannot be used. */
  open(owner: StoreOwner): MaybePromise<void>;
  /** Ends what is under way, and gives up the store. Never rejects. */
  close(): MaybePromise<void>;
  /**
   * @param stored is called when the publication is stored, before the result is there and in the order of offsets; not for
   *   a duplicate
   */
  append(
    channel: string,
    publication: Publication,
    retention: Retention,
    idempotencyKey: string | undefined,
    stored: (position: EventPosition) => void,
  ): MaybePromise<Published>;
  /** Does `work` after whatever was appended to the channel before has been stored, or has failed; at once if nothing waits. */
  inOrder(channel: string, work: () => void): void;
  read(channel: string, retention: Retention, request: HistoryRequest): MaybePromise<History>;
  removeAll(channel: string, retention: Retention): MaybePromise<void>;
  /** Called from time to time, to forget what is too old. What takes long is done while others have their turns. */
  sweep(): MaybePromise<void>;
}
