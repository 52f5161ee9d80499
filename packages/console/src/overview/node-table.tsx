import { formatSpan } from '../operate/since.ts';
import { formatTime } from '../shared/format.ts';
import { formatBytes, formatCount, formatPart, formatRate } from './numbers.ts';
import type { WatchedNode } from './watch.ts';
import { stateOf } from './worries.ts';

const states = {
  ready: { title: 'Ready', look: 'good' },
  interrupted: { title: 'No engine', look: 'bad' },
  draining: { title: 'Draining', look: 'fair' },
  silent: { title: 'No answer', look: 'bad' },
  gone: { title: 'Gone', look: 'off' },
} as const;

interface NodeTableProps {
  readonly nodes: readonly WatchedNode[];
  /** That of more than one version. */
  readonly isSkewed: boolean;
}

export function NodeTable({ nodes, isSkewed }: NodeTableProps) {
  return (
    <section class="card" aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroller" tabIndex={0} aria-label="The table of the nodes">
        <table class="data-table" data-testid="nodes">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Version</th>
              <th scope="col">Up for</th>
              <th scope="col" class="number">
                Connections
              </th>
              <th scope="col" class="number">
                Channels
              </th>
              <th scope="col" class="number">
                Deliveries/s
              </th>
              <th scope="col" class="number">
                CPU
              </th>
              <th scope="col" class="number">
                Memory
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <Row key={node.id} node={node} isSkewed={isSkewed} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Row({ node, isSkewed }: { node: WatchedNode; isSkewed: boolean }) {
  const state = stateOf(node);
  const { id, name, stats, presence, seenAt } = node;
  const now = presence === 'there' ? stats : undefined;
  const measured = presence === 'there' ? node.reading?.measured : undefined;
  return (
    <tr data-testid={`node-${id}`} class={presence === 'there' ? undefined : 'absent'}>
      <th scope="row">
        {name || 'unnamed'} <code class="hint">{id.slice(0, 8)}</code>
      </th>
      <td>
        <span class={`state-badge ${states[state].look}`}>{states[state].title}</span>
        {presence !== 'there' && seenAt !== undefined && (
          <span class="hint"> seen at {formatTime(seenAt).slice(0, 8)}</span>
        )}
      </td>
      <td>
        {stats?.version ?? '–'}
        {isSkewed && now !== undefined && <span class="hint"> differs</span>}
      </td>
      <td>{now === undefined ? '–' : formatSpan(now.uptime)}</td>
      <td class="number">{now === undefined ? '–' : formatCount(now.connections)}</td>
      <td class="number">{now === undefined ? '–' : formatCount(now.channels)}</td>
      <td class="number">{measured === undefined ? '–' : formatRate(measured.rates.deliveries)}</td>
      <td class="number">{measured === undefined ? '–' : formatPart(measured.cpu)}</td>
      <td class="number">{measured === undefined ? '–' : formatBytes(measured.memory)}</td>
    </tr>
  );
}
