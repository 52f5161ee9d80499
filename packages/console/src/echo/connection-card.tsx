import { useState } from 'preact/hooks';
import { socketUrl } from '../shared/socket-url.ts';
import { EndingSummary, StateBadge } from '../shared/state-badge.tsx';
import type { Socket } from '../shared/use-socket.ts';

interface ConnectionCardProps {
  readonly socket: Socket;
  /** Throws what the WebSocket constructor throws. */
  readonly onConnect: (url: string, protocols: string[]) => void;
}

/** Where to connect to, how to close, and how the connection stands. */
export function ConnectionCard({ socket, onConnect }: ConnectionCardProps) {
  const [url, setUrl] = useState(() => socketUrl('/echo'));
  const [protocols, setProtocols] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const idle = socket.state === 'CLOSED';

  const attempt = (action: () => void) => {
    setError(undefined);
    try {
      action();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };

  return (
    <section class="card connection" aria-label="Connection">
      <div class="card-head">
        <h1>Echo</h1>
        <StateBadge state={socket.state} bufferedAmount={socket.bufferedAmount} />
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt(() => onConnect(url.trim(), splitProtocols(protocols)));
        }}
      >
        <label>
          URL
          <input
            data-testid="url"
            type="text"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            required
            readOnly={!idle}
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
        <label>
          Subprotocols <span class="hint">optional, separated by commas</span>
          <input
            data-testid="protocols"
            type="text"
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            readOnly={!idle}
            value={protocols}
            onInput={({ currentTarget }) => setProtocols(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" data-testid="connect" disabled={!idle}>
          Connect
        </button>
      </form>
      <CloseForm socket={socket} attempt={attempt} />
      {error !== undefined && (
        <p class="error" role="alert" data-testid="error">
          {error}
        </p>
      )}
      {socket.ending !== undefined && <EndingSummary ending={socket.ending} />}
    </section>
  );
}

function CloseForm({ socket, attempt }: { socket: Socket; attempt: (action: () => void) => void }) {
  const [code, setCode] = useState('1000');
  const [reason, setReason] = useState('');

  return (
    <form
      class="close-form"
      onSubmit={(event) => {
        event.preventDefault();
        // Without a code there must be no reason either: the Close frame is empty then.
        attempt(() => (code === '' && reason === '' ? socket.close() : socket.close(Number(code), reason)));
      }}
    >
      <label>
        Code
        <input
          data-testid="close-with-code"
          type="text"
          inputMode="numeric"
          autoComplete="off"
          placeholder="none"
          value={code}
          onInput={({ currentTarget }) => setCode(currentTarget.value.trim())}
        />
      </label>
      <label>
        Reason
        <input
          data-testid="close-with-reason"
          type="text"
          autoComplete="off"
          placeholder="none"
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <button type="submit" data-testid="close" disabled={socket.state !== 'OPEN' && socket.state !== 'CONNECTING'}>
        Close
      </button>
    </form>
  );
}

function splitProtocols(text: string): string[] {
  return text
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
