import type { Deadlines, Expiring, StreamPipe } from '@tidewire/node';
import type { TimeoutCode, Timeouts } from './timeouts.ts';

// How long a socket may live on a silent peer. Whatever happens to the socket only leaves a time here, which costs nothing
// to speak of; what follows from the times is worked out when the one deadline that the socket has expires.

/** Whose life it is. */
export interface Mortal {
  readonly pipe: StreamPipe;
  /** Whether nothing is read from the peer, which is then not to blame for its silence. */
  readonly isPaused: boolean;
  /** Sends a Ping. */
  askForLife(): void;
  timedOut(code: TimeoutCode): void;
}

const NEVER = Number.POSITIVE_INFINITY;

export class Lifetime implements Expiring {
  readonly #mortal: Mortal;
  readonly #deadlines: Deadlines;
  readonly #timeouts: Timeouts;
  /** When the deadline that is set expires. */
  #due = NEVER;
  #heardAt: number;
  /** When the last Ping went out. */
  #pingedAt = Number.NEGATIVE_INFINITY;
  #backedUpAt = NEVER;
  #closingAt = NEVER;
  #isInDoubt = false;

  constructor(mortal: Mortal, deadlines: Deadlines, timeouts: Timeouts) {
    this.#mortal = mortal;
    this.#deadlines = deadlines;
    this.#timeouts = timeouts;
    this.#heardAt = deadlines.recent;
    this.#arm(this.#heardAt);
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = this.#deadlines.recent;
  }

  /** The peer is read from again, and may be silent from here on. */
  resumed(): void {
    this.heard();
    this.#arm(this.#heardAt);
  }

  /** Bytes have begun to wait. */
  backedUp(): void {
    // What the peer has taken until now does not count.
    this.#mortal.pipe.hasProgressed();
    this.#backedUpAt = this.#deadlines.recent;
    this.#armFor(this.#backedUpAt, this.#backedUpAt + this.#timeouts.write);
  }

  /** The connection has left OPEN. */
  closing(): void {
    this.#closingAt = this.#deadlines.recent;
    this.#armFor(this.#closingAt, this.#closingAt + this.#timeouts.close);
  }

  /** The connection is gone. */
  ended(): void {
    this.#due = NEVER;
    this.#deadlines.clear(this);
  }

  expired(): void {
    const now = this.#deadlines.recent;
    this.#due = NEVER;
    this.#lookForLife(now);
    const code = this.#overdue(now);
    if (code === undefined) {
      this.#isInDoubt = false;
      if (now >= this.#pingDue()) this.#ping(now);
      this.#arm(now);
    } else if (this.#isInDoubt) {
      this.#timedOut(code, now);
    } else {
      // This process may have been busy or asleep, and what the peer has sent be waiting: it is read before the next tick.
      this.#isInDoubt = true;
      this.#armFor(now, now + this.#deadlines.tick);
    }
  }

  #lookForLife(now: number): void {
    const { pipe } = this.#mortal;
    if (!pipe.isBackedUp) {
      this.#backedUpAt = NEVER;
    } else if (pipe.hasProgressed()) {
      this.#backedUpAt = now;
      // Who takes what is sent lives, even if its Pong has to wait for its turn.
      this.#heardAt = now;
    }
  }

  #overdue(now: number): TimeoutCode | undefined {
    const { heartbeatTimeout, idle, close, write } = this.#timeouts;
    if (now >= this.#closingAt + close) return 'CLOSE_TIMEOUT';
    if (now >= this.#backedUpAt + write) return 'WRITE_TIMEOUT';
    if (this.#closingAt !== NEVER) return undefined;
    if (this.#awaitsAnswer() && now >= this.#pingedAt + heartbeatTimeout) return 'HEARTBEAT_TIMEOUT';
    return now >= this.#heardAt + idle && !this.#mortal.isPaused ? 'IDLE_TIMEOUT' : undefined;
  }

  /** Whether nothing has come since a Ping, although something could have. */
  #awaitsAnswer(): boolean {
    return this.#pingedAt > this.#heardAt && !this.#mortal.isPaused;
  }

  #pingDue(): number {
    if (this.#closingAt !== NEVER || this.#awaitsAnswer()) return NEVER;
    // While paused, a Ping still finds out whether the peer is gone: the network then says so.
    return Math.max(this.#heardAt, this.#pingedAt) + this.#timeouts.heartbeatInterval;
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#mortal.askForLife();
  }

  #timedOut(code: TimeoutCode, now: number): void {
    this.#isInDoubt = false;
    this.#mortal.timedOut(code);
    this.#arm(now);
  }

  /** Sets the deadline for what comes next. */
  #arm(now: number): void {
    const { heartbeatTimeout, idle, close, write } = this.#timeouts;
    const isOpen = this.#closingAt === NEVER;
    const answerDue = isOpen && this.#awaitsAnswer() ? this.#pingedAt + heartbeatTimeout : NEVER;
    const idleDue = isOpen && !this.#mortal.isPaused ? this.#heardAt + idle : NEVER;
    const due = Math.min(this.#closingAt + close, this.#backedUpAt + write, this.#pingDue(), answerDue, idleDue);
    this.#armFor(now, due);
  }

  /** Sets the deadline, unless an earlier one is set: that one leads to this one. */
  #armFor(now: number, due: number): void {
    if (due >= this.#due) return;
    this.#due = due;
    this.#deadlines.set(this, due - now);
  }
}
