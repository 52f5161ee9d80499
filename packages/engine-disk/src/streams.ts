import { type Retention, UNUSED_EPOCH_TTL } from '@tidewire/hub';
import { damaged } from './errors.ts';
import type { GroupCommit } from './group-commit.ts';
import type { StoreKeeper } from './keeper.ts';
import { decodeHead, headKey } from './records.ts';
import { end, moveDue, StreamHead } from './stream-head.ts';

// Finds streams by their channels. Those that were used last are in memory, few of all that there are, so that a store of any
// size starts at once. The others are read within the call: that takes some microseconds, and keeps calls in their order.

export class DiskStreams {
  readonly #keeper: StoreKeeper;
  readonly #writes: GroupCommit;
  readonly #limit: number;
  readonly #isSubscribed: (channel: string) => boolean;
  /** The one that was used last is the last. */
  readonly #heads = new Map<string, StreamHead>();

  /** @param limit streams that are kept in memory, beside those that wait to be written */
  constructor(keeper: StoreKeeper, writes: GroupCommit, limit: number, isSubscribed: (channel: string) => boolean) {
    this.#keeper = keeper;
    this.#writes = writes;
    this.#limit = limit;
    this.#isSubscribed = isSubscribed;
  }

  /** Forgets what is in memory. */
  clear(): void {
    this.#heads.clear();
  }

  /** The stream of the channel, which begins now if there is none. */
  use(channel: string, retention: Retention, now: number): StreamHead {
    const found = this.find(channel);
    if (found !== undefined && !found.isOver && !this.hasEnded(found, now)) {
      found.retain(retention);
      if (found.top === 0) found.usedAt = Math.max(found.usedAt, now);
      return found;
    }
    const operations = found === undefined || found.isOver ? [] : end(found);
    const head = StreamHead.begin(channel, retention, now);
    this.#keep(head);
    operations.push(...moveDue(head, head.endsAt(UNUSED_EPOCH_TTL)));
    const nothing = () => {};
    this.#writes.add({ channel, operations, head, bytes: 0, isAwaited: false, done: nothing, failed: nothing });
    return head;
  }

  find(channel: string): StreamHead | undefined {
    const known = this.#heads.get(channel);
    const head = known ?? this.#load(channel);
    if (head !== undefined) this.#keep(head);
    return head;
  }

  hasEnded(head: StreamHead, now: number): boolean {
    return now >= head.endsAt(UNUSED_EPOCH_TTL) && (head.top > 0 || !this.#isSubscribed(head.channel));
  }

  #load(channel: string): StreamHead | undefined {
    const { level } = this.#keeper;
    const text = level.getSync(headKey(channel));
    if (text === undefined) return undefined;
    const record = decodeHead(text);
    if (record === undefined) throw damaged(level.location, `the stream of ${JSON.stringify(channel)} cannot be read`);
    return new StreamHead(channel, record);
  }

  #keep(head: StreamHead): void {
    this.#heads.delete(head.channel);
    this.#heads.set(head.channel, head);
    if (this.#heads.size <= this.#limit) return;
    for (const [channel, oldest] of this.#heads) {
      // What waits to be written is not on the disk yet.
      if (oldest.pending > 0 || oldest === head) continue;
      this.#heads.delete(channel);
      if (this.#heads.size <= this.#limit) return;
    }
  }
}
