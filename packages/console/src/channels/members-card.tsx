import { useEffect, useState } from 'preact/hooks';
import { ConfirmDialog } from '../operate/confirm-dialog.tsx';
import { takeOut } from '../operate/farewell.ts';
import { FarewellDialog } from '../operate/farewell-dialog.tsx';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { ListTroubles, PageTurner } from '../operate/page-turner.tsx';
import { useStore } from '../operate/use-store.ts';
import { mayDo, useSession } from '../shared/session.tsx';
import { type Asking, MemberItem } from './member-item.tsx';
import { Members } from './members.ts';

export function MembersCard({ channel }: { channel: string }) {
  const session = useSession();
  const isAllowed = mayDo(session, 'connections') || mayDo(session, 'presence');
  const members = useStore(() => new Members(ask, channel));
  const [asking, setAsking] = useState<Asking>();
  const [done, setDone] = useState('');
  useEffect(() => {
    if (isAllowed) void members.begin();
  }, []);
  const { counts, rows, isKnown } = members;
  const close = () => setAsking(undefined);
  const finish = (what: string) => {
    close();
    setDone(what);
    void members.refresh();
  };
  return (
    <section class="card" aria-labelledby="members" data-testid="members">
      <div class="card-head">
        <h2 id="members">Who is here</h2>
        {counts !== undefined && (
          <span class="hint" data-testid="counts">
            {counted(counts.clients, 'connection')} of {counted(counts.users, 'user')}
          </span>
        )}
        <button
          type="button"
          class="small"
          data-testid="refresh-members"
          disabled={!isAllowed || members.isBusy}
          onClick={() => members.refresh()}
        >
          Refresh
        </button>
      </div>
      {!isAllowed && <NotAllowed operation="presence" />}
      <div role="status">{done !== '' && <p class="done">{done}</p>}</div>
      <ListTroubles pages={members} />
      {isKnown && rows.length === 0 && <p class="hint">Nobody.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ul class="members" tabIndex={0} aria-label="Members">
        {rows.map((row) => (
          <MemberItem key={row.client} row={row} onAsk={setAsking} />
        ))}
      </ul>
      {isKnown && <PageTurner pages={members} what="members" />}
      {asking?.what === 'disconnect' && (
        <FarewellDialog ask={ask} whom={{ client: asking.client }} onClose={close} onDone={finish} />
      )}
      {asking?.what === 'unsubscribe' && (
        <ConfirmDialog
          title={`Take it out of ${channel}?`}
          text="It is told that its subscription has ended, and does not come back by itself."
          verb="Unsubscribe"
          act={() => takeOut(ask, { client: asking.client }, channel)}
          onClose={close}
          onDone={finish}
        />
      )}
    </section>
  );
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
