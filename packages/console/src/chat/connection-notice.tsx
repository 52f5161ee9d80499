import { useEffect, useState } from 'preact/hooks';
import { EndingSummary } from '../shared/state-badge.tsx';
import type { Chat } from './use-chat.ts';

/** What to know and to do while there is no connection. */
export function ConnectionNotice({ chat }: { chat: Chat }) {
  const { socket, retryAt, refusal, leave, retryNow } = chat;
  if (socket.ending === undefined && refusal === undefined) return null;
  return (
    <div class="connection-notice" role="status">
      {refusal !== undefined && (
        <p class="error" data-testid="refusal">
          {refusal}
        </p>
      )}
      {socket.ending !== undefined && <EndingSummary ending={socket.ending} />}
      {retryAt !== undefined && (
        <p class="retry">
          <span>
            Trying again in <Countdown until={retryAt} /> s
          </span>
          <button type="button" class="small" data-testid="retry" onClick={retryNow}>
            Try now
          </button>
          <button type="button" class="small" onClick={leave}>
            Stop
          </button>
        </p>
      )}
    </div>
  );
}

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return <span aria-live="off">{Math.max(0, Math.ceil((until - now) / 1000))}</span>;
}
