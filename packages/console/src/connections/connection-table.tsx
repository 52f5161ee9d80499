import { formatSince } from '../operate/since.ts';
import type { Connection } from '../operate-messages.ts';
import { formatSize } from '../shared/format.ts';
import type { ConnectionList } from './connection-list.ts';

interface ConnectionTableProps {
  readonly list: ConnectionList;
  readonly onOpen: (client: string) => void;
}

export function ConnectionTable({ list, onOpen }: ConnectionTableProps) {
  if (list.rows.length === 0) {
    return <p class="hint">{list.isKnown ? 'Nobody is here that this fits.' : 'Looking…'}</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroller" tabIndex={0} aria-label="The table of the connections" aria-busy={list.isBusy}>
      <table class="data-table" data-testid="connections">
        <thead>
          <tr>
            <th scope="col">Client</th>
            <th scope="col">User</th>
            <th scope="col">Connected for</th>
            <th scope="col">From</th>
            <th scope="col">By</th>
            <th scope="col">Node</th>
            <th scope="col" class="number">
              Channels
            </th>
            <th scope="col" class="number">
              Waiting
            </th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((connection) => (
            <Row key={connection.client} connection={connection} node={list.nameOf(connection.node)} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly connection: Connection;
  readonly node: string;
  readonly onOpen: (client: string) => void;
}

function Row({ connection, node, onOpen }: RowProps) {
  const { client, user, since, address, transport, dialect, channels, waitingBytes, isSlow } = connection;
  return (
    <tr data-testid={`client-${client}`}>
      <th scope="row">
        <button type="button" class="link-button" aria-label={`Details of ${client}`} onClick={() => onOpen(client)}>
          <code>{client.slice(0, 8)}</code>
        </button>
      </th>
      <td>{user || <span class="hint">nobody</span>}</td>
      <td>{formatSince(since, Date.now())}</td>
      <td>{address ?? '–'}</td>
      <td>
        {transport} <span class="hint">{dialect}</span>
      </td>
      <td>{node}</td>
      <td class="number">{channels}</td>
      <td class="number">
        {formatSize(waitingBytes)} {isSlow && <span class="state-badge bad">slow</span>}
      </td>
    </tr>
  );
}
