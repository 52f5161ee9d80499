import type { Publication, StreamPosition } from '@tidewire/hub';

// In which order this node is told what concerns a channel. The server says of each stored event which one was before it. One that
// comes before its predecessor waits for it a moment: a stream without replicas is written by each connection's own thread of
// the server, and one may send on what it has stored after another that has stored later. With replicas, one thread does all,
// and what does not come is lost; then the event is told all the same, and says so by what it names as its predecessor.
//
// A signal comes from its node, by another path than publications. It names the publication that its sender had seen stored, and
// waits for it.

const MAX_CHANNELS = 50_000;
/** Of a channel. */
const MAX_HELD = 1000;
/** Milliseconds that an event may come later than its successor. */
const LATE = 200;
/** Milliseconds that the first event of a channel waits, of which nobody knows whether it is. */
const FIRST = 20;
/** Milliseconds that a signal waits for a publication. */
const PATIENCE = 1000;

/** Offsets are those of the stream, where clearances have some too. */
export interface StoredEvent {
  readonly epoch: string;
  readonly offset: number;
  readonly previous: number;
  /** `undefined` for births and clearances, of which nobody is told. */
  readonly publication: Publication | undefined;
  /** The offset of the newest publication, which a clearance has removed. */
  readonly standing: number | undefined;
}

export interface OrderListener {
  /** @param previous as subscribers know it: a clearance stands for what it has removed */
  stored(channel: string, publication: Publication, position: StreamPosition, previous: number): void;
  direct(channel: string, event: string): void;
  /** A signal has waited for this publication in vain. */
  missed(channel: string, position: StreamPosition): void;
}

interface Signal {
  readonly event: string;
  readonly after: StreamPosition | undefined;
}

interface Lane {
  seen: StreamPosition | undefined;
  /** Set while the newest is a clearance. */
  cleared: { readonly offset: number; readonly standing: number } | undefined;
  /** In their order. */
  early: StoredEvent[];
  earlyTimer: NodeJS.Timeout | undefined;
  signals: Signal[];
  signalTimer: NodeJS.Timeout | undefined;
}

export class ChannelOrder {
  readonly #listener: OrderListener;
  /** From the one that was told of longest ago. */
  readonly #lanes = new Map<string, Lane>();

  constructor(listener: OrderListener) {
    this.#listener = listener;
  }

  takeStored(channel: string, event: StoredEvent): void {
    const lane = this.#lane(channel);
    const { seen } = lane;
    if (seen?.epoch === event.epoch && event.offset <= seen.offset) return; // By another subscription.
    if (lane.early.length > 0 && lane.early[0]?.epoch !== event.epoch) this.#releaseEarly(channel, lane);
    const isNext = event.previous <= (seen?.epoch === event.epoch ? seen.offset : 0);
    if (isNext) this.#advance(channel, lane, event);
    else this.#hold(channel, lane, event);
  }

  /** @param after the publication that its sender had seen stored */
  takeDirect(channel: string, event: string, after: StreamPosition | undefined): void {
    const lane = after === undefined ? this.#lanes.get(channel) : this.#lane(channel);
    if (lane === undefined || (lane.signals.length === 0 && isSeen(lane, after))) {
      this.#listener.direct(channel, event);
      return;
    }
    lane.signals.push({ event, after });
    lane.signalTimer ??= setTimeout(() => this.#giveUpSignals(channel, lane), PATIENCE);
    if (lane.signals.length > MAX_HELD) this.#giveUpSignals(channel, lane);
  }

  /** Somebody has asked for the channel's newest record: if nothing was told yet, what comes is behind it. */
  begin(channel: string, seen: StreamPosition, standing: number): void {
    const lane = this.#lane(channel);
    if (lane.seen !== undefined || lane.early.length > 0) return;
    lane.seen = seen;
    lane.cleared = standing === seen.offset ? undefined : { offset: seen.offset, standing };
    this.#releaseSignals(channel, lane);
  }

  /** Whether the publication has not been told, nor a later one; `undefined` if nothing of the channel was. */
  isMissing(channel: string, position: StreamPosition): boolean | undefined {
    const lane = this.#lanes.get(channel);
    return lane?.seen === undefined ? undefined : !isSeen(lane, position);
  }

  /** What is held is told, and everything begins anew: what comes next may be behind a gap. */
  restart(): void {
    for (const [channel, lane] of [...this.#lanes]) this.#drop(channel, lane);
  }

  /** Nothing more is to be told of the channel. */
  forget(channel: string): void {
    const lane = this.#lanes.get(channel);
    if (lane === undefined) return;
    clearTimeout(lane.earlyTimer);
    clearTimeout(lane.signalTimer);
    this.#lanes.delete(channel);
  }

  close(): void {
    for (const channel of [...this.#lanes.keys()]) this.forget(channel);
  }

  #hold(channel: string, lane: Lane, event: StoredEvent): void {
    const { early } = lane;
    const index = early.findIndex(({ offset }) => offset >= event.offset);
    if (index !== -1 && early[index]?.offset === event.offset) return; // By another subscription.
    early.splice(index === -1 ? early.length : index, 0, event);
    const patience = lane.seen === undefined ? FIRST : LATE;
    lane.earlyTimer ??= setTimeout(() => this.#releaseEarly(channel, lane), patience);
    if (early.length > MAX_HELD) this.#releaseEarly(channel, lane);
  }

  #advance(channel: string, lane: Lane, event: StoredEvent): void {
    this.#tell(channel, lane, event);
    while (lane.early.length > 0 && (lane.early[0]?.previous ?? 0) <= event.offset) {
      const next = lane.early.shift();
      if (next === undefined) break;
      this.#tell(channel, lane, next);
      event = next;
    }
    if (lane.early.length === 0) stopEarly(lane);
    this.#releaseSignals(channel, lane);
  }

  #tell(channel: string, lane: Lane, { epoch, offset, previous, publication, standing }: StoredEvent): void {
    const { cleared } = lane;
    lane.seen = { epoch, offset };
    lane.cleared = standing === undefined ? undefined : { offset, standing };
    if (publication === undefined) return;
    const known = cleared?.offset === previous ? cleared.standing : previous;
    this.#listener.stored(channel, publication, lane.seen, known);
  }

  /** What has not come by now is lost. */
  #releaseEarly(channel: string, lane: Lane): void {
    stopEarly(lane);
    const { early } = lane;
    lane.early = [];
    for (const event of early) this.#tell(channel, lane, event);
    this.#releaseSignals(channel, lane);
  }

  #releaseSignals(channel: string, lane: Lane): void {
    while (lane.signals.length > 0 && isSeen(lane, lane.signals[0]?.after)) {
      const signal = lane.signals.shift();
      if (signal !== undefined) this.#listener.direct(channel, signal.event);
    }
    if (lane.signals.length === 0) stopSignals(lane);
  }

  #giveUpSignals(channel: string, lane: Lane): void {
    stopSignals(lane);
    const { signals } = lane;
    lane.signals = [];
    for (const { event, after } of signals) {
      if (after !== undefined && lane.seen !== undefined && !isSeen(lane, after)) this.#listener.missed(channel, after);
      this.#listener.direct(channel, event);
    }
  }

  #lane(channel: string): Lane {
    const known = this.#lanes.get(channel);
    const lane = known ?? {
      seen: undefined,
      cleared: undefined,
      early: [],
      earlyTimer: undefined,
      signals: [],
      signalTimer: undefined,
    };
    if (known !== undefined) this.#lanes.delete(channel);
    this.#lanes.set(channel, lane);
    const [oldest] = this.#lanes;
    if (this.#lanes.size > MAX_CHANNELS && oldest !== undefined) this.#drop(...oldest);
    return lane;
  }

  #drop(channel: string, lane: Lane): void {
    this.#lanes.delete(channel);
    if (lane.early.length > 0) this.#releaseEarly(channel, lane);
    stopSignals(lane);
    for (const { event } of lane.signals) this.#listener.direct(channel, event);
  }
}

function isSeen({ seen }: Lane, after: StreamPosition | undefined): boolean {
  return after === undefined || (seen?.epoch === after.epoch && seen.offset >= after.offset);
}

function stopEarly(lane: Lane): void {
  clearTimeout(lane.earlyTimer);
  lane.earlyTimer = undefined;
}

function stopSignals(lane: Lane): void {
  clearTimeout(lane.signalTimer);
  lane.signalTimer = undefined;
}
