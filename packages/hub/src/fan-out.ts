import { nodePlatform } from '@tidewire/node';
import { PreparedBatch, PreparedMessage } from '@tidewire/protocol';
import type { Namespace } from './namespace-table.ts';
import type { HubObserver } from './observer.ts';
import type { Encoder, Outlet, OutletResult, Push } from './outlet.ts';

// How what is published in a channel comes to its subscribers.
//
// What a turn brings for a channel is gathered, written once for each dialect, framed once, and handed to each subscriber as
// one piece. So that nobody notices, whatever else goes to a subscriber comes after what was gathered before (`flush`), and
// so does a change of who is subscribed. Nothing is made for each subscriber, but for one that does not keep up.

/** A subscriber, as the fan-out sees it. */
export interface Receiver {
  readonly outlet: Outlet;
  /** What is for it goes to `take`, because something waits for it already. */
  readonly isHeld: boolean;
  take(pushes: readonly EncodedPush[], namespace: Namespace): void;
  /** The outlet did not write at once. */
  noteUnwritten(result: OutletResult): void;
}

/** The subscribers of a channel that are written to in the same way. */
interface Group {
  readonly all: Set<Receiver>;
  /** Those that want join and leave. */
  readonly watching: Set<Receiver>;
}

/** Who is subscribed to a channel, or to a prefix. */
export class Audience {
  readonly groups = new Map<Encoder, Group>();
  namespace: Namespace;
  /** What was gathered last for them, while it waits. */
  run: Run | undefined;
  #size = 0;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  get size(): number {
    return this.#size;
  }

  /** The fan-out must have been flushed. */
  add(receiver: Receiver, isWatching: boolean): void {
    const { encoder } = receiver.outlet;
    const group = this.groups.get(encoder) ?? { all: new Set(), watching: new Set() };
    this.groups.set(encoder, group);
    group.all.add(receiver);
    if (isWatching) group.watching.add(receiver);
    this.#size++;
  }

  /** The fan-out must have been flushed. */
  delete(receiver: Receiver): void {
    const group = this.groups.get(receiver.outlet.encoder);
    if (group === undefined || !group.all.delete(receiver)) return;
    group.watching.delete(receiver);
    if (group.all.size === 0) this.groups.delete(receiver.outlet.encoder);
    this.#size--;
  }
}

interface Run {
  readonly audience: Audience;
  readonly pushes: Push[];
  /** Whether it is for those that want join and leave. */
  readonly isWatched: boolean;
}

/** As many bytes of JSON are gathered at most: who gets more in one turn shall notice that it waits. */
const MOST_GATHERED = 256 * 1024;

export class FanOut {
  readonly #observer: HubObserver;
  #runs: Run[] = [];
  #gathered = 0;

  constructor(observer: HubObserver) {
    this.#observer = observer;
  }

  /** @param size bytes, or about as many */
  gather(audience: Audience, push: Push, size: number): void {
    const isWatched = push.type !== 'publication';
    const { run } = audience;
    if (run !== undefined && run.isWatched === isWatched) {
      run.pushes.push(push);
    } else {
      if (this.#runs.length === 0) process.nextTick(this.#endTurn);
      audience.run = { audience, pushes: [push], isWatched };
      this.#runs.push(audience.run);
    }
    this.#gathered += size;
    if (this.#gathered >= MOST_GATHERED) this.#deliver(true);
  }

  /** What was gathered goes to the outlets now. */
  flush(): void {
    if (this.#runs.length > 0) this.#deliver(false);
  }

  /** Where there is but one run, nothing else is to be put with it. */
  readonly #endTurn = (): void => {
    if (this.#runs.length > 0) this.#deliver(this.#runs.length === 1);
  };

  #deliver(isAlone: boolean): void {
    const runs = this.#runs;
    this.#runs = [];
    this.#gathered = 0;
    for (const { audience } of runs) audience.run = undefined;
    for (const run of runs) {
      for (const [encoder, group] of run.audience.groups) {
        const receivers = run.isWatched ? group.watching : group.all;
        if (receivers.size > 0) this.#write(run, encoder, receivers, isAlone);
      }
    }
  }

  #write({ audience, pushes }: Run, encoder: Encoder, receivers: ReadonlySet<Receiver>, isAlone: boolean): void {
    const isMeasured = this.#observer.broadcast !== undefined;
    const begin = isMeasured ? performance.now() : 0;
    const { size } = receivers;
    const batch = batchOf(encoder, pushes);
    let encoded: readonly EncodedPush[] | undefined;
    // One that is closed on the way leaves the set, which a Set allows.
    for (const receiver of receivers) {
      if (receiver.isHeld) {
        encoded ??= pushes.map((push) => new EncodedPush(push, encoder));
        receiver.take(encoded, audience.namespace);
      } else {
        const result = receiver.outlet.write(batch, isAlone);
        if (result !== 'written') receiver.noteUnwritten(result);
      }
    }
    if (!isMeasured) return;
    const bytes = batch.payloadLength * size;
    this.#observer.broadcast?.(audience.namespace.name, pushes.length, size, bytes, performance.now() - begin);
  }
}

export function batchOf(encoder: Encoder, pushes: readonly Push[]): PreparedBatch {
  const messages = encoder.encode(pushes).map((text) => new PreparedMessage(text, nodePlatform));
  return new PreparedBatch(messages, nodePlatform);
}

/** What waits for clients that do not keep up: written once for all of them. */
export class EncodedPush {
  readonly push: Push;
  readonly #encoder: Encoder;
  #batch: PreparedBatch | undefined;

  constructor(push: Push, encoder: Encoder) {
    this.push = push;
    this.#encoder = encoder;
  }

  get batch(): PreparedBatch {
    this.#batch ??= batchOf(this.#encoder, [this.push]);
    return this.#batch;
  }

  /** Bytes, frame headers left out. */
  get size(): number {
    return this.batch.payloadLength;
  }
}
