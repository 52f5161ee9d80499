import { formatSize, formatTime } from '../shared/format.ts';
import type { Connection } from './store/store.ts';
import type { Inspector } from './use-inspector.ts';
import { rowAttributes, VirtualList } from './virtual-list.tsx';

const CONNECTIONS = 'connection-list';

interface ConnectionListProps {
  readonly inspector: Inspector;
  readonly onOpen: () => void;
}

/** All connections, newest first, after a row for all of them together. */
export function ConnectionList({ inspector, onOpen }: ConnectionListProps) {
  const { store, viewing } = inspector;
  const connections = [...store.connections.values()].reverse();
  const selected =
    viewing.scope === undefined ? 0 : connections.findIndex(({ record }) => record.id === viewing.scope) + 1;
  const open = connections.filter(({ record }) => record.end === undefined).length;
  return (
    <VirtualList
      id={CONNECTIONS}
      label="Connections"
      source={store}
      start={0}
      end={connections.length + 1}
      rowHeight={68}
      selected={selected}
      isFollowing={false}
      empty={null}
      row={(index, isSelected) => {
        const connection = connections[index - 1];
        if (connection !== undefined) {
          return <ConnectionRow key={connection.record.id} {...{ connection, index, isSelected }} />;
        }
        return (
          <tr key="all" {...rowAttributes(CONNECTIONS, index, isSelected)} class="connection">
            <td>
              <span class="connection-title">All connections</span>
              <span class="connection-line">
                {open} open, {connections.length - open} ended
              </span>
              <span class="connection-line">{store.received.toLocaleString('en')} messages</span>
            </td>
          </tr>
        );
      }}
      onFollow={() => {}}
      onSelect={(index, isFinal) => {
        inspector.look(connections[index - 1]?.record.id);
        if (isFinal) onOpen();
      }}
    />
  );
}

function ConnectionRow(props: { connection: Connection; index: number; isSelected: boolean }) {
  const { connection, index, isSelected } = props;
  const { record, volume } = connection;
  const { id, url, subprotocol, end, source } = record;
  return (
    <tr {...rowAttributes(CONNECTIONS, index, isSelected)} class="connection" title={`${url}\n${source}`}>
      <td>
        <span class="connection-title">
          <span class={`dot ${end === undefined ? 'dot-open' : ''}`} aria-hidden="true" />
          <span class="connection-path">{pathOf(url)}</span>
          <span class="connection-id">#{id}</span>
        </span>
        <span class="connection-line">
          {endingOf(connection)} · {formatTime(record.openedAt).slice(0, 8)}
          {subprotocol !== '' && ` · ${subprotocol}`}
        </span>
        <span class="connection-line">
          <Way arrow="↑" name="toServer" volume={volume.toServer} />{' '}
          <Way arrow="↓" name="toClient" volume={volume.toClient} />
        </span>
      </td>
    </tr>
  );
}

function Way({ arrow, name, volume }: { arrow: string; name: string; volume: Connection['volume']['toServer'] }) {
  return (
    <span class={name}>
      <span aria-hidden="true">{arrow}</span>
      <span class="visually-hidden">{name === 'toServer' ? 'to the server' : 'to the client'}</span>{' '}
      {volume.messages.toLocaleString('en')} · {formatSize(volume.bytes)}
    </span>
  );
}

export function endingOf({ record: { end, response } }: Connection): string {
  if (end !== undefined) return `${end.error !== undefined && end.code === 1006 ? 'failed' : 'closed'} ${end.code}`;
  return response === undefined ? 'connecting' : 'open';
}

/** What tells connections to one server apart. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search, host } = new URL(url);
  return pathname === '/' && search === '' ? host : `${pathname}${search}`;
}
