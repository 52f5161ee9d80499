import { MemoryNetwork } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { settled, startHub, subscribe, visit } from './support/visiting.ts';

// What one client asks for while something else that it has asked for is under way.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function setUp() {
  const engine = new FaultyEngine(new MemoryNetwork());
  const namespaces = { chat: { subscribe: 'everyone', history: { size: 100, ttl: 60_000 } } } as const;
  const hub = await startHub({ engine, namespaces });
  return { engine, hub, ada: await visit(hub) };
}

const gone = { code: 3000, reason: 'gone' };

describe.each([
  ['while the engine is asked for the channel', 0],
  ['while the engine is asked for what was missed', 1],
])('a client that %s', (_, stage) => {
  /** It is on its way into the channel, and the engine has not answered. */
  async function onItsWay() {
    const { engine, hub, ada } = await setUp();
    const { position } = await hub.publish('chat:a', 1);
    await hub.publish('chat:a', 2);
    if (stage === 1) await subscribe(await visit(hub), 'chat:a');
    engine.delay();
    const begun: unknown[] = [];
    const subscribing = ada.client.subscribe({ channel: 'chat:a', position }, (result) => begun.push(result));
    const outcome = subscribing.then(
      () => 'resolved',
      (error) => error.code,
    );
    await settled();
    return { engine, hub, ada, begun, outcome };
  }

  it('unsubscribes is answered at once, and not subscribed', async () => {
    const { engine, hub, ada, begun, outcome } = await onItsWay();
    await ada.client.unsubscribe('chat:a');
    expect(await outcome).toBe(107);
    engine.answer();
    await hub.publish('chat:a', 3);
    await settled();
    expect(begun).toEqual([]);
    expect(ada.outlet.pushes).toEqual([]);
  });

  it('unsubscribes and subscribes again is subscribed once', async () => {
    const { engine, hub, ada, begun } = await onItsWay();
    await ada.client.unsubscribe('chat:a');
    const again = subscribe(ada, 'chat:a');
    await settled();
    engine.answer();
    await again;
    await hub.publish('chat:a', 3);
    await settled();
    expect(begun).toEqual([]);
    expect(ada.outlet.received('chat:a')).toEqual([3]);
  });

  it('goes away is told nothing, and the channel is given up', async () => {
    const { engine, hub, ada, begun, outcome } = await onItsWay();
    ada.client.closed(gone);
    expect(await outcome).toBe('resolved');
    engine.answer();
    await settled();
    expect(begun).toEqual([]);
    expect((await hub.channels()).get('chat:a')?.subscribers ?? 0).toBe(stage);
    await vi.advanceTimersByTimeAsync(4000);
    expect(engine.asked.filter((what) => what === 'unsubscribe chat:a')).toHaveLength(1 - stage);
  });

  it('waits too long is told so, and may come again', async () => {
    const { engine, ada, begun, outcome } = await onItsWay();
    await vi.advanceTimersByTimeAsync(10_200);
    expect(await outcome).toBe(100);
    engine.answer();
    await settled();
    expect(begun).toEqual([]);
    await subscribe(ada, 'chat:a');
  });

  it('is refused when the engine fails is told so, and may come again', async () => {
    const { engine, hub } = await setUp();
    const { position } = await hub.publish('chat:a', 1);
    await hub.publish('chat:a', 2);
    if (stage === 1) await subscribe(await visit(hub), 'chat:a');
    engine.refusing = 3;
    const other = await visit(hub);
    const outcome = expect(subscribe(other, 'chat:a', { position })).rejects.toMatchObject({
      code: 100,
      isTemporary: true,
    });
    await vi.advanceTimersByTimeAsync(5000);
    await outcome;
    engine.refusing = 0;
    expect(await subscribe(other, 'chat:a', { position })).toMatchObject({ recovery: 'recovered' });
  });
});

describe('a channel', () => {
  it('stays on the engine for a while after its last subscriber, so that who comes back costs nothing', async () => {
    const { engine, ada } = await setUp();
    await subscribe(ada, 'chat:a');
    for (let i = 0; i < 5; i++) {
      await ada.client.unsubscribe('chat:a');
      await vi.advanceTimersByTimeAsync(2000);
      await subscribe(ada, 'chat:a');
    }
    expect(engine.asked.filter((what) => what.includes('subscribe'))).toEqual(['subscribe chat:a']);
    await ada.client.unsubscribe('chat:a');
    await vi.advanceTimersByTimeAsync(4000);
    expect(engine.asked.filter((what) => what.includes('subscribe'))).toEqual([
      'subscribe chat:a',
      'unsubscribe chat:a',
    ]);
    await subscribe(ada, 'chat:a');
    expect(engine.asked.at(-1)).toBe('history chat:a');
  });
});

describe('a user', () => {
  it('is reached on a node for as long as it has a connection there, and a while longer', async () => {
    const { engine, hub } = await setUp();
    const ada = [await visit(hub, 'ada'), await visit(hub, 'ada')];
    for (const { client } of ada) client.closed(gone);
    await vi.advanceTimersByTimeAsync(2000);
    const again = await visit(hub, 'ada');
    await hub.send('ada', 1);
    await settled();
    expect(again.outlet.pushes).toHaveLength(1);
    again.client.closed(gone);
    await vi.advanceTimersByTimeAsync(4000);
    expect(engine.asked).toEqual(['subscribe @user:ada', 'unsubscribe @user:ada']);
  });
});
