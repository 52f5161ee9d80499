import { Backoff, pauseAfter } from './backoff.ts';
import type { EventPosition, History } from './engine.ts';
import { HeldEvents, MOST_HELD } from './held-events.ts';
import type { Joining } from './joining.ts';
import type { Namespace } from './namespace-table.ts';
import type { Publication, StoredPublication, StreamPosition } from './publication.ts';
import { Recovery } from './recovery.ts';
import { Room, type RoomHost } from './room.ts';
import { Tail } from './tail.ts';

// A channel on this node: where it is in its stream, and that nothing of the stream is missing.
//
// Everything up to the position has gone to the subscribers, in order and once. Each event says what was before it: where
// that is the position, it is delivered; what is older is a duplicate; otherwise something is missing. Then events are held,
// the history is read from the position on, and the channel goes on behind it. If the history does not reach back so far, the
// subscribers are unsubscribed with 2500: they come back with their position, and are told what became of it.
//
// The last publication of all may be missing without an event that tells of it. So the position is compared with the
// engine's when that was interrupted, and now and then in a channel in which nothing was published for a while.

/** Milliseconds between two looks at the position of a channel that is silent: so many, and up to as many more. */
const LOOK_EVERY = 20_000;
/** How often the history may be older than an event before the engine is not believed any more. */
const MOST_STALE = 8;

export class Channel extends Room {
  readonly #tail: Tail;
  readonly #recovery: Recovery;
  #epoch: string | undefined;
  #offset = 0;
  #isReadingOn = false;
  readonly #held = new HeldEvents();
  readonly #backoff: Backoff;
  /** Whether events go on from a known position, or from anywhere if there are none. */
  #isPlaced = false;
  #isDoubtful = false;
  #hasHeard = false;
  #failures = 0;
  /** Those that have seen more than this node, or another epoch, while it reads on. */
  #ahead: Joining[] = [];

  constructor(name: string, namespace: Namespace, host: RoomHost) {
    super(name, namespace, host);
    this.#tail = new Tail(host.tails);
    this.#backoff = new Backoff(host.deadlines);
    this.#recovery = new Recovery({
      read: (since, limit) => this.#read({ since, limit }),
      settle: (joining, missed) => this.#settle(joining, missed),
      retry: (joining) => this.admit(joining),
      readOn: (joining) => this.#admitLater(joining),
      fail: (joining, error) => this.fail(joining, error),
      pause: (failures) => this.#backoff.pause(failures),
      current: () => this.position,
      keep: (from, publications) => this.#tail.replace(from, publications),
      limit: () => this.host.limits.recoveryLimit,
    });
  }

  /** Of what was delivered last; `undefined` without history. */
  get position(): StreamPosition | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#offset };
  }

  published(_channel: string, publication: Publication, position: EventPosition | undefined): void {
    this.#hasHeard = true;
    if (!this.#isPlaced || this.#isReadingOn) this.#held.add({ publication, position });
    else if (!this.#take(publication, position)) {
      this.#held.add({ publication, position });
      this.#readOn();
    }
  }

  resumed(): void {
    this.#isDoubtful = true;
    this.#backoff.wake();
    this.#look();
  }

  /** Takes out what is kept here of a history that was removed. */
  forget(): void {
    this.#tail.clear();
  }

  override reconfigure(namespace: Namespace): void {
    const { retention, presence } = this.namespace;
    super.reconfigure(namespace);
    const hasPositions = retention !== undefined;
    const isSeen = presence !== undefined;
    if (hasPositions !== (namespace.retention !== undefined)) {
      // Subscribers begin anew, in a channel that does.
      this.unsubscribeAll();
      this.close();
    } else if (isSeen !== (namespace.presence !== undefined)) this.unsubscribeAll();
  }

  override close(): void {
    super.close();
    this.#tail.clear();
    this.#held.clear();
    this.#backoff.wake();
  }

  protected async prepare(): Promise<void> {
    if (this.namespace.retention !== undefined) {
      const { position } = await this.#read({ limit: 0 });
      this.#epoch = position.epoch;
      this.#offset = position.offset;
    } else {
      // There is nobody yet, and nothing that could be missing.
      this.#held.clear();
    }
    this.#isPlaced = true;
    // What was told meanwhile is behind that, unless it is not.
    if (!this.#takeHeld()) this.#readOn();
  }

  protected occupied(): void {
    if (this.#isDoubtful) this.#look();
    else this.#lookLater(LOOK_EVERY * (1 + Math.random()));
  }

  protected alarmed(): void {
    if (this.#hasHeard && !this.#isDoubtful) {
      this.#hasHeard = false;
      this.occupied();
    } else {
      this.#look();
    }
  }

  protected admit(joining: Joining): void {
    const { position: since } = joining;
    if (since === undefined) this.begin(joining, { position: this.position, missed: [], recovery: 'none' });
    else if (!this.namespace.isRecoverable || this.#epoch === undefined) this.#settle(joining, undefined);
    else if (since.epoch !== this.#epoch || since.offset > this.#offset) this.#admitLater(joining);
    else this.#recover(joining, since);
  }

  #recover(joining: Joining, since: StreamPosition): void {
    const { retention } = this.namespace;
    const isThere = since.offset === this.#offset;
    const missed = isThere ? [] : retention && this.#tail.since(since.offset, retention);
    if (missed !== undefined) this.#settle(joining, missed);
    else this.#recovery.add(joining, since);
  }

  /** The engine may know more than this node. */
  #admitLater(joining: Joining): void {
    if (joining.hasReadOn) {
      this.#settle(joining, undefined);
    } else {
      this.#ahead.push(joining);
      this.#readOn();
    }
  }

  /** @param missed `undefined` if that could not be said */
  #settle(joining: Joining, missed: readonly StoredPublication[] | undefined): void {
    const isComplete = missed !== undefined && missed.length <= this.host.limits.recoveryLimit;
    const outcome = isComplete ? 'recovered' : 'failed';
    this.host.observer.recovered?.(this.namespace.name, outcome, isComplete ? missed.length : 0);
    this.begin(joining, { position: this.position, missed: isComplete ? missed : [], recovery: outcome });
  }

  // --- what was published --------------------------------------------------------------------------------------------

  /** @returns `false` if something is missing before it */
  #take(publication: Publication, position: EventPosition | undefined): boolean {
    if (position === undefined || this.#epoch === undefined) {
      this.#deliver(publication, undefined);
      return true;
    }
    if (position.epoch !== this.#epoch) return false;
    if (position.offset <= this.#offset) return true;
    if (position.previous !== this.#offset) return false;
    this.#advance({ publication, offset: position.offset });
    return true;
  }

  #advance(stored: StoredPublication): void {
    const previous = this.#offset;
    this.#offset = stored.offset;
    this.#tail.add(stored, previous, this.namespace.retention?.size ?? 0);
    this.#recovery.note(stored);
    this.#deliver(stored.publication, stored.offset);
  }

  #deliver(publication: Publication, offset: number | undefined): void {
    const { audience, host, name } = this;
    if (audience.size === 0) return;
    const push = { type: 'publication', channel: name, publication, offset, publishedTo: undefined } as const;
    host.fanOut.gather(audience, push, publication.data.length);
  }

  #takeHeld(): boolean {
    return this.#held.release(({ publication, position }) => this.#take(publication, position));
  }

  // --- what is missing -----------------------------------------------------------------------------------------------

  /** Reads the history from the position on, until what is held continues it. */
  async #readOn(): Promise<void> {
    if (this.#isReadingOn || this.isClosed) return;
    this.#isReadingOn = true;
    let stale = 0;
    let outcome: 'filled' | 'resubscribed' = 'filled';
    const begin = this.#offset;
    for (;;) {
      const history = await this.#readPersistently();
      if (history === undefined) return;
      if (!this.#catchUp(history)) outcome = 'resubscribed';
      if (history.isComplete && history.publications.length === MOST_HELD) continue;
      const { hasOverflowed } = this.#held;
      const isThrough = this.#takeHeld();
      if (isThrough && this.#ahead.every(({ hasReadOn }) => hasReadOn)) break;
      if (isThrough || hasOverflowed) continue;
      stale++;
      if (stale > MOST_STALE && this.#giveIn()) outcome = 'resubscribed';
      else await this.#backoff.pause(stale);
      if (this.isClosed) return;
    }
    this.#isReadingOn = false;
    if (outcome === 'resubscribed' || this.#offset !== begin) {
      this.host.observer.gapNoticed?.(this.namespace.name, outcome);
    }
    const ahead = this.#ahead;
    this.#ahead = [];
    for (const joining of ahead) if (!joining.isOver) this.admit(joining);
    if (this.#isDoubtful) this.#look();
  }

  async #readPersistently(): Promise<History | undefined> {
    for (let failures = 0; ; failures++) {
      this.#isDoubtful = false;
      try {
        const history = await this.host.checks.run(() => {
          for (const joining of this.#ahead) joining.hasReadOn = true;
          return this.#read({ since: this.position, limit: MOST_HELD });
        });
        return this.isClosed ? undefined : history;
      } catch {
        await this.#backoff.pause(failures);
        if (this.isClosed) return undefined;
      }
    }
  }

  /** @returns `false` if something is missing for good */
  #catchUp({ isComplete, position, publications }: History): boolean {
    if (isComplete) {
      for (const stored of publications) if (stored.offset > this.#offset) this.#advance(stored);
      return true;
    }
    this.#begin(position);
    return false;
  }

  /** The history does not have what an event tells of: the channel goes on with the event. */
  #giveIn(): boolean {
    const position = this.#held.first?.position;
    if (position === undefined) return false;
    this.#begin({ epoch: position.epoch, offset: position.previous });
    return true;
  }

  /** Goes on at `position`, without what was before. */
  #begin({ epoch, offset }: StreamPosition): void {
    this.#tail.clear();
    this.#recovery.breakOff();
    this.#epoch = epoch;
    this.#offset = offset;
    this.unsubscribeAll();
  }

  /** Compares the position with the engine's. */
  async #look(): Promise<void> {
    if (this.#isReadingOn || !this.isOpen || this.isClosed || this.#epoch === undefined) return;
    this.#isDoubtful = false;
    this.#hasHeard = false;
    try {
      const { position } = await this.host.checks.run(() => this.#read({ limit: 0 }));
      this.#failures = 0;
      if (this.isClosed) return;
      if (position.epoch !== this.#epoch || position.offset > this.#offset) this.#readOn();
      this.#lookLater(LOOK_EVERY * (1 + Math.random()));
    } catch {
      this.#isDoubtful = true;
      this.#lookLater(pauseAfter(this.#failures++));
    }
  }

  #lookLater(delay: number): void {
    if (this.audience.size > 0 && !this.isClosed && this.#epoch !== undefined) this.host.deadlines.set(this, delay);
  }

  #read(request: { since?: StreamPosition | undefined; limit: number }): Promise<History> {
    const { retention } = this.namespace;
    if (retention === undefined) return Promise.reject(new Error(`${this.name} has no history`));
    return this.host.engine.history(this.name, retention, request);
  }
}
