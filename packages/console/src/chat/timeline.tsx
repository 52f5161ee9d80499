import { formatClock, formatDay, formatSize } from '../shared/format.ts';
import { Tail } from '../shared/tail.tsx';
import { Avatar } from './avatar.tsx';
import type { Entry, PhotoEntry, SaidEntry } from './entry.ts';
import type { Room } from './room.ts';

/** Everything that was said in a room, and what has happened there while this page was in it. */
export function Timeline({ room: { name, entries, dropped, hasHistory, trouble } }: { room: Room }) {
  return (
    // What was said before is not read out: only what is new.
    <Tail label={`Messages in ${name}`} version={entries} live={hasHistory ? 'polite' : 'off'}>
      {dropped > 0 && <p class="dropped">{dropped.toLocaleString()} older not kept</p>}
      {trouble !== undefined && (
        <p class="notice error" data-testid="room-trouble">
          {trouble}
        </p>
      )}
      {hasHistory && entries.length === 0 && <p class="empty">Nothing was said here in the last day.</p>}
      {entries.map((entry, index) => (
        <Item key={entry.key} entry={entry} before={entries[index - 1]} />
      ))}
    </Tail>
  );
}

function Item({ entry, before }: { entry: Entry; before: Entry | undefined }) {
  const day = formatDay(entry.at);
  const isNewDay = before === undefined ? day !== formatDay(Date.now()) : day !== formatDay(before.at);
  return (
    <>
      {isNewDay && <p class="day">{day}</p>}
      {entry.kind === 'notice' ? (
        <p class={`notice ${entry.tone}`} data-testid="notice">
          {entry.text} <time>{formatClock(entry.at)}</time>
        </p>
      ) : (
        <Said entry={entry} first={isNewDay || !continues(before, entry)} />
      )}
    </>
  );
}

// Messages of one person within this time, in milliseconds, stand under one name.
const together = 5 * 60_000;

function continues(before: Entry | undefined, entry: SaidEntry | PhotoEntry): boolean {
  if (before === undefined || before.kind === 'notice') return false;
  return before.from.id === entry.from.id && before.from.name === entry.from.name && entry.at - before.at < together;
}

function Said({ entry, first }: { entry: SaidEntry | PhotoEntry; first: boolean }) {
  const { from, own, at } = entry;
  return (
    <div
      class={`said ${own ? 'own' : 'other'} ${first ? 'first' : ''}`}
      data-testid={own ? 'message-own' : 'message-other'}
    >
      {first && (
        <div class="said-head">
          {!own && <Avatar person={from} />}
          <span class="who">{own ? `${from.name} (you)` : from.name}</span>
          <time>{formatClock(at)}</time>
        </div>
      )}
      <div class="bubble">
        {entry.kind === 'said' ? (
          <p>{entry.text}</p>
        ) : (
          <figure>
            <img src={entry.url} alt={entry.name} />
            <figcaption>
              <a href={entry.url} download={entry.name}>
                {entry.name}
              </a>{' '}
              {formatSize(entry.size)}
            </figcaption>
          </figure>
        )}
      </div>
    </div>
  );
}
