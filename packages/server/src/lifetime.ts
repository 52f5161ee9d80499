import { type Deadlines, Expiring, type StreamPipe } from '@tidewire/node';
import type { TimeoutCode, Timeouts } from './timeouts.ts';

// How long a socket may live on a silent peer. Whatever happens to the socket only leaves a time here, which costs nothing
// to speak of; what follows from the times is worked out when the one deadline that the socket has expires.
//
// Times are whole milliseconds, which V8 keeps in the fields themselves. A fraction or an infinity among them would cost
// every idle socket 16 bytes a field.

/** Whose life it is. */
export interface Mortal {
  readonly pipe: StreamPipe;
  /** Whether nothing is read from the peer, which is then not to blame for its silence. */
  readonly isPaused: boolean;
  /** Sends a Ping. */
  askForLife(): void;
  timedOut(code: TimeoutCode): void;
}

/** What all sockets of an endpoint have in common. */
export interface LifetimeRules {
  readonly deadlines: Deadlines;
  readonly timeouts: Timeouts;
}

const NEVER = Number.POSITIVE_INFINITY;

/** What an idle socket does not have. */
class Trouble {
  backedUpAt = NEVER;
  closingAt = NEVER;
  isInDoubt = false;
}

const NONE: Readonly<Trouble> = new Trouble();

export class Lifetime extends Expiring {
  readonly #mortal: Mortal;
  readonly #rules: LifetimeRules;
  #heardAt: number;
  /** When the last Ping went out; 0 before the first. */
  #pingedAt = 0;
  #trouble: Trouble | undefined;

  constructor(mortal: Mortal, rules: LifetimeRules) {
    super();
    this.#mortal = mortal;
    this.#rules = rules;
    this.#heardAt = rules.deadlines.recent;
    this.#arm(this.#heardAt);
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = this.#rules.deadlines.recent;
  }

  /** The peer is read from again, and may be silent from here on. */
  resumed(): void {
    this.heard();
    this.#arm(this.#heardAt);
  }

  /** Bytes have begun to wait. */
  backedUp(): void {
    const { deadlines, timeouts } = this.#rules;
    this.#troubled().backedUpAt = deadlines.recent;
    this.#armFor(timeouts.write);
  }

  /** The connection has left OPEN. */
  closing(): void {
    const { deadlines, timeouts } = this.#rules;
    this.#troubled().closingAt = deadlines.recent;
    this.#armFor(timeouts.close);
  }

  /** The connection is gone. */
  ended(): void {
    this.#rules.deadlines.clear(this);
  }

  override expired(): void {
    const now = this.#rules.deadlines.recent;
    this.#lookForLife(now);
    const code = this.#overdue(now);
    if (code === undefined) {
      if (this.#trouble !== undefined) this.#trouble.isInDoubt = false;
      if (now >= this.#pingDue()) this.#ping(now);
      this.#arm(now);
    } else if (this.#trouble?.isInDoubt === true) {
      this.#timedOut(code, now);
    } else {
      // This process may have been busy or asleep, and what the peer has sent be waiting: it is read before the next tick.
      this.#troubled().isInDoubt = true;
      this.#armFor(this.#rules.deadlines.tick);
    }
  }

  #troubled(): Trouble {
    this.#trouble ??= new Trouble();
    return this.#trouble;
  }

  #lookForLife(now: number): void {
    const { pipe } = this.#mortal;
    // What has come is being decompressed, and what comes behind it waits to be read.
    if (pipe.isHeld) this.#heardAt = now;
    const trouble = this.#trouble;
    if (trouble === undefined) return;
    if (!pipe.isBackedUp) {
      trouble.backedUpAt = NEVER;
    } else if (pipe.hasProgressed()) {
      trouble.backedUpAt = now;
      // Who takes what is sent lives, even if its Pong has to wait for its turn.
      this.#heardAt = now;
    }
  }

  #overdue(now: number): TimeoutCode | undefined {
    const { heartbeatTimeout, idle, close, write } = this.#rules.timeouts;
    const { backedUpAt, closingAt } = this.#trouble ?? NONE;
    if (now >= closingAt + close) return 'CLOSE_TIMEOUT';
    if (now >= backedUpAt + write) return 'WRITE_TIMEOUT';
    if (closingAt !== NEVER) return undefined;
    if (this.#awaitsAnswer() && now >= this.#pingedAt + heartbeatTimeout) return 'HEARTBEAT_TIMEOUT';
    return now >= this.#heardAt + idle && !this.#mortal.isPaused ? 'IDLE_TIMEOUT' : undefined;
  }

  /** Whether nothing has come since a Ping, although something could have. */
  #awaitsAnswer(): boolean {
    return this.#pingedAt > this.#heardAt && !this.#mortal.isPaused;
  }

  #pingDue(): number {
    if ((this.#trouble ?? NONE).closingAt !== NEVER || this.#awaitsAnswer()) return NEVER;
    // While paused, a Ping still finds out whether the peer is gone: the network then says so.
    return Math.max(this.#heardAt, this.#pingedAt) + this.#rules.timeouts.heartbeatInterval;
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#mortal.askForLife();
  }

  #timedOut(code: TimeoutCode, now: number): void {
    this.#troubled().isInDoubt = false;
    this.#mortal.timedOut(code);
    this.#arm(now);
  }

  /** Sets the deadline for what comes next. */
  #arm(now: number): void {
    const { heartbeatTimeout, idle, close, write } = this.#rules.timeouts;
    const { backedUpAt, closingAt } = this.#trouble ?? NONE;
    const isOpen = closingAt === NEVER;
    const answerDue = isOpen && this.#awaitsAnswer() ? this.#pingedAt + heartbeatTimeout : NEVER;
    const idleDue = isOpen && !this.#mortal.isPaused ? this.#heardAt + idle : NEVER;
    this.#armFor(Math.min(closingAt + close, backedUpAt + write, this.#pingDue(), answerDue, idleDue) - now);
  }

  /** Sets the deadline, unless an earlier one is set: that one leads to this one. */
  #armFor(delay: number): void {
    if (delay !== NEVER) this.#rules.deadlines.setNoLater(this, delay);
  }
}
