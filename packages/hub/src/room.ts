import { type Deadlines, Expiring } from '@tidewire/node';
import { CommandError, type Unsubscribe, unsubscribeCodes } from './codes.ts';
import type { Engine, EventPosition } from './engine.ts';
import type { EngineInterest } from './engine-interest.ts';
import { Audience, type FanOut, type Receiver } from './fan-out.ts';
import type { Joining, Place } from './joining.ts';
import type { HubLimits } from './limits.ts';
import { isPrefix, type Namespace } from './namespace-table.ts';
import type { HubObserver } from './observer.ts';
import type { Occupancy } from './occupancy.ts';
import type { Trace } from './permissions.ts';
import type { ClientInfo, Publication } from './publication.ts';
import type { Tails } from './tail.ts';
import type { Turnstile } from './turnstile.ts';

// What a channel and a prefix have in common: subscribers, those on their way to become one, and a subscription on the engine
// from the first of them until a while after the last.

/** What all rooms of a hub share. */
export interface RoomHost {
  readonly engine: Engine;
  readonly interest: EngineInterest;
  readonly fanOut: FanOut;
  readonly deadlines: Deadlines;
  readonly tails: Tails;
  /** How many checks of positions go on at once. */
  readonly checks: Turnstile;
  readonly observer: HubObserver;
  limits: HubLimits;
  readonly occupancy: Occupancy;
  /** Nobody needs it any more. */
  closed(room: Room): void;
}

/** A subscriber, as its room sees it. */
export interface Occupant extends Receiver {
  /** The hub ends the subscription. */
  unsubscribed(channel: string, unsubscribe: Unsubscribe): void;
  readonly visitor: { readonly trace: Trace | undefined };
}

/** Milliseconds that the engine goes on to tell of a channel after its last subscriber has left. */
const LINGER = 3000;

export abstract class Room extends Expiring {
  /** What clients subscribe to: a channel, or a prefix with its star. */
  readonly name: string;
  readonly audience: Audience;
  protected readonly host: RoomHost;
  readonly #occupants = new Set<Occupant>();
  readonly #joinings = new Set<Joining>();
  #isOpen = false;
  #isClosed = false;

  constructor(name: string, namespace: Namespace, host: RoomHost) {
    super();
    this.name = name;
    this.audience = new Audience(namespace);
    this.host = host;
    host.observer.channelOpened?.(namespace.name);
    this.#open();
  }

  get namespace(): Namespace {
    return this.audience.namespace;
  }

  get subscribers(): number {
    return this.audience.size;
  }

  /** Nothing comes of what is still going on. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the engine tells of it, and its position is known if it has one. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  join(joining: Joining): void {
    if (this.#isEmpty) this.host.deadlines.clear(this);
    this.#joinings.add(joining);
    if (this.#isOpen) this.admit(joining);
  }

  /** `joining` was cancelled. */
  gaveUp(joining: Joining): void {
    this.#joinings.delete(joining);
    this.#noteEmpty();
  }

  /** To be called by who has joined, in the turn in which it begins. */
  enter(occupant: Occupant, isWatching: boolean): void {
    this.#occupants.add(occupant);
    this.audience.add(occupant, isWatching);
  }

  leave(occupant: Occupant): void {
    if (!this.#occupants.delete(occupant)) return;
    this.host.fanOut.flush();
    this.audience.delete(occupant);
    this.#noteEmpty();
  }

  /** Subscribers are to come back, and are told then what they have missed. */
  unsubscribeAll(unsubscribe: Unsubscribe = unsubscribeCodes.INSUFFICIENT_STATE): void {
    this.host.fanOut.flush();
    for (const occupant of [...this.#occupants]) occupant.unsubscribed(this.name, unsubscribe);
  }

  reconfigure(namespace: Namespace): void {
    this.host.fanOut.flush();
    const { hasOccupancy } = this.namespace;
    this.audience.namespace = namespace;
    if (namespace.hasOccupancy === hasOccupancy || this.audience.size === 0 || isPrefix(this.name)) return;
    if (hasOccupancy) this.host.occupancy.left(this.name);
    else this.#occupied();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.host.deadlines.clear(this);
    for (const joining of [...this.#joinings]) this.fail(joining, new CommandError('INTERNAL'));
    this.host.interest.drop(this.name);
    this.host.occupancy.left(this.name);
    this.host.observer.channelClosed?.(this.namespace.name);
    this.host.closed(this);
  }

  abstract published(channel: string, publication: Publication, position: EventPosition | undefined): void;
  /** Events may have been lost until now. */
  abstract resumed(): void;
  /** Does what is to be done between the subscription on the engine and the first subscriber. */
  protected abstract prepare(): Promise<void>;
  /** The room is open: `joining` can begin, or wait. */
  protected abstract admit(joining: Joining): void;
  /** There are subscribers, and no deadline. */
  protected abstract occupied(): void;
  protected abstract alarmed(): void;

  presenceChanged(type: 'join' | 'leave', info: ClientInfo): void {
    this.host.fanOut.gather(this.audience, { type, channel: this.name, info }, 200);
  }

  override expired(): void {
    if (this.#isEmpty) this.close();
    else this.alarmed();
  }

  protected begin(joining: Joining, place: Place): void {
    // What was gathered is for those that are there already.
    this.host.fanOut.flush();
    this.#joinings.delete(joining);
    const wasEmpty = this.audience.size === 0;
    joining.begin(place);
    if (this.audience.size === 0) this.#noteEmpty();
    else if (wasEmpty) {
      if (this.namespace.hasOccupancy && !isPrefix(this.name)) this.#occupied();
      this.occupied();
    }
  }

  protected fail(joining: Joining, error: unknown): void {
    this.#joinings.delete(joining);
    joining.fail(error);
    this.#noteEmpty();
  }

  #occupied(): void {
    const [first] = this.#occupants;
    this.host.occupancy.entered(this.name, first?.visitor.trace);
  }

  get #isEmpty(): boolean {
    return this.audience.size === 0 && this.#joinings.size === 0;
  }

  #noteEmpty(): void {
    if (this.#isEmpty && !this.#isClosed) this.host.deadlines.set(this, LINGER);
  }

  async #open(): Promise<void> {
    try {
      await this.host.interest.want(this.name);
      await this.prepare();
    } catch (error) {
      for (const joining of [...this.#joinings]) this.fail(joining, error);
      this.close();
      return;
    }
    if (this.#isClosed) return;
    this.#isOpen = true;
    for (const joining of [...this.#joinings]) if (!joining.isOver) this.admit(joining);
  }
}
