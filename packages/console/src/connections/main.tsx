import '../operate/operate.css';
import './connections.css';
import { useEffect, useState } from 'preact/hooks';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { ListTroubles, PageTurner } from '../operate/page-turner.tsx';
import { useStore } from '../operate/use-store.ts';
import { showPage } from '../shared/page.tsx';
import { mayDo, useSession } from '../shared/session.tsx';
import { ConnectionDialog } from './connection-dialog.tsx';
import { ConnectionList, filtersIn } from './connection-list.ts';
import { ConnectionTable } from './connection-table.tsx';
import { FilterForm } from './filter-form.tsx';

function ConnectionsPage() {
  const session = useSession();
  const isAllowed = mayDo(session, 'connections');
  const list = useStore(() => new ConnectionList(ask, filtersIn(location.search)));
  const [open, setOpen] = useState(() => new URLSearchParams(location.search).get('client') ?? '');
  useEffect(() => {
    if (!isAllowed) return;
    void list.begin();
    if (mayDo(session, 'info')) void list.learnNodes();
  }, []);
  return (
    <main class="operate connections">
      <section class="card">
        <div class="card-head">
          <h1>Connections</h1>
          <button
            type="button"
            class="small"
            data-testid="refresh"
            disabled={!isAllowed || list.isBusy}
            onClick={() => list.refresh()}
          >
            Refresh
          </button>
        </div>
        {isAllowed ? (
          <>
            <FilterForm list={list} />
            <ListTroubles pages={list} />
            <ConnectionTable list={list} onOpen={setOpen} />
            <PageTurner pages={list} what="connections" />
          </>
        ) : (
          <NotAllowed operation="connections" />
        )}
      </section>
      {open !== '' && mayDo(session, 'connection') && (
        <ConnectionDialog key={open} client={open} onClose={() => setOpen('')} onChanged={() => void list.refresh()} />
      )}
    </main>
  );
}

showPage('connections', <ConnectionsPage />);
