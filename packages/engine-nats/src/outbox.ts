import { EngineError, type StreamPosition } from '@tidewire/hub';

// The order of what one node says about one channel. Publications of a stream go by way of its leader, signals directly, so that
// a signal could be faster. It waits until the publications before it are acknowledged, and those behind it wait until it has
// been sent. It says after which publication it comes, so that a node that is told of it before that can hold it.

const MAX_WAITING = 65_536;
const MAX_REMEMBERED = 10_000;
/** Milliseconds after which everybody has been told of a publication. */
const SETTLED = 2000;

interface Lane {
  /** The last signal that waits. */
  signal: Promise<void> | undefined;
  readonly stored: Set<Promise<unknown>>;
}

export class Outbox {
  readonly #lanes = new Map<string, Lane>();
  readonly #acknowledged = new Map<string, { position: StreamPosition; time: number }>();
  readonly #stored: (channel: string, position: StreamPosition) => void;
  #waiting = 0;

  /** @param stored a publication was acknowledged */
  constructor(stored: (channel: string, position: StreamPosition) => void) {
    this.#stored = stored;
  }

  /** @param work stores a publication of the channel */
  store<T extends { readonly position: StreamPosition | undefined }>(
    channel: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const lane = this.#lane(channel);
    const done = (lane.signal === undefined ? work() : this.#behind([lane.signal], work)).then((result) => {
      if (result.position !== undefined) this.#remember(channel, result.position);
      return result;
    });
    lane.stored.add(done);
    const settled = () => {
      lane.stored.delete(done);
      this.#leave(channel, lane);
    };
    done.then(settled, settled);
    return done;
  }

  /** @param work sends a signal of the channel, or a publication that is not kept */
  signal(channel: string, work: () => Promise<void>): Promise<void> {
    const lane = this.#lane(channel);
    const before = [...lane.stored, ...(lane.signal === undefined ? [] : [lane.signal])];
    const done = before.length === 0 ? work() : this.#behind(before, work);
    lane.signal = done;
    const settled = () => {
      if (lane.signal === done) lane.signal = undefined;
      this.#leave(channel, lane);
    };
    done.then(settled, settled);
    return done;
  }

  /** The last publication of this node, if not everybody has surely been told of it. */
  acknowledged(channel: string): StreamPosition | undefined {
    const last = this.#acknowledged.get(channel);
    return last !== undefined && performance.now() - last.time < SETTLED ? last.position : undefined;
  }

  async #behind<T>(before: Promise<unknown>[], work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw new EngineError('UNAVAILABLE', 'Too many operations wait for NATS');
    this.#waiting++;
    try {
      await Promise.allSettled(before);
    } finally {
      this.#waiting--;
    }
    return work();
  }

  #lane(channel: string): Lane {
    const known = this.#lanes.get(channel);
    if (known !== undefined) return known;
    const lane = { signal: undefined, stored: new Set<Promise<unknown>>() };
    this.#lanes.set(channel, lane);
    return lane;
  }

  #leave(channel: string, lane: Lane): void {
    if (lane.signal === undefined && lane.stored.size === 0 && this.#lanes.get(channel) === lane)
      this.#lanes.delete(channel);
  }

  #remember(channel: string, position: StreamPosition): void {
    this.#stored(channel, position);
    const last = this.#acknowledged.get(channel)?.position;
    const isOlder = last !== undefined && last.epoch === position.epoch && last.offset > position.offset;
    this.#acknowledged.delete(channel);
    this.#acknowledged.set(channel, { position: isOlder ? last : position, time: performance.now() });
    if (this.#acknowledged.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#acknowledged.keys();
    if (oldest !== undefined) this.#acknowledged.delete(oldest);
  }
}
