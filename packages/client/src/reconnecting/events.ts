import type { LostConnection } from './attempt.ts';

/** The connection is lost, or an attempt has failed; another attempt follows. */
export class ReconnectingEvent extends Event {
  /** Which attempt is next: 1 for the first one after the very first, and after a stable connection. */
  readonly attempt: number;
  /** Milliseconds until then, unless the device is offline or the page hidden. */
  readonly delay: number;
  /** How the connection, or the attempt, ended. */
  readonly cause: LostConnection;

  constructor(attempt: number, delay: number, cause: LostConnection) {
    super('reconnecting');
    this.attempt = attempt;
    this.delay = delay;
    this.cause = cause;
  }
}

export interface ReconnectingEventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: Event & { readonly failure?: unknown };
  readonly close: Event & LostConnection;
  readonly reconnecting: ReconnectingEvent;
  readonly statechange: Event;
}
