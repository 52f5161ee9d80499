import type { EncodedPush } from './fan-out.ts';
import type { Namespace } from './namespace-table.ts';
import { OldestFirst } from './oldest-first.ts';

// What waits for a client that reads more slowly than is published. Each namespace has its part of the queue and its policy;
// the order is one for all. What is no publication is never dropped.

interface Waiting {
  readonly encoded: EncodedPush;
  readonly lane: Lane | undefined;
  /** What a newer one must share to take its place. */
  readonly key: string | undefined;
}

/** What waits of one namespace. */
interface Lane {
  readonly waiting: OldestFirst<Waiting>;
  readonly newest: Map<string, Waiting>;
  size: number;
}

/** What became of a publication, or of those that were before it. */
export interface Queued {
  readonly dropped: number;
  readonly conflated: number;
  readonly isOverflowing: boolean;
}

/** Bytes that each takes beside its text, which is shared by all that it waits for. */
const OVERHEAD = 100;

const sizeOf = ({ encoded }: Waiting) => encoded.size + OVERHEAD;

export class ClientQueue {
  readonly #waiting = new OldestFirst<Waiting>();
  readonly #lanes = new Map<string, Lane>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** What must arrive whatever happens. */
  add(encoded: EncodedPush): void {
    const waiting = { encoded, lane: undefined, key: undefined };
    this.#waiting.add(waiting);
    this.#size += sizeOf(waiting);
  }

  addPublication(encoded: EncodedPush, { name, slowConsumer, maxQueueSize }: Namespace): Queued {
    const lane = this.#lanes.get(name) ?? { waiting: new OldestFirst<Waiting>(), newest: new Map(), size: 0 };
    this.#lanes.set(name, lane);
    const key = slowConsumer === 'conflate' ? keyOf(encoded) : undefined;
    const older = key === undefined ? undefined : lane.newest.get(key);
    if (older !== undefined) this.#takeOut(older);
    const waiting = { encoded, lane, key };
    this.#waiting.add(waiting);
    lane.waiting.add(waiting);
    if (key !== undefined) lane.newest.set(key, waiting);
    this.#size += sizeOf(waiting);
    lane.size += sizeOf(waiting);
    let dropped = 0;
    if (slowConsumer === 'drop-oldest') {
      while (lane.size > maxQueueSize) {
        const oldest = lane.waiting.shift();
        if (oldest === undefined) break;
        this.#takeOut(oldest);
        dropped++;
      }
    }
    return { dropped, conflated: older === undefined ? 0 : 1, isOverflowing: lane.size > maxQueueSize };
  }

  /** The oldest, which does not wait any more. */
  take(): EncodedPush | undefined {
    const oldest = this.#waiting.shift();
    if (oldest !== undefined) this.#takeOut(oldest);
    return oldest?.encoded;
  }

  /** The client is not in `channel` any more. */
  forget(channel: string): void {
    for (const waiting of this.#waiting) {
      const { push } = waiting.encoded;
      if ('channel' in push && push.channel === channel) this.#takeOut(waiting);
    }
  }

  #takeOut(waiting: Waiting): void {
    const { lane, key } = waiting;
    this.#waiting.delete(waiting);
    this.#size -= sizeOf(waiting);
    if (lane === undefined) return;
    lane.waiting.delete(waiting);
    lane.size -= sizeOf(waiting);
    if (key !== undefined && lane.newest.get(key) === waiting) lane.newest.delete(key);
  }
}

function keyOf({ push }: EncodedPush): string | undefined {
  if (push.type !== 'publication') return undefined;
  return JSON.stringify([push.publishedTo ?? push.channel, push.channel, push.publication.key ?? null]);
}
