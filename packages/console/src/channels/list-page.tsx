import { useEffect, useState } from 'preact/hooks';
import { channelLink } from '../operate/links.ts';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { ListTroubles, PageTurner } from '../operate/page-turner.tsx';
import { useStore } from '../operate/use-store.ts';
import { mayDo, useSession } from '../shared/session.tsx';
import { ChannelList } from './channel-list.ts';

/** The channels that there are, and a way to those that have nobody in them. */
export function ListPage() {
  const session = useSession();
  const isAllowed = mayDo(session, 'channels');
  const countsUsers = mayDo(session, 'presence_stats');
  const list = useStore(() => new ChannelList(ask, '', countsUsers));
  const [pattern, setPattern] = useState('');
  useEffect(() => {
    if (isAllowed) void list.begin();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (isAllowed) void list.find(pattern);
  };
  const name = pattern.trim();
  return (
    <main class="operate channels">
      <section class="card">
        <div class="card-head">
          <h1>Channels</h1>
          <button type="button" class="small" disabled={!isAllowed || list.isBusy} onClick={() => list.refresh()}>
            Refresh
          </button>
        </div>
        <search>
          <form class="filters" onSubmit={submit}>
            <label>
              Names that begin with
              <input
                type="text"
                data-testid="pattern"
                value={pattern}
                placeholder="chat:"
                onInput={({ currentTarget }) => setPattern(currentTarget.value)}
              />
            </label>
            <button type="submit" class="primary" data-testid="search" disabled={!isAllowed}>
              Search
            </button>
          </form>
        </search>
        {name !== '' && !name.endsWith('*') && (
          <p class="hint">
            Or open <a href={channelLink(name)}>{name}</a>, whether somebody is in it or not.
          </p>
        )}
        {isAllowed ? (
          <>
            <ListTroubles pages={list} />
            <ChannelTable list={list} />
            <PageTurner pages={list} what="channels" />
          </>
        ) : (
          <NotAllowed operation="channels" />
        )}
      </section>
    </main>
  );
}

function ChannelTable({ list }: { list: ChannelList }) {
  if (list.rows.length === 0) {
    return <p class="hint">{list.isKnown ? 'Nobody is in a channel of such a name.' : 'Looking…'}</p>;
  }
  return (
    <table class="data-table" data-testid="channels" aria-busy={list.isBusy}>
      <thead>
        <tr>
          <th scope="col" class="wide">
            Channel
          </th>
          <th scope="col" class="number">
            Subscribers
          </th>
          <th scope="col" class="number">
            Users
          </th>
        </tr>
      </thead>
      <tbody>
        {list.rows.map(({ name, subscribers, users }) => (
          <tr key={name}>
            <th scope="row" class="wide">
              <a href={channelLink(name)} title={name}>
                {name}
              </a>
            </th>
            <td class="number">{subscribers.toLocaleString('en')}</td>
            <td class="number">{users?.toLocaleString('en') ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
