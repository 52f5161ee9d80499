import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../operate/confirm-dialog.tsx';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { usePoller } from '../operate/use-poller.ts';
import { useStore } from '../operate/use-store.ts';
import type { Publication } from '../operate-messages.ts';
import { formatTime } from '../shared/format.ts';
import { JsonTree } from '../shared/json-tree.tsx';
import { mayDo, useSession } from '../shared/session.tsx';
import { History, MOST } from './history.ts';

export function HistoryCard({ channel }: { channel: string }) {
  const session = useSession();
  const isAllowed = mayDo(session, 'history');
  const mayRemove = mayDo(session, 'history_remove');
  const history = useStore(() => new History(ask, channel));
  const [isLive, setLive] = useState(true);
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState('');
  const { isKnown, trouble } = history;
  const hasNone = trouble?.kind === 'not-available' || trouble?.kind === 'unknown-channel';
  usePoller(() => history.follow(), 1000, isAllowed && isLive && !hasNone);
  return (
    <section class="card" aria-labelledby="history" data-testid="history">
      <div class="card-head">
        <h2 id="history">History</h2>
        {!hasNone && isAllowed && (
          <>
            <label class="check">
              <input
                type="checkbox"
                data-testid="live"
                checked={isLive}
                onChange={({ currentTarget }) => setLive(currentTarget.checked)}
              />
              Follow
            </label>
            <button
              type="button"
              class="small danger"
              data-testid="remove-history"
              disabled={!mayRemove || !isKnown}
              title={mayRemove ? undefined : 'Not allowed: your key is not for history_remove'}
              onClick={() => setAsking(true)}
            >
              Remove…
            </button>
          </>
        )}
      </div>
      {!isAllowed && <NotAllowed operation="history" />}
      <div role="status">
        {trouble !== undefined && <p class={hasNone ? 'hint' : 'worry'}>{trouble.text}</p>}
        {done !== '' && <p class="done">{done}</p>}
      </div>
      {isKnown && <Publications history={history} />}
      {isAsking && (
        <ConfirmDialog
          title={`Remove the history of ${channel}?`}
          text="What was published is forgotten, and clients that come back later are told that they have missed something."
          verb="Remove"
          act={() => history.remove()}
          onClose={() => setAsking(false)}
          onDone={(what) => {
            setAsking(false);
            setDone(what);
          }}
        />
      )}
    </section>
  );
}

function Publications({ history }: { history: History }) {
  const { publications, position, hasOlder, isCut, isFull } = history;
  return (
    <>
      <p class="hint">
        Now at <strong data-testid="offset">{position?.offset}</strong> of the epoch <code>{position?.epoch}</code>. The
        newest is first.
      </p>
      {isCut && <p class="worry">More came than the channel keeps: something is missing here.</p>}
      {publications.length === 0 && <p class="hint">Nothing is kept.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol class="publications" tabIndex={0} aria-label="Publications">
        {publications.map((publication) => (
          <Item key={publication.offset} publication={publication} />
        ))}
      </ol>
      {hasOlder && !isFull && (
        <button type="button" data-testid="older" onClick={() => history.older()}>
          Older ones
        </button>
      )}
      {hasOlder && isFull && <p class="hint">This page holds the newest {MOST}.</p>}
    </>
  );
}

function Item({ publication }: { publication: Publication }) {
  const { offset, data, time, info, tags, key } = publication;
  return (
    <li data-testid={`publication-${offset}`}>
      <div class="publication-head">
        <strong>{offset}</strong>
        <time dateTime={new Date(time).toISOString()}>{formatTime(time)}</time>
        {info !== undefined && <span>by {info.user || info.client.slice(0, 8)}</span>}
        {key !== undefined && <span>key {key}</span>}
        {tags !== undefined &&
          Object.entries(tags).map(([name, value]) => (
            <span key={name}>
              {name}={value}
            </span>
          ))}
      </div>
      <JsonTree value={data} />
    </li>
  );
}
