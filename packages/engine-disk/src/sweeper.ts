import { IDEMPOTENCY_TTL, UNUSED_EPOCH_TTL } from '@tidewire/hub';
import type { GroupCommit, Operation } from './group-commit.ts';
import type { StoreKeeper } from './keeper.ts';
import {
  channelOf,
  decodeKey,
  dueKey,
  forgettingKey,
  idempotencyKey,
  publicationKey,
  subjectOf,
  timeOf,
  until,
} from './records.ts';
import { drop, end, moveDue, type StreamHead } from './stream-head.ts';
import type { DiskStreams } from './streams.ts';

// Deletes what is too old. It is found by the time that was written down for it, rather than by looking everywhere: a stream
// has one entry, which is never later than the end of its oldest publication, or of its position.

/** Streams, and idempotency keys, that are looked at before others have their turn. */
const AT_ONCE = 200;

export class Sweeper {
  readonly #keeper: StoreKeeper;
  readonly #writes: GroupCommit;
  readonly #streams: DiskStreams;
  #sweeping: Promise<void> | undefined;
  #isStopping = false;

  constructor(keeper: StoreKeeper, writes: GroupCommit, streams: DiskStreams) {
    this.#keeper = keeper;
    this.#writes = writes;
    this.#streams = streams;
  }

  /** Deletes what is due by now; while that is still being done for an earlier time, no more than that. Never rejects. */
  sweep(now: number): Promise<void> {
    this.#isStopping = false;
    this.#sweeping ??= this.#sweepAll(now)
      // The store was closed, or has failed, which others say: the next sweep does what this one has not.
      .catch(() => {})
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#sweeping;
  }

  async #sweepAll(now: number): Promise<void> {
    for (const kind of ['d', 't'] as const)
      while (!this.#isStopping) {
        const keys = await this.#keeper.level.keys({ ...until(kind, now), limit: AT_ONCE }).all();
        for (const key of keys) kind === 'd' ? this.#look(key, now) : this.#forget(key);
        if (keys.length < AT_ONCE) break;
        await this.#writes.written({ channel: '', operations: [], bytes: 0, isAwaited: false });
      }
  }

  #look(key: string, now: number): void {
    const channel = channelOf(key);
    const head = channel === undefined ? undefined : this.#streams.find(channel);
    if (head === undefined || head.isOver || dueKey(head.due, head.channel) !== key) {
      this.#write(channel ?? '', [{ type: 'del', key }]);
      return;
    }
    this.#write(head.channel, this.#streams.hasEnded(head, now) ? end(head) : this.#age(head, now), head);
  }

  /** Drops what is too old, and says when to look again. */
  #age(head: StreamHead, now: number): Operation[] {
    const expired = this.#lastExpired(head, now);
    const operations = drop(head, expired);
    const oldest = head.floor < head.stored ? this.#storedAt(head, head.floor + 1) : undefined;
    const isDropped = head.floor >= expired;
    const next = head.floor < head.top ? (oldest ?? now) + head.ttl : head.endsAt(UNUSED_EPOCH_TTL);
    // What is subscribed to does not end, though nothing was ever published there.
    const later = next > now ? next : now + UNUSED_EPOCH_TTL;
    operations.push(...moveDue(head, isDropped ? later : now));
    return operations;
  }

  /** The last offset whose publication is too old; found by halving, since times grow with the offsets. */
  #lastExpired(head: StreamHead, now: number): number {
    let [expired, fresh] = [head.floor, head.stored + 1];
    while (fresh - expired > 1) {
      const middle = Math.floor((expired + fresh) / 2);
      const at = this.#storedAt(head, middle);
      if (at === undefined || now - at >= head.ttl) expired = middle;
      else fresh = middle;
    }
    return expired;
  }

  #storedAt(head: StreamHead, offset: number): number | undefined {
    const text = this.#keeper.level.getSync(publicationKey(head.epoch, offset));
    return text === undefined ? undefined : timeOf(text);
  }

  /** Forgets an idempotency key, unless it was used again since. */
  #forget(key: string): void {
    const name = subjectOf(key);
    const text = this.#keeper.level.getSync(idempotencyKey(name));
    const record = text === undefined ? undefined : decodeKey(text);
    const operations: Operation[] = [{ type: 'del', key }];
    if (record === undefined || forgettingKey(record.at + IDEMPOTENCY_TTL, name) === key)
      operations.push({ type: 'del', key: idempotencyKey(name) });
    this.#write('', operations);
  }

  #write(channel: string, operations: Operation[], head?: StreamHead): void {
    const nothing = () => {};
    this.#writes.add({ channel, operations, head, bytes: 0, isAwaited: false, done: nothing, failed: nothing });
  }
}
