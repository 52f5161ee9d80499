import { createPermissions } from '@tidewire/hub';
import { describe, expect, test } from 'vitest';
import { subscribe, visit } from '../../../../hub/test/support/visiting.ts';
import { serve } from './support.ts';

describe('publish', () => {
  test('brings data to the subscribers, and says where it is', async () => {
    const { hub, post } = await serve();
    const reader = await visit(hub);
    await subscribe(reader, 'chat:lobby');
    const data = { text: 'Hello', deep: [1, null, { a: 'ü' }] };
    const { status, body } = await post('publish', { channel: 'chat:lobby', data, tags: { a: 'b' }, key: 'k' });
    expect(status).toBe(200);
    expect(body).toEqual({ position: { epoch: expect.any(String), offset: expect.any(Number) }, isDuplicate: false });
    await reader.outlet.until(() => reader.outlet.received('chat:lobby').length > 0);
    expect(reader.outlet.received('chat:lobby')).toEqual([data]);
    expect(reader.outlet.pushes[0]).toMatchObject({ publication: { tags: { a: 'b' }, key: 'k' } });
  });

  test.each([null, 0, '', false, []])('takes %j for data', async (data) => {
    const { post } = await serve();
    expect((await post('publish', { channel: 'chat:a', data })).status).toBe(200);
    const { body } = await post('history', { channel: 'chat:a' });
    expect(body.publications[0]?.data).toEqual(data);
  });

  test('has no position in a channel without a history, or when that is left out', async () => {
    const { post } = await serve();
    expect((await post('publish', { channel: 'lobby', data: 1 })).body).toEqual({ isDuplicate: false });
    const skipped = await post('publish', { channel: 'chat:a', data: 1, skipHistory: true });
    expect(skipped.body).toEqual({ isDuplicate: false });
    expect((await post('history', { channel: 'chat:a' })).body.publications).toEqual([]);
  });

  test('is done once for each idempotency key, in the body or in the header', async () => {
    const { post } = await serve();
    const message = { channel: 'chat:a', data: 1 };
    const first = await post('publish', message, { headers: { 'Idempotency-Key': '"once"' } });
    const again = await post('publish', message, { headers: { 'Idempotency-Key': 'once' } });
    const inBody = await post('publish', { ...message, idempotencyKey: 'once' });
    const both = await post(
      'publish',
      { ...message, idempotencyKey: 'twice' },
      { headers: { 'Idempotency-Key': 'once' } },
    );
    expect([first, again, inBody, both].map(({ body }) => body.isDuplicate)).toEqual([false, true, true, false]);
    expect(again.body.position).toEqual(first.body.position);
    expect((await post('history', { channel: 'chat:a' })).body.publications).toHaveLength(2);
  });
});

describe('broadcast', () => {
  test('says of each channel what became of it', async () => {
    const { post } = await serve();
    const channels = ['chat:a', 'unknown:b', 'lobby'];
    const { status, body } = await post('broadcast', { channels, data: 'x' });
    expect(status).toBe(200);
    expect(body.failed).toBe(1);
    expect(body.results.map(({ channel }) => channel)).toEqual(channels);
    expect(body.results[0]).toMatchObject({ isDuplicate: false, position: { offset: expect.any(Number) } });
    expect(body.results[1]?.error).toMatchObject({ type: '/api/problems#unknown-channel', status: 404, code: 102 });
    expect(body.results[2]).toEqual({ channel: 'lobby', isDuplicate: false });
  });
});

describe('history', () => {
  test('gives what was published after a position, and forgets it when asked to', async () => {
    const { hub, post } = await serve();
    for (const data of [1, 2, 3]) await hub.publish('chat:a', data, { tags: { n: String(data) } });
    const channel = 'chat:a';
    const all = (await post('history', { channel })).body;
    expect(all.publications.map(({ data }) => data)).toEqual([1, 2, 3]);
    expect(all.publications[0]).toEqual({
      offset: expect.any(Number),
      data: 1,
      time: expect.any(Number),
      tags: { n: '1' },
    });
    const { epoch } = all.position;
    const since = { epoch, offset: all.publications[0]?.offset };
    expect((await post('history', { channel, since, limit: 1 })).body).toEqual({
      position: all.position,
      publications: [all.publications[1]],
      isComplete: true,
    });
    const newest = (await post('history', { channel, isReversed: true, limit: 2 })).body;
    expect(newest.publications).toEqual([all.publications[2], all.publications[1]]);
    expect((await post('history', { channel, limit: 0 })).body.publications).toEqual([]);
    expect((await post('history', { channel, since: { epoch: 'other', offset: 1 } })).body.isComplete).toBe(false);
    expect(await post('history_remove', { channel })).toMatchObject({ status: 200, body: {} });
    expect((await post('history', { channel })).body.publications).toEqual([]);
  });

  test('says who has published, if it was a client', async () => {
    const { hub, post } = await serve({
      hub: { namespaces: { chat: { publish: 'everyone', history: { size: 9, ttl: 60_000 } } } },
    });
    const { client } = await visit(hub, 'ann');
    await client.publish('chat:a', '"hi"');
    const { body } = await post('history', { channel: 'chat:a' });
    expect(body.publications[0]?.info).toEqual({ client: client.id, user: 'ann' });
  });
});

describe('presence', () => {
  test('tells who is in a channel, and how many', async () => {
    const { hub, post } = await serve();
    const [one, other] = [await visit(hub, 'ann'), await visit(hub, 'ann')];
    for (const reader of [one, other]) await subscribe(reader, 'chat:a');
    const { body } = await post('presence', { channel: 'chat:a' });
    const [{ client: first }, { client: second }] = [one, other];
    const members = [first, second].map(({ id }) => ({ client: id, user: 'ann', node: hub.node }));
    expect(body).toEqual({ members: expect.arrayContaining(members) });
    expect((await post('presence_stats', { channel: 'chat:a' })).body).toEqual({ clients: 2, users: 1 });
    expect((await post('presence', { channel: 'chat:b' })).body).toEqual({ members: [] });
  });

  test('tells what the application says of the connections', async () => {
    const permissions = createPermissions({
      hooks: {
        connect: () => ({ user: 'ann', connectionInfo: '{"name":"Ann"}' }),
        subscribe: () => ({ channelInfo: '["admin"]' }),
      },
    });
    const { hub, post } = await serve({
      hub: { permissions, namespaces: { chat: { presence: true, subscribe: 'ask' } } },
    });
    await subscribe(await visit(hub), 'chat:a');
    const { body } = await post('presence', { channel: 'chat:a' });
    expect(body).toMatchObject({ members: [{ connectionInfo: { name: 'Ann' }, channelInfo: ['admin'] }] });
  });
});

describe('channels', () => {
  test('counts subscribers, of all channels or of those that begin so', async () => {
    const { hub, post } = await serve();
    const [one, other] = [await visit(hub), await visit(hub)];
    for (const reader of [one, other]) await subscribe(reader, 'chat:a');
    await subscribe(one, 'lobby');
    expect((await post('channels')).body).toEqual({
      channels: { 'chat:a': { subscribers: 2 }, lobby: { subscribers: 1 } },
    });
    expect((await post('channels', { pattern: 'chat:*' })).body).toEqual({
      channels: { 'chat:a': { subscribers: 2 } },
    });
    expect((await post('channels', { pattern: 'lobby' })).body).toEqual({ channels: { lobby: { subscribers: 1 } } });
  });
});

describe('users', () => {
  test('get messages outside of channels', async () => {
    const { hub, post } = await serve();
    const { outlet } = await visit(hub, 'ann');
    expect(await post('send', { user: 'ann', data: { badge: 3 } })).toMatchObject({ status: 200, body: {} });
    await outlet.until(() => outlet.pushes.length > 0);
    expect(outlet.pushes).toEqual([{ type: 'message', data: '{"badge":3}' }]);
  });

  test('are subscribed and unsubscribed wherever they are, or one of their connections is', async () => {
    const { hub, post } = await serve();
    const [one, other] = [await visit(hub, 'ann'), await visit(hub, 'ann')];
    expect((await post('subscribe', { user: 'ann', channel: 'lobby' })).status).toBe(200);
    for (const { outlet } of [one, other]) await outlet.until(() => outlet.pushes.length === 1);
    expect(one.outlet.pushes[0]).toMatchObject({ type: 'subscribe', channel: 'lobby' });
    expect((await post('unsubscribe', { user: 'ann', channel: 'lobby', client: one.client.id })).status).toBe(200);
    await one.outlet.until(() => one.outlet.pushes.length === 2);
    expect(one.outlet.pushes[1]).toMatchObject({ type: 'unsubscribe', channel: 'lobby', unsubscribe: { code: 2000 } });
    expect(other.outlet.pushes).toHaveLength(1);
  });

  test('are disconnected with the code that is asked for, but for those that stay', async () => {
    const { hub, post } = await serve();
    const [one, other] = [await visit(hub, 'ann'), await visit(hub, 'ann')];
    const request = { user: 'ann', except: [other.client.id], code: 4500, reason: 'banned' };
    expect((await post('disconnect', request)).status).toBe(200);
    await one.outlet.until(() => one.outlet.disconnect !== undefined);
    expect(one.outlet.disconnect).toEqual({ code: 4500, reason: 'banned' });
    expect(other.outlet.disconnect).toBeUndefined();
    await post('disconnect', { user: 'ann' });
    await other.outlet.until(() => other.outlet.disconnect !== undefined);
    expect(other.outlet.disconnect?.code).toBe(3503);
  });

  test('may be told that their connections are good for longer, or no more', async () => {
    const { hub, post } = await serve();
    const { outlet } = await visit(hub, 'ann');
    expect((await post('refresh', { user: 'ann', expiresAt: Date.now() + 60_000 })).status).toBe(200);
    await outlet.until(() => outlet.pushes.length > 0);
    expect(outlet.pushes[0]).toMatchObject({ type: 'refresh', ttl: expect.any(Number) });
    await post('refresh', { user: 'ann', isExpired: true });
    await outlet.until(() => outlet.disconnect !== undefined);
    expect(outlet.disconnect?.code).toBe(3005);
  });
});

test('info tells of the nodes', async () => {
  const { hub, post } = await serve();
  await visit(hub, 'ann');
  expect((await post('info')).body).toEqual({
    nodes: [
      {
        id: hub.node,
        name: 'one',
        version: '1.2.3',
        uptime: expect.any(Number),
        connections: 1,
        users: 1,
        channels: 0,
        subscriptions: 0,
      },
    ],
  });
});
