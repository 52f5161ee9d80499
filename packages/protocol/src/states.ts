// The life of a connection as a table: what each event does in each state. `Connection` does what stands here and
// nothing else, so that this file can be read, tested and drawn without any bytes.
//
//   CONNECTING   the opening handshake is under way; no frame may be sent or received
//   OPEN         messages flow
//   CLOSE_SENT   our Close frame is out, the peer's is awaited; messages still arrive (RFC 6455, 1.4)
//   CLOSE_DONE   both Close frames are exchanged; the byte stream is yet to end (7.1.1)
//   FAILED       this side has given up on the connection (7.1.7); whatever arrives is discarded
//   CLOSED       the byte stream is gone
//
// An event that has no row in a state cannot happen there, or changes nothing.

export type State = 'CONNECTING' | 'OPEN' | 'CLOSE_SENT' | 'CLOSE_DONE' | 'FAILED' | 'CLOSED';

/**
 * opened: the opening handshake succeeded. close: this side wants to close. closeReceived: the peer's Close frame came.
 * violation: the peer broke a rule. abandoned: this side wants no more of it, not even a close. ended: the peer will send no more bytes. gone: the byte stream no longer exists.
 */
export type StateEvent = 'opened' | 'close' | 'closeReceived' | 'violation' | 'abandoned' | 'ended' | 'gone';

/**
 * sendClose: put a Close frame on the wire. endIfServer: the server ends its side of the byte stream first, so that the
 * client does not hold the TIME_WAIT (7.1.1). end: end our side of the byte stream, which lets the peer read all that we
 * sent: a reset could destroy it. destroy: drop the byte stream. notify: tell the owner that the connection has left OPEN.
 * report: tell the owner that it is over.
 */
export type Action = 'sendClose' | 'endIfServer' | 'end' | 'destroy' | 'notify' | 'report';

export interface Transition {
  readonly to: State;
  readonly actions: readonly Action[];
}

export const transitions: Readonly<Record<State, Readonly<Partial<Record<StateEvent, Transition>>>>> = {
  CONNECTING: {
    opened: { to: 'OPEN', actions: [] },
    close: { to: 'FAILED', actions: ['destroy'] },
    abandoned: { to: 'FAILED', actions: ['destroy'] },
    ended: { to: 'FAILED', actions: ['end'] },
    gone: { to: 'CLOSED', actions: ['report'] },
  },
  OPEN: {
    close: { to: 'CLOSE_SENT', actions: ['sendClose', 'notify'] },
    closeReceived: { to: 'CLOSE_DONE', actions: ['sendClose', 'endIfServer', 'notify'] },
    violation: { to: 'FAILED', actions: ['sendClose', 'end', 'notify'] },
    abandoned: { to: 'FAILED', actions: ['destroy', 'notify'] },
    ended: { to: 'FAILED', actions: ['end', 'notify'] },
    gone: { to: 'CLOSED', actions: ['notify', 'report'] },
  },
  CLOSE_SENT: {
    closeReceived: { to: 'CLOSE_DONE', actions: ['endIfServer'] },
    violation: { to: 'FAILED', actions: ['end'] },
    abandoned: { to: 'FAILED', actions: ['destroy'] },
    ended: { to: 'FAILED', actions: ['end'] },
    gone: { to: 'CLOSED', actions: ['report'] },
  },
  CLOSE_DONE: {
    abandoned: { to: 'CLOSE_DONE', actions: ['destroy'] },
    ended: { to: 'CLOSE_DONE', actions: ['end'] },
    gone: { to: 'CLOSED', actions: ['report'] },
  },
  FAILED: {
    abandoned: { to: 'FAILED', actions: ['destroy'] },
    ended: { to: 'FAILED', actions: ['end'] },
    gone: { to: 'CLOSED', actions: ['report'] },
  },
  CLOSED: {},
};

/** The four states of the browser's API: https://websockets.spec.whatwg.org/#dom-websocket-readystate */
export type ReadyState = 0 | 1 | 2 | 3;

export const readyStates: Readonly<Record<State, ReadyState>> = {
  CONNECTING: 0,
  OPEN: 1,
  CLOSE_SENT: 2,
  CLOSE_DONE: 2,
  FAILED: 2,
  CLOSED: 3,
};

/** The table as a Mermaid state diagram, for the documentation. */
export function stateDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> CONNECTING'];
  for (const [from, events] of Object.entries(transitions)) {
    for (const [event, transition] of Object.entries(events)) {
      const actions = transition.actions.length === 0 ? '' : ` / ${transition.actions.join(', ')}`;
      lines.push(`  ${from} --> ${transition.to}: ${event}${actions}`);
    }
  }
  return [...lines, '  CLOSED --> [*]'].join('\n');
}
