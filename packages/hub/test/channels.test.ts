import { describe, expect, it } from 'vitest';
import { JsonEncoder, settled, startHub, subscribe, TestOutlet, visit } from './support/visiting.ts';

const open = { subscribe: 'everyone', publish: 'everyone', subscribePrefix: 'everyone' } as const;
const namespaces = { '': open, chat: { ...open, history: { size: 100, ttl: 60_000 } } };

describe('a subscriber', () => {
  it('gets what is published in the channel, and nothing else', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    await subscribe(ada, 'news');
    await hub.publish('news', { n: 1 });
    await hub.publish('other', { n: 2 });
    await hub.publish('news', { n: 3 });
    await settled();
    expect(ada.outlet.received('news')).toEqual([{ n: 1 }, { n: 3 }]);
    expect(ada.outlet.pushes).toHaveLength(2);
  });

  it('knows where the channel was when it came, and where each publication is', async () => {
    const hub = await startHub({ namespaces });
    const { position } = await hub.publish('chat:a', 'before');
    const ada = await visit(hub);
    const result = await subscribe(ada, 'chat:a');
    expect(result).toMatchObject({ position, isRecoverable: true, recovery: 'none', missed: [] });
    const next = await hub.publish('chat:a', 'after');
    await settled();
    expect(ada.outlet.pushes).toMatchObject([{ channel: 'chat:a', offset: next.position?.offset }]);
  });

  it('gets what was published before it left, and nothing of what comes later', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    await subscribe(ada, 'news');
    const published = hub.publish('news', 1);
    await published;
    await ada.client.unsubscribe('news');
    await hub.publish('news', 2);
    await settled();
    expect(ada.outlet.received('news')).toEqual([1]);
  });

  it('is told once that it is subscribed already', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    const both = await Promise.allSettled([subscribe(ada, 'news'), subscribe(ada, 'news')]);
    expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 105 } }]);
  });

  it('of a prefix gets what is published in all channels that begin with it', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    expect(await subscribe(ada, 'chat:*')).toMatchObject({ position: undefined, isRecoverable: false });
    await subscribe(ada, 'chat:a');
    await hub.publish('chat:a', 'in a');
    await hub.publish('chat:b:c', 'in b');
    await hub.publish('chats', 'elsewhere');
    await settled();
    expect(ada.outlet.pushes).toMatchObject([
      { channel: 'chat:a' },
      { channel: 'chat:*', publishedTo: 'chat:a' },
      { channel: 'chat:*', publishedTo: 'chat:b:c' },
    ]);
  });
});

describe('what a turn publishes', () => {
  it('is written once for all subscribers', async () => {
    const hub = await startHub({ namespaces });
    const encoder = new JsonEncoder();
    const visits = await Promise.all(
      Array.from({ length: 10 }, () => visit(hub, undefined, { outlet: new TestOutlet(encoder) })),
    );
    for (const each of visits) await subscribe(each, 'chat:a');
    await Promise.all([1, 2, 3].map((n) => hub.publish('chat:a', n)));
    await settled();
    for (const { outlet } of visits) expect(outlet.received('chat:a')).toEqual([1, 2, 3]);
    expect(encoder.calls).toBe(1);
    expect(visits[0]?.outlet.writes).toEqual([{ isAlone: true }]);
  });

  it('reaches who was subscribed when it was published', async () => {
    const hub = await startHub({ namespaces });
    const [ada, bob] = [await visit(hub), await visit(hub)];
    await subscribe(ada, 'news');
    await hub.publish('news', 1);
    const joined = subscribe(bob, 'news');
    await hub.publish('news', 2);
    await joined;
    await hub.publish('news', 3);
    await settled();
    expect(ada.outlet.received('news')).toEqual([1, 2, 3]);
    expect([[2, 3], [3]]).toContainEqual(bob.outlet.received('news'));
  });
});

describe('a client', () => {
  it('publishes, and is named as who has published', async () => {
    const hub = await startHub({ namespaces });
    const [ada, bob] = [await visit(hub, 'ada'), await visit(hub, 'bob')];
    await subscribe(bob, 'news');
    await ada.client.publish('news', '{"a":  1}');
    await settled();
    expect(bob.outlet.pushes).toMatchObject([
      { publication: { data: '{"a":  1}', info: { client: ada.client.id, user: 'ada' } } },
    ]);
  });

  it.each([
    ['of no namespace', 'unknown:a', 102],
    ['without a name', '', 107],
    ['of the hub itself', '@user:ada', 107],
    ['with a star in its name', 'a*b', 107],
    ['with half a character', 'a\ud800', 107],
    ['with too long a name', 'a'.repeat(256), 107],
  ])('cannot subscribe or publish to a channel %s', async (_, channel, code) => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub, 'ada');
    await expect(subscribe(ada, channel)).rejects.toMatchObject({ code });
    await expect(ada.client.publish(channel, '1')).rejects.toMatchObject({ code });
    await expect(hub.publish(channel, 1)).rejects.toMatchObject({ code });
  });

  it('that is gone gets no answer, and leaves nothing behind', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub, 'ada');
    const begun: unknown[] = [];
    const subscribing = ada.client.subscribe({ channel: 'news' }, (result) => begun.push(result));
    ada.client.closed({ code: 3000, reason: 'gone' });
    await subscribing;
    expect(begun).toEqual([]);
    expect(hub.connectionCount).toBe(0);
    expect((await hub.channels()).size).toBe(0);
    await expect(ada.client.publish('news', '1')).rejects.toMatchObject({ disconnect: { code: 3000 } });
  });
});
