import { expect, test } from 'vitest';
import { subscribe, type Visit, visit } from '../../../hub/test/support/visiting.ts';
import { ConnectionList, filtersIn, noFilters } from '../../src/connections/connection-list.ts';
import { OneConnection } from '../../src/connections/one-connection.ts';
import { serve } from '../operate/support.ts';

const shown = ({ rows }: ConnectionList) => rows.map(({ client }) => client).sort();
const ids = (...visits: readonly Visit[]) => visits.map(({ client }) => client.id).sort();

test('there is a page of the list at a time, forth and back', async () => {
  const { one, other, ask } = await serve();
  const visits: Visit[] = [];
  for (let i = 0; i < 7; i++) visits.push(await visit(i % 2 === 0 ? one : other));
  const list = new ConnectionList(ask, noFilters, 3);
  await list.begin();
  const pages = [shown(list)];
  expect(list).toMatchObject({ page: 1, hasNext: true, total: 7 });
  await list.next();
  pages.push(shown(list));
  await list.next();
  pages.push(shown(list));
  expect(list).toMatchObject({ page: 3, hasNext: false });
  expect(pages.flat().sort()).toEqual(ids(...visits));
  await list.next();
  expect(list.page).toBe(3);
  await list.previous();
  expect(shown(list)).toEqual(pages[1]);
  await list.refresh();
  expect(list.page).toBe(2);
});

test('it is narrowed down, and begins anew then', async () => {
  const { one, other, ask } = await serve();
  const [ann, ben, third] = [await visit(one, 'ann'), await visit(other, 'ben'), await visit(other, 'ann')];
  await subscribe(ben, 'chat:a');
  const list = new ConnectionList(ask, filtersIn('?user=ann'), 1);
  await list.begin();
  await list.next();
  expect(list).toMatchObject({ page: 2, total: 2 });
  await list.filter({ ...noFilters, user: 'ann', node: other.node });
  expect(list.page).toBe(1);
  expect(shown(list)).toEqual(ids(third));
  await list.filter({ ...noFilters, channel: 'chat:a' });
  expect(shown(list)).toEqual(ids(ben));
  await list.filter({ ...noFilters, isSlow: true });
  expect(list).toMatchObject({ rows: [], isKnown: true });
  await list.learnNodes();
  expect(list.nameOf(other.node)).toBe('other');
  expect(ann.outlet.disconnect).toBeUndefined();
});

test('an answer that comes after a later question is not shown', async () => {
  const { one, ask } = await serve();
  await visit(one, 'ann');
  const held: (() => void)[] = [];
  const list = new ConnectionList(async (name, request) => {
    const outcome = await ask(name, request);
    if ('user' in request && request.user === 'ann') await new Promise<void>((resolve) => held.push(resolve));
    return outcome;
  });
  const first = list.filter({ ...noFilters, user: 'ann' });
  await list.filter({ ...noFilters, user: 'nobody else' });
  await expect.poll(() => held.length).toBe(1);
  held[0]?.();
  await first;
  expect(list.rows).toEqual([]);
});

test('what is not allowed is told, and what was there stays', async () => {
  const { ask } = await serve(['info']);
  const list = new ConnectionList(ask);
  expect(await list.begin()).toBe(false);
  expect(list.trouble?.kind).toBe('forbidden');
});

test('one connection is shown with its channels, and what it was when it is gone', async () => {
  const { other, ask } = await serve();
  const ann = await visit(other, 'ann');
  await subscribe(ann, 'chat:a');
  const shownOne = new OneConnection(ask, ann.client.id);
  await shownOne.load();
  expect(shownOne.details).toMatchObject({ user: 'ann', subscriptions: [{ channel: 'chat:a' }] });
  await other.disconnectClient(ann.client.id);
  await shownOne.load();
  expect(shownOne).toMatchObject({ isGone: true, details: { user: 'ann' } });
});
