import { Incoming } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import type { TunnelOwner } from './owner.ts';
import type { TunnelRecord } from './records.ts';
import type { TunnelRefusalCode } from './refusals.ts';
import {
  type TunnelAction,
  type TunnelEvent,
  type TunnelOutcome,
  type TunnelState,
  tunnelTransitions,
} from './states.ts';

// What the two sides of a session have in common: the stream that goes out, the one that comes in, the state, and the order
// in which the owner is told. The state changes only in `on`, by the table in states.ts, before anybody is told.

/** What differs between the sides. */
export interface Side {
  act(action: Exclude<TunnelAction, 'report' | 'reportEnd'>): void;
}

export class StreamEnds {
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  readonly #owner: TunnelOwner;
  readonly #side: Side;
  #state: TunnelState = 'OPEN';
  #outcome: TunnelOutcome | undefined;
  #hasReported = false;
  #isBackedUp = false;

  constructor(window: number, owner: TunnelOwner, side: Side) {
    this.#owner = owner;
    this.#side = side;
    this.outgoing = new Outgoing(window);
    this.incoming = new Incoming(window, {
      receive: (bytes) => owner.receive(bytes),
      ended: () => this.on('endReceived'),
    });
  }

  get state(): TunnelState {
    return this.#state;
  }

  /** Whether the owner is yet to be told that it is over. */
  get isToReport(): boolean {
    return this.#outcome !== undefined && !this.#hasReported;
  }

  /** Takes one of the records that both sides send. Returns the rule that it breaks, if so. */
  take(record: TunnelRecord): TunnelRefusalCode | undefined {
    switch (record.type) {
      case 'ACK':
        return this.outgoing.acknowledge(record.received, record.limit) ? undefined : 'ACKNOWLEDGEMENT';
      case 'DATA':
        return this.incoming.data(record.offset, record.bytes);
      case 'END':
        return this.incoming.end(record.offset);
      case 'RESET':
        this.on('reset');
        return undefined;
      default:
        return 'MALFORMED';
    }
  }

  /** What this side acknowledges, and takes. */
  get acknowledgement(): TunnelRecord {
    return { type: 'ACK', received: this.incoming.received, limit: this.incoming.limit };
  }

  on(event: TunnelEvent): void {
    const transition = tunnelTransitions[this.#state][event];
    if (transition === undefined) return;
    this.#state = transition.to;
    for (const action of transition.actions) {
      if (action === 'reportEnd') this.#owner.ended();
      else if (action === 'report') this.#end(transition.outcome);
      else this.#side.act(action);
    }
  }

  /** To be called when anything may have been acknowledged or sent. */
  settle(): void {
    if (this.outgoing.isFinished) this.on('settled');
    if (this.outgoing.unsent > 0 === this.#isBackedUp) return;
    this.#isBackedUp = !this.#isBackedUp;
    if (this.#isBackedUp) this.#owner.backedUp?.();
    else if (this.#state !== 'GONE') this.#owner.drained();
  }

  /** Tells the owner that it is over, if it is and the owner does not know. */
  report(): void {
    if (this.#outcome === undefined || this.#hasReported) return;
    this.#hasReported = true;
    this.#owner.gone(this.#outcome);
  }

  #end(outcome: TunnelOutcome | undefined): void {
    this.#outcome = outcome;
    this.incoming.clear();
    this.outgoing.clear();
  }
}
