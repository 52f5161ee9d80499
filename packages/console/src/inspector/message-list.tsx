import { useMemo } from 'preact/hooks';
import { MessageRow, type TimeStyle, timeOf } from './message-row.tsx';
import { summaryOf } from './store/summary.ts';
import type { Inspector } from './use-inspector.ts';
import { useNarrow } from './use-narrow.ts';
import { VirtualList } from './virtual-list.tsx';

export const MESSAGES = 'message-list';

const titles = [
  ['direction', 'To'],
  ['connection', 'Of'],
  ['kind', 'Type'],
  ['time', 'Time'],
  ['length', 'Length'],
  ['wire', 'On the wire'],
  ['flags', 'Flags'],
  ['summary', 'Message'],
] as const;

interface MessageListProps {
  readonly inspector: Inspector;
  readonly timeStyle: TimeStyle;
  /** A message was chosen, and not only passed by. */
  readonly onOpen: () => void;
}

/** The messages that the filter lets through. */
export function MessageList({ inspector, timeStyle, onOpen }: MessageListProps) {
  const { store, viewing, decoding, selected } = inspector;
  const { rows, findPattern } = viewing;
  const isNarrow = useNarrow();
  const header = useMemo(
    () => (
      <tr>
        {titles.map(([name, title]) => (
          <th key={name} scope="col" class={`cell-${name}`}>
            {title}
          </th>
        ))}
      </tr>
    ),
    [],
  );
  const row = (index: number, isSelected: boolean) => {
    const entry = rows.at(index);
    if (entry === undefined) return null;
    const { message } = entry;
    const connection = store.connections.get(message.connection);
    const since = timeStyle === 'opened' ? connection?.record.openedAt : rows.at(index - 1)?.message.at;
    return (
      <MessageRow
        key={message.seq}
        list={MESSAGES}
        index={index}
        isSelected={isSelected}
        message={message}
        summary={summaryOf(message, decoding.read(entry, connection), findPattern)}
        time={timeOf(message.at, timeStyle, since)}
        find={findPattern}
      />
    );
  };
  const selectedRow = selected === undefined ? undefined : viewing.rowOf(selected);
  return (
    <VirtualList
      id={MESSAGES}
      label="Messages"
      source={rows}
      start={rows.start}
      end={rows.end}
      rowHeight={isNarrow ? 52 : 28}
      selected={rows.at(selectedRow ?? -1)?.message.seq === selected ? selectedRow : undefined}
      isFollowing={inspector.isFollowing}
      header={header}
      empty={<Empty inspector={inspector} />}
      row={row}
      onFollow={(isFollowing) => {
        inspector.isFollowing = isFollowing;
        inspector.draw();
      }}
      onSelect={(index, isFinal) => {
        inspector.isFollowing = false;
        inspector.select(rows.at(index));
        if (isFinal) onOpen();
      }}
    />
  );
}

function Empty({ inspector: { store, viewing } }: { inspector: Inspector }) {
  if (viewing.progress < 1) return <p>Looking through the messages…</p>;
  if (store.entries.length > 0 && viewing.scope === undefined) return <p>No message passes the filter.</p>;
  if (viewing.scope !== undefined) return <p>Nothing of this connection is here, or passes the filter.</p>;
  const { listens, target } = store.hello ?? {};
  if (listens === undefined) return <p>No messages yet. They appear as soon as something goes over a WebSocket.</p>;
  return (
    <p>
      No messages yet. Connect your client to <code>{listens}</code> in place of <code>{target}</code>.
    </p>
  );
}
