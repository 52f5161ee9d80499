import { MemoryNetwork } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { settled, startHub, subscribe, TestOutlet, visit } from './support/visiting.ts';

// What a node is subscribed to on the engine, while that takes its time.

const namespaces = {
  '': { subscribe: 'everyone' },
  chat: { subscribe: 'everyone', history: { size: 100, ttl: 60_000 } },
} as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function setUp() {
  const engine = new FaultyEngine(new MemoryNetwork());
  const hub = await startHub({ engine, namespaces });
  const about = (channel: string) => engine.asked.filter((what) => what.endsWith(`subscribe ${channel}`));
  return { engine, hub, ada: await visit(hub), about };
}

describe('a channel that somebody comes to while the engine gives it up', () => {
  it('begins when the engine tells of it again, and misses nothing from then on', async () => {
    const { engine, hub, ada, about } = await setUp();
    await subscribe(ada, 'news');
    await ada.client.unsubscribe('news');
    engine.delayUnsubscribing();
    await vi.advanceTimersByTimeAsync(4000);
    expect(about('news')).toEqual(['subscribe news', 'unsubscribe news']);
    let isIn = false;
    const back = subscribe(ada, 'news').then(() => {
      isIn = true;
    });
    const other = subscribe(await visit(hub), 'news');
    await settled();
    expect(isIn).toBe(false);
    engine.answer();
    await Promise.all([back, other]);
    await hub.publish('news', 1);
    await settled();
    expect(ada.outlet.received('news')).toEqual([1]);
    // One word at a time, whoever wants what.
    expect(about('news')).toEqual(['subscribe news', 'unsubscribe news', 'subscribe news']);
  });
});

describe('a channel that is left while the engine is asked for it', () => {
  it('is given up when the engine has answered', async () => {
    const { engine, ada, about } = await setUp();
    engine.delay();
    const subscribing = ada.client.subscribe({ channel: 'news' }, () => {}).catch(() => {});
    await settled();
    await ada.client.unsubscribe('news');
    await subscribing;
    await vi.advanceTimersByTimeAsync(4000);
    expect(about('news')).toEqual(['subscribe news']);
    engine.answer();
    await settled();
    expect(about('news')).toEqual(['subscribe news', 'unsubscribe news']);
  });
});

describe('a client that is sent away while the engine is asked for its user', () => {
  it('is not waited for once nobody wants to know of the user', async () => {
    const { engine, hub } = await setUp();
    engine.delay();
    const outlet = new TestOutlet();
    let outcome: unknown;
    const visiting = visit(hub, 'ada', { outlet }).catch((error) => {
      outcome = error;
    });
    await settled();
    await hub.disconnect('ada');
    await vi.advanceTimersByTimeAsync(4000);
    expect(outcome).toBeDefined();
    await visiting;
    expect(outlet.disconnect).toMatchObject({ code: 3503 });
    engine.answer();
  });
});

describe('a channel without a history', () => {
  it('goes on although very much was published while the engine was asked for it', async () => {
    const { engine, hub, ada } = await setUp();
    engine.delay();
    const joined = subscribe(ada, 'news');
    await settled();
    for (let n = 0; n <= 1000; n++) await hub.publish('news', n);
    engine.answer();
    await joined;
    await hub.publish('news', 'then');
    await settled();
    expect(ada.outlet.received('news')).toEqual(['then']);
  });
});

describe('a channel that goes on without what is gone from the history', () => {
  it('gives nobody what it had kept before, as if that were all', async () => {
    const engine = new FaultyEngine(new MemoryNetwork());
    const hub = await startHub({
      engine,
      namespaces: { chat: { subscribe: 'everyone', history: { size: 2, ttl: 60_000 } } },
    });
    const ada = await visit(hub);
    await subscribe(ada, 'chat:a');
    const { position } = await hub.publish('chat:a', 1);
    await hub.publish('chat:a', 2);
    engine.losing = 3;
    for (const n of [3, 4, 5, 6]) await hub.publish('chat:a', n);
    await settled();
    await hub.publish('chat:a', 7);
    await settled();
    expect(await subscribe(await visit(hub), 'chat:a', { position })).toMatchObject({ recovery: 'failed', missed: [] });
  });
});
