import type { NodeState } from '../operate-messages.ts';
import { formatTime } from '../shared/format.ts';
import type { Watch, WatchedNode } from './watch.ts';

// What an operator should look at.

/** How a node is: what it says of itself, or that it says nothing. */
export function stateOf({ presence, stats }: WatchedNode): NodeState | 'silent' | 'gone' {
  return presence === 'there' ? (stats?.state ?? 'ready') : presence;
}

/** For people; none if all is well. */
export function worriesOf({ nodes, versions, trouble, answeredAt }: Watch): readonly string[] {
  const worries: string[] = [];
  if (trouble !== undefined) {
    const since = answeredAt === undefined ? '' : ` What you see is of ${formatTime(answeredAt).slice(0, 8)}.`;
    worries.push(`${trouble.text}${since}`);
  }
  const named = (state: ReturnType<typeof stateOf>) =>
    nodes.filter((node) => stateOf(node) === state).map(({ name, id }) => `${name || 'unnamed'} (${id.slice(0, 8)})`);
  const say = (names: readonly string[], one: string, several: string) => {
    if (names.length > 0) worries.push(`${names.join(', ')} ${names.length === 1 ? one : several}.`);
  };
  say(named('silent'), 'does not answer: its clients are not counted', 'do not answer: their clients are not counted');
  say(named('gone'), 'has gone', 'have gone');
  say(named('interrupted'), 'cannot reach its engine', 'cannot reach their engines');
  say(named('draining'), 'is ending, and sends its clients away', 'are ending, and send their clients away');
  if (versions.length > 1) worries.push(`The nodes are of different versions: ${versions.join(', ')}.`);
  return worries;
}
