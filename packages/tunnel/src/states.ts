import type { Mode } from './records.ts';

// The life of a session, and the ways by which a client receives, as tables: what each event does in each state. The
// sessions do what stands here and nothing else. An event that has no row in a state cannot happen there, or changes nothing.
//
//   OPEN           bytes flow both ways
//   END_SENT       this side has ended its stream; the other's goes on
//   END_RECEIVED   the other side has ended its stream, and all of it was delivered; ours goes on
//   BOTH_ENDED     both have ended; ours is yet to be acknowledged
//   GONE           it is over

export type TunnelState = 'OPEN' | 'END_SENT' | 'END_RECEIVED' | 'BOTH_ENDED' | 'GONE';

/**
 * end: the owner writes no more. endReceived: the other side's stream was delivered to its end. settled: the other side
 * has acknowledged all of ours, its end included. destroy: the owner drops it. reset: the other side has dropped it, or
 * does not know it. refused: the server refuses its requests for good. violation: the other side broke a rule. lost: nothing was heard of it for the grace time.
 */
export type TunnelEvent = 'end' | 'endReceived' | 'settled' | 'destroy' | 'reset' | 'refused' | 'violation' | 'lost';

/**
 * sendEnd: END follows what was written. reportEnd: tell the owner that the other side has ended. sendReset: tell the other
 * side that it is over. sayFarewell: make sure that the other side knows that its end was received. report: tell the owner
 * that it is over, and how.
 */
export type TunnelAction = 'sendEnd' | 'reportEnd' | 'sendReset' | 'sayFarewell' | 'report';

/** How a session ended: in order, or by which event. */
export type TunnelOutcome = 'FINISHED' | 'DESTROYED' | 'RESET' | 'REFUSED' | 'VIOLATION' | 'LOST';

export interface TunnelTransition {
  readonly to: TunnelState;
  readonly actions: readonly TunnelAction[];
  /** What is reported. */
  readonly outcome?: TunnelOutcome;
}

type Rows = Readonly<Partial<Record<TunnelEvent, TunnelTransition>>>;

/** What ends a session from everywhere. */
const endings = {
  destroy: { to: 'GONE', actions: ['sendReset', 'report'], outcome: 'DESTROYED' },
  reset: { to: 'GONE', actions: ['report'], outcome: 'RESET' },
  refused: { to: 'GONE', actions: ['report'], outcome: 'REFUSED' },
  violation: { to: 'GONE', actions: ['sendReset', 'report'], outcome: 'VIOLATION' },
  lost: { to: 'GONE', actions: ['report'], outcome: 'LOST' },
} as const satisfies Rows;

export const tunnelTransitions: Readonly<Record<TunnelState, Rows>> = {
  OPEN: {
    end: { to: 'END_SENT', actions: ['sendEnd'] },
    endReceived: { to: 'END_RECEIVED', actions: ['reportEnd'] },
    ...endings,
  },
  END_SENT: {
    endReceived: { to: 'BOTH_ENDED', actions: ['reportEnd'] },
    ...endings,
  },
  END_RECEIVED: {
    end: { to: 'BOTH_ENDED', actions: ['sendEnd'] },
    ...endings,
  },
  BOTH_ENDED: {
    settled: { to: 'GONE', actions: ['sayFarewell', 'report'], outcome: 'FINISHED' },
    ...endings,
    // Whoever has everything, and has told everything, forgets the session: nothing was lost.
    reset: { to: 'GONE', actions: ['report'], outcome: 'FINISHED' },
  },
  GONE: {},
};

/**
 * PROBING: a stream is asked for, and not yet proven to get through. STREAMING: it was. POLLING: requests are held until
 * there is something. INTERVAL: requests are answered at once, again and again.
 */
export type Way = 'PROBING' | 'STREAMING' | 'POLLING' | 'INTERVAL';

/**
 * proven: a stream gets through as it is sent. unfit: something on the way does not let it through, although other requests
 * may pass. moved: the network is another one. rested: what was unfit was so long ago that it is worth another try.
 */
export type WayEvent = 'proven' | 'unfit' | 'moved' | 'rested';

export interface WayRow {
  /** The requests that receive. */
  readonly mode: Mode;
  readonly on: Readonly<Partial<Record<WayEvent, Way>>>;
}

export const ways: Readonly<Record<Way, WayRow>> = {
  PROBING: { mode: 'STREAM', on: { proven: 'STREAMING', unfit: 'POLLING' } },
  STREAMING: { mode: 'STREAM', on: { unfit: 'POLLING', moved: 'PROBING' } },
  POLLING: { mode: 'WAIT', on: { unfit: 'INTERVAL', moved: 'PROBING', rested: 'PROBING' } },
  INTERVAL: { mode: 'TAKE', on: { moved: 'PROBING', rested: 'PROBING' } },
};
