import { formatSize } from '../shared/format.ts';
import type { Inspector } from './use-inspector.ts';

/** What is here and what is not, in numbers that are always in sight. */
export function Counts({ inspector: { store, viewing, isPaused } }: { inspector: Inspector }) {
  const { entries, limits, bytes, received, dropped, fellOut, missed, forgotten, hello } = store;
  const count = (value: number) => value.toLocaleString('en');
  const keeps = hello?.keeps;
  return (
    <footer class="counts" data-testid="counts">
      <span data-testid="shown">
        {count(viewing.rows.length)} shown
        {viewing.progress < 1 && `, ${Math.floor(viewing.progress * 100)} % looked through`}
      </span>
      <span title={`At most ${count(limits.messages)} messages or ${formatSize(limits.bytes)}`}>
        {count(entries.length)} of {count(limits.messages)} kept here, {formatSize(bytes)} of {formatSize(limits.bytes)}
      </span>
      <span data-testid="received">{count(received)} received</span>
      <span data-testid="dropped" class={dropped > 0 ? 'is-loss' : ''}>
        {count(dropped)} fell out here
      </span>
      <span
        data-testid="fell-out"
        class={fellOut > 0 ? 'is-loss' : ''}
        title={keeps && `The inspector keeps ${count(keeps.messages)} messages or ${formatSize(keeps.bytes)}`}
      >
        {count(fellOut)} fell out at the inspector
      </span>
      <span data-testid="missed" class={missed > 0 ? 'is-loss' : ''}>
        {count(missed)} missed
      </span>
      {forgotten > 0 && <span>{count(forgotten)} connections forgotten</span>}
      {isPaused && <strong>Paused: recording goes on</strong>}
    </footer>
  );
}
