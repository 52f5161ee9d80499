// The life of a WebSocket that reconnects, as a table: what each event does in each state. `Reconnection` does what
// stands here and nothing else, so that this file can be read, tested and drawn without any connection.
//
//   connecting   an attempt is under way
//   open         messages flow
//   waiting      the next attempt comes when its time has come
//   suspended    the same, but an attempt is pointless as long as the device is offline, or not wanted while hidden
//   closing      the program has called close(); the connection, if there is one, is yet to end
//   closed       there will be no further attempt
//
// An event that has no row in a state cannot happen there, or changes nothing.

export type ReconnectingState = 'connecting' | 'open' | 'waiting' | 'suspended' | 'closing' | 'closed';

/**
 * opened: the attempt succeeded. lost: it failed, or the connection ended, and another attempt is allowed. ended: the same,
 * and none is. due: the time for the next attempt has come. hindered: the device went offline, or the page was hidden.
 * encouraged: it is online again, or the page is shown again. close: the program wants no more of it. gone: what `close` has
 * ended is over.
 */
export type ReconnectingStep = 'opened' | 'lost' | 'ended' | 'due' | 'hindered' | 'encouraged' | 'close' | 'gone';

/**
 * connect: begin an attempt. release: drop the connection, if it is not gone yet. close: begin its closing handshake. flush:
 * send what has been queued. The others tell the program, by an event.
 */
export type ReconnectingAction =
  | 'connect'
  | 'release'
  | 'close'
  | 'flush'
  | 'tellOpen'
  | 'tellReconnecting'
  | 'tellClosed';

export interface ReconnectingTransition {
  readonly to: ReconnectingState;
  readonly actions: readonly ReconnectingAction[];
}

type Row = Readonly<Partial<Record<ReconnectingStep, ReconnectingTransition>>>;

export const reconnectingTransitions: Readonly<Record<ReconnectingState, Row>> = {
  connecting: {
    opened: { to: 'open', actions: ['tellOpen', 'flush'] },
    lost: { to: 'waiting', actions: ['release', 'tellReconnecting'] },
    ended: { to: 'closed', actions: ['release', 'tellClosed'] },
    close: { to: 'closing', actions: ['close'] },
  },
  open: {
    lost: { to: 'waiting', actions: ['release', 'tellReconnecting'] },
    ended: { to: 'closed', actions: ['release', 'tellClosed'] },
    close: { to: 'closing', actions: ['close'] },
  },
  waiting: {
    due: { to: 'connecting', actions: ['connect'] },
    hindered: { to: 'suspended', actions: [] },
    encouraged: { to: 'waiting', actions: [] },
    close: { to: 'closing', actions: ['close'] },
  },
  suspended: {
    encouraged: { to: 'waiting', actions: [] },
    close: { to: 'closing', actions: ['close'] },
  },
  closing: {
    gone: { to: 'closed', actions: ['release', 'tellClosed'] },
  },
  closed: {},
};

/** The four states of the browser's API: https://websockets.spec.whatwg.org/#dom-websocket-readystate */
export const reconnectingReadyStates: Readonly<Record<ReconnectingState, 0 | 1 | 2 | 3>> = {
  connecting: 0,
  open: 1,
  waiting: 0,
  suspended: 0,
  closing: 2,
  closed: 3,
};

/** The table as a Mermaid state diagram, for the documentation. */
export function reconnectingDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> connecting'];
  for (const [from, steps] of Object.entries(reconnectingTransitions)) {
    for (const [step, { to, actions }] of Object.entries(steps)) {
      lines.push(`  ${from} --> ${to}: ${step}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}`);
    }
  }
  return [...lines, '  closed --> [*]'].join('\n');
}
