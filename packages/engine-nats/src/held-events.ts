import type { StreamPosition } from '@tidewire/hub';

// How far this node has been told of the channels, and the events without a place in a stream that have come too early: their
// sender had seen a publication stored that is still on its way to this node, by another path.

const MAX_CHANNELS = 50_000;
const MAX_HELD = 1000;
/** Milliseconds. A publication that takes longer is lost, or was told before the subscription. */
const PATIENCE = 1000;

interface Place {
  readonly seen: StreamPosition;
  /** An offset that nobody was told of, since it is that of a clearance, and the one that it stands for. */
  readonly cleared: { readonly offset: number; readonly standing: number } | undefined;
}

interface Waiting {
  readonly events: { readonly event: string; readonly after: StreamPosition | undefined }[];
  readonly timer: NodeJS.Timeout;
}

export class HeldEvents {
  readonly #tell: (channel: string, event: string) => void;
  readonly #missed: () => void;
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(tell: (channel: string, event: string) => void, missed: () => void) {
    this.#tell = tell;
    this.#missed = missed;
  }

  /** @returns whether the event will be told later */
  holds(channel: string, event: string, after: StreamPosition | undefined): boolean {
    const waiting = this.#waiting.get(channel);
    if (waiting !== undefined) {
      waiting.events.push({ event, after });
      if (waiting.events.length > MAX_HELD) this.#giveUp(channel);
      return true;
    }
    if (this.isSeen(channel, after)) return false;
    const timer = setTimeout(() => this.#giveUp(channel), PATIENCE);
    this.#waiting.set(channel, { events: [{ event, after }], timer });
    return true;
  }

  /** The node was told of this publication. */
  saw(channel: string, seen: StreamPosition): void {
    this.#put(channel, { seen, cleared: this.#places.get(channel)?.cleared });
    const waiting = this.#waiting.get(channel);
    if (waiting === undefined) return;
    while (waiting.events.length > 0 && this.isSeen(channel, waiting.events[0]?.after)) {
      const first = waiting.events.shift();
      if (first !== undefined) this.#tell(channel, first.event);
    }
    if (waiting.events.length === 0) this.#end(channel, waiting);
  }

  /** Whoever listens has learned of it from the history. */
  learned(channel: string, position: StreamPosition): void {
    if (!this.isSeen(channel, position)) this.saw(channel, position);
  }

  /** The history was removed. @param standing the offset of the newest publication of all */
  cleared(channel: string, seen: StreamPosition, standing: number): void {
    this.#put(channel, { seen, cleared: { offset: seen.offset, standing } });
  }

  /** The offset that subscribers know this one by. */
  standingFor(channel: string, { epoch, offset }: StreamPosition): number {
    const place = this.#places.get(channel);
    return place?.cleared?.offset === offset && place.seen.epoch === epoch ? place.cleared.standing : offset;
  }

  /** Whether the node has been told of the publication, or of a later one. */
  isSeen(channel: string, after: StreamPosition | undefined): boolean {
    if (after === undefined) return true;
    const seen = this.#places.get(channel)?.seen;
    return seen !== undefined && seen.epoch === after.epoch && seen.offset >= after.offset;
  }

  forget(channel: string): void {
    this.#places.delete(channel);
    const waiting = this.#waiting.get(channel);
    if (waiting !== undefined) this.#end(channel, waiting);
  }

  release(): void {
    for (const channel of [...this.#waiting.keys()]) this.#tellAll(channel);
  }

  close(): void {
    for (const [channel, waiting] of [...this.#waiting]) this.#end(channel, waiting);
    this.#places.clear();
  }

  #giveUp(channel: string): void {
    const hadPlace = this.#places.has(channel);
    this.#tellAll(channel);
    // Without a place, the publication may have been told before this node has subscribed.
    if (hadPlace) this.#missed();
  }

  #tellAll(channel: string): void {
    const waiting = this.#waiting.get(channel);
    if (waiting === undefined) return;
    this.#end(channel, waiting);
    for (const { event } of waiting.events) this.#tell(channel, event);
  }

  #end(channel: string, { timer }: Waiting): void {
    clearTimeout(timer);
    this.#waiting.delete(channel);
  }

  #put(channel: string, place: Place): void {
    this.#places.delete(channel);
    this.#places.set(channel, place);
    if (this.#places.size <= MAX_CHANNELS) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }
}
