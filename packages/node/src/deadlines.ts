// Deadlines for many sockets on one timer. A deadline is kept to within one tick, and setting or clearing one costs a
// set operation, however many there are. Nothing here keeps the process alive.

/** Something that has at most one deadline at a time. */
export interface Expiring {
  /** Called when the deadline has passed; it may set a new one. */
  expired(): void;
}

export class Deadlines {
  readonly #tick: number;
  /** What expires at the end of each tick, by the tick's number. */
  readonly #due = new Map<number, Set<Expiring>>();
  readonly #tickOf = new Map<Expiring, number>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** @param tick in milliseconds: how far deadlines may be late. Default 100 */
  constructor(tick = 100) {
    this.#tick = tick;
  }

  /**
   * The time of `performance.now()`, in milliseconds, late by up to a tick. While deadlines are set it costs nothing to
   * read.
   */
  get recent(): number {
    return this.#timer === undefined ? performance.now() : this.#last * this.#tick;
  }

  /** In milliseconds. */
  get tick(): number {
    return this.#tick;
  }

  /** How many deadlines are set. */
  get size(): number {
    return this.#tickOf.size;
  }

  /** Sets the deadline of `expiring` to `delay` milliseconds from now, in place of the one it has. */
  set(expiring: Expiring, delay: number): void {
    this.clear(expiring);
    if (this.#timer === undefined) {
      this.#last = this.#now();
      this.#timer = setInterval(() => this.#advance(), this.#tick);
      this.#timer.unref();
    }
    const tick = this.#now() + Math.max(1, Math.ceil(delay / this.#tick));
    const due = this.#due.get(tick) ?? new Set();
    this.#due.set(tick, due.add(expiring));
    this.#tickOf.set(expiring, tick);
  }

  clear(expiring: Expiring): void {
    const tick = this.#tickOf.get(expiring);
    if (tick === undefined) return;
    this.#tickOf.delete(expiring);
    this.#due.get(tick)?.delete(expiring);
    if (this.#tickOf.size === 0) this.#stop();
  }

  #now(): number {
    return Math.floor(performance.now() / this.#tick);
  }

  #advance(): void {
    const now = this.#now();
    // After a suspended or busy process several ticks may have passed at once.
    for (let tick = this.#last + 1; tick <= now; tick++) {
      const due = this.#due.get(tick);
      this.#due.delete(tick);
      this.#last = tick;
      if (due === undefined) continue;
      for (const expiring of due) {
        // One that expired before it may have cleared or moved this one.
        if (this.#tickOf.get(expiring) !== tick) continue;
        this.#tickOf.delete(expiring);
        expiring.expired();
      }
    }
    if (this.#tickOf.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
  }
}
