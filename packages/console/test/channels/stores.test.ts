import { expect, test } from 'vitest';
import { subscribe, visit } from '../../../hub/test/support/visiting.ts';
import { ChannelList, patternOf } from '../../src/channels/channel-list.ts';
import { draftOf, publish } from '../../src/channels/draft.ts';
import { History } from '../../src/channels/history.ts';
import { Members } from '../../src/channels/members.ts';
import { serve } from '../operate/support.ts';

const offsets = ({ publications }: History) => publications.map(({ offset }) => offset);

test.each([
  ['', undefined],
  [' * ', undefined],
  ['chat:', 'chat:*'],
  ['chat:*', 'chat:*'],
])('%j finds the channels of %j', (typed, pattern) => {
  expect(patternOf(typed)).toBe(pattern);
});

test('channels come with their subscribers, and their users where those are counted', async () => {
  const { one, other, ask } = await serve();
  const [ann, again] = [await visit(one, 'ann'), await visit(other, 'ann')];
  for (const each of [ann, again]) await subscribe(each, 'chat:a');
  for (const name of ['news:a', 'news:b', 'news:c']) await subscribe(ann, name);
  const list = new ChannelList(ask, '', true, 3);
  await list.begin();
  expect(list.rows).toEqual([
    { name: 'chat:a', subscribers: 2, users: 1 },
    { name: 'news:a', subscribers: 1, users: undefined },
    { name: 'news:b', subscribers: 1, users: undefined },
  ]);
  await list.next();
  expect(list.rows.map(({ name }) => name)).toEqual(['news:c']);
  await list.find('news:');
  expect(list).toMatchObject({ page: 1, hasNext: false });
});

test('the members of a channel are those of presence, or its connections where they are many or not known', async () => {
  const { one, other, ask } = await serve();
  const visits = [await visit(one, 'ann'), await visit(other, 'ben'), await visit(other, 'ann')];
  for (const each of visits) for (const name of ['chat:a', 'news:a']) await subscribe(each, name);
  const ids = visits.map(({ client }) => client.id).sort();
  const present = new Members(ask, 'chat:a');
  await present.begin();
  expect(present).toMatchObject({ counts: { clients: 3, users: 2 }, hasNext: false });
  expect(present.rows.map(({ client }) => client).sort()).toEqual(ids);
  const many = new Members(ask, 'chat:a', { most: 2, limit: 2 });
  await many.begin();
  expect(many).toMatchObject({ counts: { clients: 3 }, hasNext: true, total: 3 });
  expect(many.rows).toHaveLength(2);
  const without = new Members(ask, 'news:a');
  await without.begin();
  expect(without.counts).toBeUndefined();
  expect(without.rows.map(({ client }) => client).sort()).toEqual(ids);
});

test('a history is read from its newest on, followed, and held within its bound', async () => {
  const { one, ask } = await serve();
  for (let i = 1; i <= 12; i++) await one.publish('chat:a', i);
  const history = new History(ask, 'chat:a', { page: 5, most: 15 });
  await history.follow();
  expect(offsets(history)).toEqual([12, 11, 10, 9, 8]);
  await history.older();
  await history.older();
  expect(offsets(history)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(history.hasOlder).toBe(false);
  for (let i = 13; i <= 18; i++) await one.publish('chat:a', i);
  await Promise.all([history.follow(), history.follow(), history.older()]);
  expect(offsets(history)).toEqual([18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  expect(history).toMatchObject({ isCut: false, isFull: true, hasOlder: true, position: { offset: 18 } });
});

test('what came and went while nobody looked is said to be missing', async () => {
  const { one, ask } = await serve();
  await one.publish('chat:a', 0);
  const history = new History(ask, 'chat:a', { page: 20 });
  await history.follow();
  for (let i = 1; i <= 60; i++) await one.publish('chat:a', i);
  await history.follow();
  expect(history.isCut).toBe(true);
  expect(offsets(history).slice(0, 2)).toEqual([61, 60]);
});

test('a history that was removed is empty, and goes on', async () => {
  const { one, ask } = await serve();
  await one.publish('chat:a', 1);
  const history = new History(ask, 'chat:a');
  await history.follow();
  expect(await history.remove()).toMatchObject({ ok: true });
  expect(history).toMatchObject({ publications: [], isCut: false });
  await one.publish('chat:a', 2);
  await history.follow();
  expect(history.publications.map(({ data }) => data)).toEqual([2]);
});

test('a channel without a history says so', async () => {
  const { ask } = await serve();
  const history = new History(ask, 'news:a');
  expect(await history.follow()).toBe(false);
  expect(history.trouble?.kind).toBe('not-available');
});

test('a draft is JSON, or is told what is wrong with it; what is published says where it is', async () => {
  const { ask } = await serve();
  expect(draftOf('{"a": [1, null]}')).toEqual({ isGood: true, value: { a: [1, null] } });
  for (const text of ['', '  ', '{', '{"a":}', 'nope']) expect(draftOf(text)).toMatchObject({ isGood: false });
  const stored = await publish(ask, 'chat:a', { a: 1 });
  expect(stored).toMatchObject({ ok: true, value: expect.stringMatching(/^Published at 1 of the epoch /) });
  expect(await publish(ask, 'news:a', 1)).toMatchObject({ ok: true, value: expect.stringContaining('no history') });
  expect(await publish(ask, 'unknown:a', 1)).toMatchObject({ ok: false, trouble: { kind: 'unknown-channel' } });
});
