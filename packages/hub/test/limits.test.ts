import { createPermissions } from '@tidewire/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settled, startHub, subscribe, TestOutlet, visit } from './support/visiting.ts';

const open = { subscribe: 'everyone', publish: 'everyone' } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a client', () => {
  it('has no more channels than it may', async () => {
    const hub = await startHub({ namespaces: { '': open }, limits: { channelsPerClient: 2 } });
    const ada = await visit(hub);
    const all = await Promise.allSettled(['a', 'b', 'c'].map((channel) => subscribe(ada, channel)));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await ada.client.unsubscribe('a');
    await subscribe(ada, 'c');
    await expect(subscribe(ada, 'd')).rejects.toMatchObject({ code: 106 });
  });

  it('publishes nothing larger than its namespace allows, counted in bytes', async () => {
    const hub = await startHub({ namespaces: { '': { ...open, maxPublicationSize: 10 } } });
    const ada = await visit(hub);
    await ada.client.publish('a', JSON.stringify('ü'.repeat(4)));
    await expect(ada.client.publish('a', JSON.stringify('ü'.repeat(5)))).rejects.toMatchObject({ code: 106 });
  });

  it('publishes no more often than its namespace allows, all connections of a user together', async () => {
    const hub = await startHub({ namespaces: { '': { ...open, publishRate: 2 } } });
    const [one, other] = [await visit(hub, 'ada'), await visit(hub, 'ada')];
    await one.client.publish('a', '1');
    await other.client.publish('a', '1');
    await expect(one.client.publish('a', '1')).rejects.toMatchObject({ code: 111, isTemporary: true });
    await (await visit(hub, 'bob')).client.publish('a', '1');
    await vi.advanceTimersByTimeAsync(1000);
    await one.client.publish('a', '1');
  });

  it('is told to slow down, and sent away when it does not', async () => {
    const hub = await startHub({ limits: { commandRate: 5 } });
    const ada = await visit(hub);
    const counts = () => Array.from({ length: 5 }, () => ada.client.countsCommand());
    expect(counts()).toEqual([true, true, true, true, true]);
    expect(counts()).toEqual([false, false, false, false, false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(counts()).not.toContain(false);
    counts();
    counts();
    expect(ada.outlet.disconnect).toBeUndefined();
    counts();
    expect(ada.outlet.disconnect).toMatchObject({ code: 3013 });
  });

  it('shares the rate of its user', async () => {
    const hub = await startHub({ limits: { userCommandRate: 3 } });
    const [one, other] = [await visit(hub, 'ada'), await visit(hub, 'ada')];
    for (const { client } of [one, other, one]) expect(client.countsCommand()).toBe(true);
    expect(other.client.countsCommand()).toBe(false);
    expect((await visit(hub, 'bob')).client.countsCommand()).toBe(true);
  });

  it('waits for no answer of the application longer than it may take', async () => {
    const hub = await startHub({ limits: { rpcTimeout: 1000 } });
    hub.rpc('never', () => new Promise(() => {}));
    const ada = await visit(hub);
    const call = expect(ada.client.rpc('never', undefined)).rejects.toMatchObject({ code: 100 });
    await vi.advanceTimersByTimeAsync(1000);
    await call;
  });
});

describe('a node', () => {
  it('takes so many connections, of one user and of one address', async () => {
    const limits = { maxConnections: 4, connectionsPerUser: 1, connectionsPerAddress: 2 };
    const hub = await startHub({ limits });
    const remoteAddress = '192.0.2.1';
    const ada = await visit(hub, 'ada', { remoteAddress });
    const again = new TestOutlet();
    await expect(visit(hub, 'ada', { outlet: again })).rejects.toMatchObject({ disconnect: { code: 3504 } });
    expect(again.disconnect).toMatchObject({ code: 3504 });
    await visit(hub, 'bob', { remoteAddress });
    await expect(visit(hub, 'eve', { remoteAddress })).rejects.toMatchObject({ disconnect: { code: 3504 } });
    await visit(hub);
    await visit(hub);
    await expect(visit(hub)).rejects.toMatchObject({ code: 111 });
    ada.client.closed({ code: 3000, reason: 'gone' });
    await visit(hub, 'ada', { remoteAddress });
    expect(hub.connectionCount).toBe(4);
  });

  it.each([{ channelsPerClient: 0 }, { commandRate: Number.NaN }, { queueSize: -1 }])('refuses %s', async (limits) => {
    await expect(startHub({ limits })).rejects.toThrow(`limits.${Object.keys(limits)[0]}`);
  });
});

describe('what expires', () => {
  const permissions = (expiresAt: () => number | undefined) =>
    createPermissions({
      hooks: { connect: () => ({ user: 'ada', expiresAt: expiresAt() }), refresh: () => ({ expiresAt: expiresAt() }) },
    });

  it('is a connection that is not refreshed, after a grace', async () => {
    const hub = await startHub({ permissions: permissions(() => Date.now() + 60_000) });
    const ada = await visit(hub);
    expect(ada.result.ttl).toBe(60);
    await vi.advanceTimersByTimeAsync(84_000);
    expect(ada.outlet.disconnect).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2000);
    expect(ada.outlet.disconnect).toMatchObject({ code: 3005 });
    await settled();
  });

  it('is not what was refreshed', async () => {
    const hub = await startHub({ permissions: permissions(() => Date.now() + 60_000) });
    const ada = await visit(hub);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await ada.client.refresh('token')).toBe(60);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ada.outlet.disconnect).toBeUndefined();
  });

  it('is a subscription, which ends alone', async () => {
    const grants = createPermissions({
      hooks: {
        connect: () => ({}),
        subscribe: () => ({ expiresAt: Date.now() + 10_000 }),
        refreshSubscription: () => ({ expiresAt: Date.now() + 10_000 }),
      },
    });
    const hub = await startHub({ permissions: grants, namespaces: { '': { subscribe: 'ask' } } });
    const ada = await visit(hub);
    expect(await subscribe(ada, 'a')).toMatchObject({ ttl: 10 });
    await subscribe(ada, 'b');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ada.client.refreshSubscription('b', 'token')).toBe(10);
    await vi.advanceTimersByTimeAsync(26_000);
    expect(ada.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'a', unsubscribe: { code: 2501 } }]);
    await expect(ada.client.refreshSubscription('a', 'token')).rejects.toMatchObject({ code: 107 });
  });
});
