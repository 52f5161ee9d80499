import { createPermissions, Hub, MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { settled, startHub, subscribe, TestOutlet, visit } from './support/visiting.ts';

// Whoever is gone is gone: from its channels, from those who are present, and from the engine.

const open = { subscribe: 'everyone', presence: { grace: 0 } } as const;
const namespaces = { room: open };
const gone = { code: 3000, reason: 'gone' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a client that is sent away', () => {
  it('before it has begun is in no channel that it was to be subscribed to', async () => {
    const engine = new FaultyEngine(new MemoryNetwork());
    const hooks = { connect: () => ({ user: 'ada', subscriptions: new Map([['room:a', {}]]) }) };
    const hub = await startHub({ engine, namespaces, permissions: createPermissions({ hooks }) });
    engine.delay();
    const outlet = new TestOutlet();
    const visiting = expect(visit(hub, undefined, { outlet })).rejects.toMatchObject({ disconnect: { code: 3503 } });
    await settled();
    await hub.disconnect('ada');
    engine.answer();
    await visiting;
    await vi.advanceTimersByTimeAsync(5000);
    expect(engine.asked).toEqual(['subscribe @user:ada', 'unsubscribe @user:ada']);
    expect(await hub.presenceStats('room:a')).toEqual({ clients: 0, users: 0 });
    expect((await hub.channels()).size).toBe(0);
  });

  it('by the very answer to its subscription is not present', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub, 'ada');
    await ada.client.subscribe({ channel: 'room:a' }, () => ada.client.closed(gone));
    await settled();
    expect(await hub.presenceStats('room:a')).toEqual({ clients: 0, users: 0 });
    expect((await hub.channels()).size).toBe(0);
  });
});

describe('a hub that is stopped', () => {
  it('while it starts is not there afterwards', async () => {
    const network = new MemoryNetwork();
    const hub = await startHub({ engine: new MemoryEngine({ network }) });
    const late = new Hub({ engine: new MemoryEngine({ network }) });
    const starting = late.start().then(
      () => 'started',
      () => 'refused',
    );
    await late.stop();
    expect(await starting).toBe('refused');
    expect((await hub.info()).map(({ id }) => id)).toEqual([hub.node]);
    expect(late.isHealthy).toBe(false);
  });

  it('is gone from the engine when any call that stops it resolves', async () => {
    const network = new MemoryNetwork();
    const hub = await startHub({ engine: new MemoryEngine({ network }) });
    const late = await startHub({ engine: new MemoryEngine({ network }), namespaces });
    await subscribe(await visit(late, 'ada'), 'room:a');
    const counts: number[] = [];
    const count = async () => counts.push((await hub.info()).length);
    const drained = late.drain({ within: 60_000 }).then(count);
    await Promise.all([late.drain().then(count), late.stop().then(count), drained]);
    expect(counts).toEqual([1, 1, 1]);
  });

  it('is drained in bounded time, though the engine does not answer', async () => {
    const network = new MemoryNetwork();
    await startHub({ engine: new MemoryEngine({ network }) });
    const patient = { room: { ...open, presence: { grace: 10_000 } } };
    const hub = await startHub({ engine: new MemoryEngine({ network }), namespaces: patient });
    await subscribe(await visit(hub, 'ada'), 'room:a');
    await settled();
    network.cut(hub.node);
    let isOver = false;
    const drained = hub.drain().then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(isOver).toBe(true);
    await drained;
  });
});
