import { useCallback, useRef, useState } from 'preact/hooks';
import { fetchHandshake, type HandshakeRecord, type HeaderList, tagHandshake } from './handshake.ts';

export type HandshakeView = 'none' | 'foreign' | 'waiting' | 'unknown' | 'tunnel' | HandshakeRecord;

export interface HandshakeWatch {
  readonly view: HandshakeView;
  /** Call before connecting; connect to the URL that it returns. */
  begin(url: string): string;
  /** Call when the connection has opened or failed. */
  settle(): void;
  /** Call when the connection has opened without a handshake. */
  settleWithout(): void;
}

/** Follows the handshakes of one page with this page's own server. */
export function useHandshake(): HandshakeWatch {
  const [view, setView] = useState<HandshakeView>('none');
  const pending = useRef<string | undefined>(undefined);

  const begin = useCallback((url: string) => {
    const tagged = tagHandshake(url, location.host);
    pending.current = tagged?.id;
    setView(tagged === undefined ? 'foreign' : 'waiting');
    return tagged?.url ?? url;
  }, []);

  const settle = useCallback(() => {
    const id = pending.current;
    if (id === undefined) return;
    fetchHandshake(id).then((record) => {
      if (pending.current === id) setView(record ?? 'unknown');
    });
  }, []);

  const settleWithout = useCallback(() => setView('tunnel'), []);

  return { view, begin, settle, settleWithout };
}

const explanations = {
  none: 'Connect to see the request and the response of the opening handshake.',
  foreign:
    'Only our own server can tell what it saw, and this URL is on another host: no browser shows the headers of a WebSocket to the page.',
  waiting: 'Waiting for the handshake…',
  tunnel: 'There was none: no WebSocket got through, so the connection was opened over plain HTTP requests.',
  unknown: 'The server has no record of this handshake. It may not have reached the server, or the record has expired.',
} as const;

export function HandshakePanel({ view, open }: { view: HandshakeView; open: boolean }) {
  return (
    <details class="card handshake" data-testid="handshake" open={open}>
      <summary>Handshake as the server saw it</summary>
      {typeof view === 'string' ? <p class="muted">{explanations[view]}</p> : <HandshakeTables record={view} />}
    </details>
  );
}

function HandshakeTables({ record }: { record: HandshakeRecord }) {
  const { method, url, httpVersion, remoteAddress, request, response } = record;
  return (
    <>
      <p class="muted">
        From <code>{remoteAddress}</code>
      </p>
      <HeaderTable title="Request" line={`${method} ${url} HTTP/${httpVersion}`} headers={request} />
      <HeaderTable title="Response" line={`Status ${response.status}`} headers={response.headers} />
    </>
  );
}

export function HeaderTable({ title, line, headers }: { title: string; line: string; headers: HeaderList }) {
  return (
    <table class="headers" data-testid={`handshake-${title.toLowerCase()}`}>
      <caption>
        {title} <code>{line}</code>
      </caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Header</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {headers.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
