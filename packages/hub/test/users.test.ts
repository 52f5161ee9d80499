import { createPermissions, MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { settled, startHub, subscribe, visit } from './support/visiting.ts';

const namespaces = { chat: { subscribe: 'everyone', history: { size: 5, ttl: 60_000 } } } as const;

async function twoNodes() {
  const network = new MemoryNetwork();
  const one = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'one' });
  const other = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'other' });
  return { one, other };
}

describe('a user', () => {
  it('gets what the application sends, on all nodes, and nobody else does', async () => {
    const { one, other } = await twoNodes();
    const ada = [await visit(one, 'ada'), await visit(other, 'ada')];
    const bob = await visit(one, 'bob');
    await one.send('ada', { hello: 'ada' });
    await settled();
    for (const { outlet } of ada) expect(outlet.pushes).toEqual([{ type: 'message', data: '{"hello":"ada"}' }]);
    expect(bob.outlet.pushes).toEqual([]);
  });

  it('is disconnected everywhere, but for the clients that are named', async () => {
    const { one, other } = await twoNodes();
    const [first, second, third] = [await visit(one, 'ada'), await visit(other, 'ada'), await visit(other, 'ada')];
    await one.disconnect('ada', { except: [third.client.id] });
    await settled();
    expect([first, second, third].map(({ outlet }) => outlet.disconnect?.code)).toEqual([3503, 3503, undefined]);
    await one.disconnect('ada', { client: third.client.id, disconnect: { code: 4000, reason: 'enough' } });
    await settled();
    expect(third.outlet.disconnect).toEqual({ code: 4000, reason: 'enough' });
    expect(one.connectionCount + other.connectionCount).toBe(0);
  });

  it('is subscribed and unsubscribed by the application', async () => {
    const { one, other } = await twoNodes();
    const ada = await visit(one, 'ada');
    await other.subscribe('ada', 'chat:a', { data: '"welcome"' });
    await ada.outlet.until(() => ada.outlet.pushes.length === 1);
    await other.publish('chat:a', 1);
    await ada.outlet.until(() => ada.outlet.pushes.length === 2);
    await other.unsubscribe('ada', 'chat:a');
    await other.publish('chat:a', 2);
    await settled();
    expect(ada.outlet.pushes).toMatchObject([
      { type: 'subscribe', channel: 'chat:a', result: { data: '"welcome"', isRecoverable: true } },
      { type: 'publication', channel: 'chat:a', publication: { data: '1' } },
      { type: 'unsubscribe', channel: 'chat:a', unsubscribe: { code: 2000 } },
    ]);
  });

  it('learns of a new time of expiry, and goes when the application says that it is over', async () => {
    const { one, other } = await twoNodes();
    const ada = await visit(one, 'ada');
    await other.refresh('ada', { expiresAt: Date.now() + 60_000 });
    await other.refresh('ada', {});
    await settled();
    expect(ada.outlet.pushes).toEqual([{ type: 'refresh', ttl: 60 }, { type: 'refresh' }]);
    await other.refresh('ada', { isExpired: true });
    await settled();
    expect(ada.outlet.disconnect).toMatchObject({ code: 3005 });
  });
});

describe('an order that no hub has written', () => {
  it.each([
    '{',
    'null',
    '5',
    '[]',
    '{"type":"unknown"}',
    '{"type":"send"}',
    '{"type":"disconnect"}',
    '{"type":"disconnect","disconnect":{"code":"3000"}}',
    '{"type":"disconnect","except":5,"disconnect":{"code":3000,"reason":"no"}}',
    '{"type":"unsubscribe","channel":"a"}',
    '{"type":"subscribe","channel":"a"}',
    '{"type":"refresh","expiresAt":"now"}',
  ])('is nothing to anybody: %s', async (order) => {
    const engine = new MemoryEngine();
    const threw: unknown[] = [];
    const hub = await startHub({ engine, observer: { threw: (...what) => threw.push(what) } });
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'a');
    await engine.signal('@user:ada', { type: 'order', order });
    await hub.send('ada', 1);
    await settled();
    expect(ada.outlet.pushes).toEqual([{ type: 'message', data: '1' }]);
    expect(ada.outlet.disconnect).toBeUndefined();
    expect(threw).toEqual([]);
  });
});

describe('the nodes', () => {
  it('count the subscribers of all together', async () => {
    const { one, other } = await twoNodes();
    for (const hub of [one, one, other]) await subscribe(await visit(hub), 'chat:a');
    await subscribe(await visit(other), 'chat:b');
    expect(await one.channels()).toEqual(
      new Map([
        ['chat:a', { subscribers: 3 }],
        ['chat:b', { subscribers: 1 }],
      ]),
    );
    expect([...(await other.channels('chat:b')).keys()]).toEqual(['chat:b']);
    expect([...(await other.channels('cha*')).keys()].sort()).toEqual(['chat:a', 'chat:b']);
    expect((await other.channels('x*')).size).toBe(0);
  });

  it('say who they are, and answer each other', async () => {
    const { one, other } = await twoNodes();
    await subscribe(await visit(one, 'ada'), 'chat:a');
    expect((await one.info()).find(({ id }) => id === one.node)).toMatchObject({
      name: 'one',
      connections: 1,
      users: 1,
      channels: 1,
      subscriptions: 1,
    });
    expect((await one.info()).map(({ name }) => name).sort()).toEqual(['one', 'other']);
    other.answerNodes('echo', async (payload) => `heard ${payload}`);
    expect(await one.askNode(other.node, 'echo', 'a\nb')).toBe('heard a\nb');
    await expect(one.askNode(other.node, 'unknown', '')).rejects.toMatchObject({ code: 'REQUEST_FAILED' });
    await expect(one.askNode('nobody', 'echo', '')).rejects.toMatchObject({ code: 'NODE_GONE' });
    expect(() => other.answerNodes('echo', async () => '')).toThrow('echo');
  });
});

describe('the application', () => {
  it('answers calls, and takes messages', async () => {
    const { one } = await twoNodes();
    const ada = await visit(one, 'ada');
    const messages: unknown[] = [];
    one.rpc('add', ({ user }, data) => ({
      user,
      sum: JSON.parse(data ?? '[]').reduce((a: number, b: number) => a + b),
    }));
    one.rpc('nothing', () => undefined);
    one.rpc('broken', () => {
      throw new Error('secret');
    });
    one.onMessage(({ user }, data) => messages.push([user, data]));
    expect(await ada.client.rpc('add', '[1,2]')).toBe('{"user":"ada","sum":3}');
    expect(await ada.client.rpc('nothing', undefined)).toBeUndefined();
    await expect(ada.client.rpc('broken', '')).rejects.toMatchObject({ code: 100, message: 'internal server error' });
    await expect(ada.client.rpc('unknown', '')).rejects.toMatchObject({ code: 104 });
    await ada.client.send('"hello"');
    expect(messages).toEqual([['ada', '"hello"']]);
    expect(() => one.rpc('add', () => 0)).toThrow('add');
  });

  it.each([
    ['', true],
    ['a:b \0 @user:*\n"', true],
    ['é'.repeat(255), true],
    ['x'.repeat(256), false],
    ['half \ud83d', false],
  ])('is called %j, or is not let in', async (user, isTaken) => {
    const permissions = createPermissions({ hooks: { connect: () => ({ user }) } });
    const hub = await startHub({ namespaces, permissions });
    if (!isTaken) {
      await expect(visit(hub, user)).rejects.toMatchObject({ disconnect: { code: 3507 } });
      expect(hub.connectionCount).toBe(0);
      return;
    }
    const { outlet } = await visit(hub, user);
    await hub.send(user, 1);
    await settled();
    expect(outlet.pushes.length).toBe(user === '' ? 0 : 1);
  });
});
