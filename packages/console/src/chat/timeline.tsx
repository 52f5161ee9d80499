import type { Member } from '../chat-messages.ts';
import { formatClock, formatSize } from '../shared/format.ts';
import { Tail } from '../shared/tail.tsx';
import type { Log } from '../shared/use-log.ts';
import type { Entry, ImageEntry, TextEntry } from './entry.ts';

/** Everything that was said and that happened while this page was in the room. */
export function Timeline({ log: { entries, dropped } }: { log: Log<Entry> }) {
  return (
    <Tail label="Messages" version={entries} live="polite">
      {dropped > 0 && <p class="dropped">{dropped.toLocaleString()} older not kept</p>}
      {entries.map((entry, index) =>
        entry.kind === 'notice' ? (
          <p key={entry.key} class={`notice ${entry.tone}`} data-testid="notice">
            {entry.text} <time>{formatClock(entry.at)}</time>
          </p>
        ) : (
          <Said key={entry.key} entry={entry} first={!continues(entries[index - 1], entry)} />
        ),
      )}
    </Tail>
  );
}

// Messages of one person within this time, in milliseconds, stand under one name.
const together = 5 * 60_000;

function continues(before: Entry | undefined, entry: TextEntry | ImageEntry): boolean {
  if (before === undefined || before.kind === 'notice') return false;
  return before.from.id === entry.from.id && before.from.name === entry.from.name && entry.at - before.at < together;
}

function Said({ entry, first }: { entry: TextEntry | ImageEntry; first: boolean }) {
  const { from, own, at } = entry;
  return (
    <div
      class={`said ${own ? 'own' : 'other'} ${first ? 'first' : ''}`}
      data-testid={own ? 'message-own' : 'message-other'}
    >
      {first && (
        <div class="said-head">
          {!own && <Avatar member={from} />}
          <span class="who">{own ? `${from.name} (you)` : from.name}</span>
          <time>{formatClock(at)}</time>
        </div>
      )}
      <div class="bubble">
        {entry.kind === 'text' ? (
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

/** The first letter of a name, on a colour that belongs to the member. */
export function Avatar({ member: { id, name } }: { member: Member }) {
  // 137.5 degrees, the golden angle, keeps the colours of members who came one after the other far apart.
  let sum = 0;
  for (const character of id) sum = (sum * 10 + (character.codePointAt(0) ?? 0)) % 7919;
  const hue = Math.round(sum * 137.5) % 360;
  return (
    <span class="avatar" aria-hidden="true" style={{ '--hue': String(hue) }}>
      {[...name][0]?.toLocaleUpperCase()}
    </span>
  );
}
