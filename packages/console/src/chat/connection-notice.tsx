import { EndingSummary } from '../shared/state-badge.tsx';
import type { Chat } from './use-chat.ts';

/** What to know and to do while there is no connection. */
export function ConnectionNotice({ chat: { view, session } }: { chat: Chat }) {
  const { state, isIn, ending, refusal } = view;
  const isLost = isIn && state === 'CONNECTING' && ending !== undefined;
  if (refusal === undefined && (ending === undefined || state === 'OPEN')) return null;
  return (
    <div class="connection-notice" role="status">
      {refusal !== undefined && (
        <p class="error" data-testid="refusal">
          {refusal}
        </p>
      )}
      {ending !== undefined && <EndingSummary ending={ending} />}
      {isLost && (
        <p class="retry">
          <span data-testid="retrying">Trying again: what is said meanwhile comes when the connection is back.</span>
          <button type="button" class="small" data-testid="retry" onClick={() => session.retryNow()}>
            Try now
          </button>
        </p>
      )}
    </div>
  );
}
