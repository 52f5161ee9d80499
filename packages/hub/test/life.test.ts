import { createPermissions, DisconnectError, MemoryNetwork } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { missedIn, settled, startHub, subscribe, TestOutlet, visit } from './support/visiting.ts';

const history = { size: 100, ttl: 60_000 };
const namespaces = { chat: { subscribe: 'everyone', history } } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('connecting', () => {
  const permissions = createPermissions({
    hooks: { connect: () => ({ user: 'ada', subscriptions: new Map([['chat:a', { data: '"hello"' }]]) }) },
  });

  it('subscribes the client to what it is admitted with, and recovers that when it comes back', async () => {
    const hub = await startHub({ namespaces, permissions });
    const ada = await visit(hub);
    const result = ada.result.subscriptions.get('chat:a');
    expect(result).toMatchObject({ data: '"hello"', recovery: 'none', isRecoverable: true });
    ada.client.closed({ code: 3000, reason: 'gone' });
    await hub.publish('chat:a', 1);
    const positions = new Map([['chat:a', result?.position ?? expect.unreachable()]]);
    const back = await visit(hub, undefined, { positions });
    expect(missedIn(back.result.subscriptions.get('chat:a') ?? expect.unreachable())).toEqual([1]);
    await hub.publish('chat:a', 2);
    await settled();
    expect(back.outlet.received('chat:a')).toEqual([2]);
  });

  it('tells nothing of what is published before the client knows that it has begun', async () => {
    const engine = new FaultyEngine(new MemoryNetwork());
    const subscriptions = new Map([
      ['chat:a', {}],
      ['chat:b', {}],
    ]);
    const hooks = { connect: () => ({ user: 'ada', subscriptions }) };
    const hub = await startHub({ engine, namespaces, permissions: createPermissions({ hooks }) });
    await visit(hub).then(({ client }) => client.unsubscribe('chat:b'));
    // The second channel takes long to open, while the client is in the first one already.
    await vi.advanceTimersByTimeAsync(4000);
    engine.delay();
    const outlet = new TestOutlet();
    const visiting = visit(hub, undefined, { outlet });
    await settled();
    await hub.publish('chat:a', 1);
    await settled();
    expect(outlet.pushes).toEqual([]);
    engine.answer();
    await visiting;
    expect(outlet.received('chat:a')).toEqual([1]);
  });

  it('fails as permissions say, and closes the outlet where they say that', async () => {
    const hooks = {
      connect: () => {
        throw new DisconnectError({ code: 4001, reason: 'not you' });
      },
    };
    const hub = await startHub({ permissions: createPermissions({ hooks }) });
    const outlet = new TestOutlet();
    await expect(visit(hub, 'ada', { outlet })).rejects.toMatchObject({ disconnect: { code: 4001 } });
    expect(outlet.disconnect).toEqual({ code: 4001, reason: 'not you' });
    expect(hub.connectionCount).toBe(0);
  });

  it('fails when a user is sent away meanwhile', async () => {
    const engine = new FaultyEngine(new MemoryNetwork());
    const hub = await startHub({ engine, namespaces, permissions });
    engine.delay();
    const outlet = new TestOutlet();
    const visiting = expect(visit(hub, undefined, { outlet })).rejects.toMatchObject({ disconnect: { code: 3503 } });
    await settled();
    await hub.disconnect('ada');
    engine.answer();
    await visiting;
    expect(outlet.disconnect).toMatchObject({ code: 3503 });
  });
});

describe('a hub that is drained', () => {
  it('refuses who comes, and sends those who are there away one after the other', async () => {
    const hub = await startHub({ namespaces });
    const visits = await Promise.all([1, 2, 3, 4].map(() => visit(hub)));
    const drained = hub.drain({ within: 4000 });
    expect(hub.isDraining).toBe(true);
    const late = new TestOutlet();
    await expect(visit(hub, undefined, { outlet: late })).rejects.toMatchObject({ disconnect: { code: 3001 } });
    expect(late.disconnect).toMatchObject({ code: 3001 });
    const counts = [];
    for (let i = 0; i < 4; i++) {
      await vi.advanceTimersByTimeAsync(i === 0 ? 10 : 1000);
      counts.push(hub.connectionCount);
    }
    expect(counts).toEqual([3, 2, 1, 0]);
    await drained;
    for (const { outlet } of visits) expect(outlet.disconnect).toMatchObject({ code: 3001 });
    await expect(hub.publish('chat:a', 1)).rejects.toMatchObject({ name: 'EngineError', code: 'STOPPED' });
  });

  it('hurries when it is told again', async () => {
    const hub = await startHub({ namespaces });
    await Promise.all([1, 2, 3, 4].map(() => visit(hub)));
    void hub.drain({ within: 60_000 });
    await hub.drain();
    expect(hub.connectionCount).toBe(0);
  });

  it('loses nothing for who comes back elsewhere', async () => {
    const network = new MemoryNetwork();
    const one = await startHub({ namespaces, engine: new FaultyEngine(network) });
    const other = await startHub({ namespaces, engine: new FaultyEngine(network) });
    const ada = await visit(one);
    const { position } = await subscribe(ada, 'chat:a');
    await one.drain();
    await other.publish('chat:a', 1);
    expect(missedIn(await subscribe(await visit(other), 'chat:a', { position }))).toEqual([1]);
  });
});

describe('new options', () => {
  it('hold for what is subscribed already', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    await subscribe(ada, 'chat:a');
    hub.reconfigure({ namespaces: { chat: { ...namespaces.chat, subscribe: 'nobody' } }, limits: { commandRate: 1 } });
    await hub.publish('chat:a', 1);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([1]);
    await expect(subscribe(await visit(hub), 'chat:a')).rejects.toMatchObject({ code: 103 });
    expect([ada.client.countsCommand(), ada.client.countsCommand()]).toEqual([true, false]);
  });

  it('make subscribers come again where there is a history now', async () => {
    const hub = await startHub({ namespaces: { chat: { subscribe: 'everyone' } } });
    const ada = await visit(hub);
    expect(await subscribe(ada, 'chat:a')).toMatchObject({ position: undefined });
    hub.reconfigure({ namespaces });
    expect(ada.outlet.pushes).toMatchObject([{ type: 'unsubscribe', unsubscribe: { code: 2500 } }]);
    expect(await subscribe(ada, 'chat:a')).toMatchObject({ position: { offset: 0 }, isRecoverable: true });
    await hub.publish('chat:a', 1);
    await settled();
    expect(ada.outlet.received('chat:a')).toEqual([1]);
  });

  it('that make no sense change nothing', async () => {
    const hub = await startHub({ namespaces });
    const wrong = { chat: { history: { size: 0, ttl: 1 } } };
    expect(() => hub.reconfigure({ namespaces: wrong, limits: { commandRate: 1 } })).toThrow(
      "namespaces['chat'].history.size",
    );
    const { client } = await visit(hub);
    expect([client.countsCommand(), client.countsCommand()]).toEqual([true, true]);
  });
});
