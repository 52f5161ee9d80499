import { type HubObserver, MemoryNetwork, type StreamPosition } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { missedIn, settled, startHub, subscribe, visit } from './support/visiting.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function setUp(size = 100) {
  const engine = new FaultyEngine(new MemoryNetwork());
  const noticed: string[] = [];
  const observer: HubObserver = { gapNoticed: (_namespace, outcome) => noticed.push(outcome) };
  const namespaces = {
    chat: { subscribe: 'everyone', subscribePrefix: 'everyone', history: { size, ttl: 60_000 } },
  } as const;
  const hub = await startHub({ engine, namespaces, observer });
  const ada = await visit(hub);
  const { position } = await subscribe(ada, 'chat:a');
  return { engine, hub, ada, position, noticed, reads: () => engine.asked.filter((what) => what === 'history chat:a') };
}

describe('a publication that the engine does not tell of', () => {
  it('is fetched when the next one comes, once, and delivered before it', async () => {
    const { engine, hub, ada, noticed, reads } = await setUp();
    const before = reads().length;
    await hub.publish('chat:a', 1);
    engine.losing = 2;
    for (const n of [2, 3, 4]) await hub.publish('chat:a', n);
    await settled();
    await hub.publish('chat:a', 5);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([1, 2, 3, 4, 5]);
    expect(reads().length - before).toBe(1);
    expect(noticed).toEqual(['filled']);
  });

  it('is noticed when it was the last', async () => {
    const { engine, hub, ada } = await setUp();
    engine.losing = 1;
    await hub.publish('chat:a', 1);
    await vi.advanceTimersByTimeAsync(85_000);
    expect(ada.outlet.received('chat:a')).toEqual([1]);
  });

  it('is told to the subscribers when it is gone from the history, and then to who comes back', async () => {
    const { engine, hub, ada, position, noticed } = await setUp(2);
    engine.losing = 3;
    for (const n of [1, 2, 3, 4]) await hub.publish('chat:a', n);
    await settled();
    expect(ada.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'chat:a', unsubscribe: { code: 2500 } }]);
    expect(await subscribe(ada, 'chat:a', { position })).toMatchObject({ recovery: 'failed' });
    expect(noticed).toEqual(['resubscribed']);
    await hub.publish('chat:a', 5);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([5]);
  });

  it('is fetched as soon as the engine can be asked again', async () => {
    const { engine, hub, ada } = await setUp();
    engine.losing = 1;
    await hub.publish('chat:a', 1);
    engine.refusing = 5;
    await hub.publish('chat:a', 2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ada.outlet.received('chat:a')).toEqual([1, 2]);
  });
});

describe('a publication that the engine tells of twice', () => {
  it('is delivered once', async () => {
    const { engine, hub, ada, noticed } = await setUp();
    engine.repeating = 2;
    for (const n of [1, 2, 3]) await hub.publish('chat:a', n);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([1, 2, 3]);
    expect(noticed).toEqual([]);
  });
});

describe('an engine that was interrupted', () => {
  it('is asked for what every channel has missed', async () => {
    const { engine, hub, ada } = await setUp();
    engine.interrupt();
    expect(hub.isHealthy).toBe(false);
    await hub.publish('chat:a', 1);
    await settled();
    expect(ada.outlet.pushes).toEqual([]);
    engine.resume();
    expect(hub.isHealthy).toBe(true);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([1]);
  });

  it('is asked about a bounded number of channels at a time', async () => {
    const { engine, hub, ada } = await setUp();
    for (let i = 0; i < 100; i++) await subscribe(ada, `chat:${i}`);
    engine.asked.length = 0;
    engine.interrupt();
    await hub.publish('chat:99', 'last');
    engine.delay();
    engine.resume();
    await settled();
    expect(engine.asked.length).toBeGreaterThan(0);
    expect(engine.asked.length).toBeLessThan(50);
    engine.answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ada.outlet.received('chat:99')).toEqual(['last']);
  });

  it('makes the subscribers of prefixes come again', async () => {
    const { engine, ada } = await setUp();
    await subscribe(ada, 'chat:*');
    engine.interrupt();
    engine.resume();
    expect(ada.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'chat:*', unsubscribe: { code: 2500 } }]);
  });
});

describe('a subscriber of a prefix', () => {
  it('is told when something is missing, and gets nothing twice', async () => {
    const { engine, hub, ada, noticed } = await setUp();
    await ada.client.unsubscribe('chat:a');
    await subscribe(ada, 'chat:*');
    engine.repeating = 1;
    for (const n of [1, 2]) await hub.publish('chat:a', n);
    await hub.publish('chat:b', 3);
    await settled();
    expect(ada.outlet.received('chat:*')).toEqual([1, 2, 3]);
    engine.losing = 1;
    for (const n of [4, 5]) await hub.publish('chat:a', n);
    await settled();
    expect(ada.outlet.pushes.at(-1)).toMatchObject({
      type: 'unsubscribe',
      channel: 'chat:*',
      unsubscribe: { code: 2500 },
    });
    expect(noticed).toContain('resubscribed');
    await subscribe(ada, 'chat:*');
    await hub.publish('chat:a', 6);
    await settled();
    expect(ada.outlet.received('chat:*')).toEqual([1, 2, 3, 6]);
  });
});

describe('a subscriber of a prefix of very many channels', () => {
  it('gets everything of all, and is told of what is missing in those that were published to lately', async () => {
    const { engine, hub, ada } = await setUp();
    await subscribe(ada, 'chat:*');
    const all = Array.from({ length: 11_000 }, (_, n) => n);
    for (const n of all) await hub.publish(`chat:${n}`, n);
    await settled();
    expect(ada.outlet.received('chat:*')).toEqual(all);
    engine.losing = 1;
    for (const n of [1, 2]) await hub.publish('chat:10999', n);
    await settled();
    expect(ada.outlet.pushes.at(-1)).toMatchObject({ type: 'unsubscribe', channel: 'chat:*' });
  });
});

describe('ten thousand that come back at once', () => {
  it('are served from what the node has kept, without asking the engine', async () => {
    const { hub, position, reads } = await setUp();
    await hub.publish('chat:a', 1);
    const before = reads().length;
    const visits = await Promise.all(Array.from({ length: 1000 }, () => visit(hub)));
    const results = await Promise.all(visits.map((each) => subscribe(each, 'chat:a', { position })));
    for (const result of results) expect(missedIn(result)).toEqual([1]);
    expect(reads().length).toBe(before);
  });

  it('to a node that has kept nothing are served by few reads, and miss nothing of what comes meanwhile', async () => {
    const network = new MemoryNetwork();
    const engine = new FaultyEngine(network);
    const namespaces = { chat: { subscribe: 'everyone', history: { size: 100, ttl: 60_000 } } } as const;
    const publisher = await startHub({ engine: new FaultyEngine(network), namespaces });
    const hub = await startHub({ engine, namespaces });
    const { position } = await publisher.publish('chat:a', 0);
    for (const n of [1, 2, 3]) await publisher.publish('chat:a', n);
    const visits = await Promise.all(Array.from({ length: 500 }, () => visit(hub)));
    await subscribe(await visit(hub), 'chat:a');
    engine.delay();
    const results = Promise.all(visits.map((each) => subscribe(each, 'chat:a', { position })));
    await settled();
    for (const n of [4, 5]) await publisher.publish('chat:a', n);
    engine.answer();
    for (const result of await results) expect(missedIn(result)).toEqual([1, 2, 3, 4, 5]);
    await publisher.publish('chat:a', 6);
    await settled();
    for (const { outlet } of visits) expect(outlet.received('chat:a')).toEqual([6]);
    expect(engine.asked.filter((what) => what === 'history chat:a')).toHaveLength(2);
  });

  it.each([
    ['of which not so much is given at once', 1000, 10],
    ['of which most is gone', 10, 1000],
  ])('from as many places in a history %s are served by few reads', async (_, size, recoveryLimit) => {
    const network = new MemoryNetwork();
    const engine = new FaultyEngine(network);
    const namespaces = { chat: { subscribe: 'everyone', history: { size, ttl: 60_000 } } } as const;
    const publisher = await startHub({ engine: new FaultyEngine(network), namespaces });
    const hub = await startHub({ engine, namespaces, limits: { recoveryLimit } });
    const all = Array.from({ length: 300 }, (_, n) => n);
    const positions: (StreamPosition | undefined)[] = [];
    for (const n of all) positions.push((await publisher.publish('chat:a', n)).position);
    const visits = await Promise.all(all.map(() => visit(hub)));
    const results = await Promise.all(
      visits.map((each, n) => subscribe(each, 'chat:a', { position: positions[n] ?? expect.unreachable() })),
    );
    for (const [n, result] of results.entries()) {
      expect(result.recovery).toBe(n < 289 ? 'failed' : 'recovered');
      expect(missedIn(result)).toEqual(n < 289 ? [] : all.slice(n + 1));
    }
    expect(engine.asked.filter((what) => what === 'history chat:a').length).toBeLessThan(15);
  });
});
