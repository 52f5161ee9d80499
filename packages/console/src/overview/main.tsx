import '../operate/operate.css';
import './overview.css';
import { useState } from 'preact/hooks';
import { NotAllowed } from '../operate/not-allowed.tsx';
import { ask } from '../operate/page-ask.ts';
import { usePoller } from '../operate/use-poller.ts';
import { useStore } from '../operate/use-store.ts';
import { showPage } from '../shared/page.tsx';
import { mayDo, useSession } from '../shared/session.tsx';
import { FigureCard } from './figure-card.tsx';
import { figures } from './figures.tsx';
import { NodeTable } from './node-table.tsx';
import { formatCount, formatDuration } from './numbers.ts';
import { Standing } from './standing.tsx';
import { Watch } from './watch.ts';

function OverviewPage() {
  const isAllowed = mayDo(useSession(), 'stats');
  const watch = useStore(() => new Watch(ask));
  const [node, setNode] = useState('');
  usePoller(() => watch.ask(), 1000, isAllowed);
  if (!isAllowed) {
    return (
      <main class="operate">
        <section class="card">
          <h1>Overview</h1>
          <NotAllowed operation="stats" />
        </section>
      </main>
    );
  }
  const { nodes, versions } = watch;
  const there = nodes.filter(({ presence }) => presence !== 'gone');
  // The one that was chosen may have been forgotten meanwhile.
  const chosen = nodes.some(({ id }) => id === node) ? node : '';
  return (
    <main class="operate overview">
      <section class="card overview-head">
        <div class="card-head">
          <h1>Overview</h1>
          <label class="choice">
            <span>Show</span>
            <select
              data-testid="node-select"
              value={chosen}
              onChange={({ currentTarget }) => setNode(currentTarget.value)}
            >
              <option value="">{there.length === 1 ? 'the one node' : `all ${there.length} nodes`}</option>
              {nodes.map(({ id, name, presence }) => (
                <option key={id} value={id}>
                  {name || 'unnamed'} {id.slice(0, 8)}
                  {presence === 'gone' ? ' (gone)' : ''}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Standing watch={watch} />
        <Numbers watch={watch} node={chosen} />
      </section>
      <div class="figures">
        {figures.map((figure) => (
          <FigureCard key={figure.id} figure={figure} watch={watch} node={chosen} />
        ))}
      </div>
      <NodeTable nodes={nodes} isSkewed={versions.length > 1} />
      <p class="hint">
        Asked once a second while this page is looked at; the last answer took {formatDuration(watch.took / 1000)}.
        Rates are those of the last second, latencies those of the last fifteen, in steps as fine as what is counted.
      </p>
    </main>
  );
}

function Numbers({ watch, node }: { watch: Watch; node: string }) {
  const reading = watch.reading(node);
  const all = [
    ['Connections', reading?.connections],
    ['Users', reading?.users],
    ['Channels', reading?.channels],
    ['Subscriptions', reading?.subscriptions],
    ['Slow now', reading?.slow],
  ] as const;
  return (
    <dl class="numbers" data-testid="numbers">
      {all.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd data-testid={title}>{value === undefined ? '–' : formatCount(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

showPage('overview', <OverviewPage />);
