// Deadlines for many sockets on one timer. A deadline is kept to within one tick, and setting or clearing one takes the
// same short time however many there are. Nothing here keeps the process alive.
//
// What has a deadline is itself a link of the list of its tick: a map or a set of 10,000 idle sockets would cost each of
// them some 80 bytes, and three fields cost 24.

const UNSET = -1;

/** Something that has at most one deadline at a time. Its fields are for `Deadlines` alone. */
export abstract class Expiring {
  /** The number of the tick at which it expires. */
  tick = UNSET;
  next: Expiring | undefined = undefined;
  previous: Expiring | undefined = undefined;

  /** Called when the deadline has passed; it may set a new one. */
  abstract expired(): void;
}

/** Calls a function when a deadline has passed. */
export class Alarm extends Expiring {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  override expired(): void {
    this.#ring();
  }
}

export class Deadlines {
  readonly #tick: number;
  /** The first of what expires at the end of each tick, by the tick's number. */
  readonly #due = new Map<number, Expiring>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** @param tick in milliseconds: how far deadlines may be late. Default 100 */
  constructor(tick = 100) {
    this.#tick = tick;
  }

  /**
   * The time of `performance.now()`, in whole ticks but counted in milliseconds, so that it is late by up to a tick. While
   * deadlines are set it costs nothing to read.
   */
  get recent(): number {
    return (this.#timer === undefined ? this.#now() : this.#last) * this.#tick;
  }

  /** In milliseconds. */
  get tick(): number {
    return this.#tick;
  }

  /** How many deadlines are set. */
  get size(): number {
    return this.#size;
  }

  /** Sets the deadline of `expiring` to `delay` milliseconds from now, in place of the one it has. */
  set(expiring: Expiring, delay: number): void {
    this.clear(expiring);
    this.#link(expiring, this.#tickIn(delay));
  }

  /** The same, unless the one that it has is earlier. */
  setNoLater(expiring: Expiring, delay: number): void {
    const tick = this.#tickIn(delay);
    if (expiring.tick !== UNSET && expiring.tick <= tick) return;
    this.clear(expiring);
    this.#link(expiring, tick);
  }

  clear(expiring: Expiring): void {
    if (expiring.tick === UNSET) return;
    this.#unlink(expiring);
    if (this.#size === 0) this.#stop();
  }

  #tickIn(delay: number): number {
    return this.#now() + Math.max(1, Math.ceil(delay / this.#tick));
  }

  #link(expiring: Expiring, tick: number): void {
    if (this.#timer === undefined) {
      this.#last = this.#now();
      this.#timer = setInterval(() => this.#advance(), this.#tick);
      this.#timer.unref();
    }
    const first = this.#due.get(tick);
    if (first !== undefined) first.previous = expiring;
    expiring.next = first;
    expiring.tick = tick;
    this.#due.set(tick, expiring);
    this.#size++;
  }

  #unlink(expiring: Expiring): void {
    const { tick, next, previous } = expiring;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else if (next !== undefined) this.#due.set(tick, next);
    else this.#due.delete(tick);
    expiring.next = undefined;
    expiring.previous = undefined;
    expiring.tick = UNSET;
    this.#size--;
  }

  #now(): number {
    return Math.floor(performance.now() / this.#tick);
  }

  #advance(): void {
    const now = this.#now();
    // After a suspended or busy process several ticks may have passed at once.
    for (let tick = this.#last + 1; tick <= now; tick++) {
      this.#last = tick;
      // Each may clear or move others; what is set anew expires in a later tick.
      for (let expiring = this.#due.get(tick); expiring !== undefined; expiring = this.#due.get(tick)) {
        this.#unlink(expiring);
        expiring.expired();
      }
    }
    if (this.#size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
