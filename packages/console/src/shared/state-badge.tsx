import { closeCodeMeaning } from './close-codes.ts';
import { formatSize } from './format.ts';
import type { Ending, Socket, SocketState, Transport } from './use-socket.ts';

const carriers: Readonly<Record<Transport, string>> = {
  websocket: 'WebSocket',
  stream: 'HTTP streaming',
  poll: 'long polling',
  interval: 'polling',
};

interface StateBadgeProps {
  readonly state: SocketState;
  readonly bufferedAmount?: number;
  readonly transport?: Socket['transport'];
}

/** The state of a connection and what carries it, spoken by screen readers when they change. */
export function StateBadge({ state, bufferedAmount = 0, transport }: StateBadgeProps) {
  return (
    <span class="state-line">
      <output class={`badge state-${state.toLowerCase()}`} data-testid="state">
        {state}
      </output>
      {transport !== undefined && (
        <output class="muted" data-testid="transport">
          over {carriers[transport]}
        </output>
      )}
      {bufferedAmount > 0 && (
        <span class="muted" data-testid="buffered">
          {formatSize(bufferedAmount)} buffered
        </span>
      )}
    </span>
  );
}

/** How the last connection ended. */
export function EndingSummary({ ending }: { ending: Ending }) {
  const { code, reason, wasClean, opened } = ending;
  return (
    <dl class="ending" data-testid="ending">
      <dt>Close code</dt>
      <dd>
        <strong data-testid="close-code">{code}</strong> {closeCodeMeaning(code, opened)}
      </dd>
      <dt>Reason</dt>
      <dd data-testid="close-reason">{reason === '' ? <span class="muted">none given</span> : reason}</dd>
      <dt>Clean</dt>
      <dd data-testid="was-clean">{wasClean ? 'yes' : 'no'}</dd>
    </dl>
  );
}
