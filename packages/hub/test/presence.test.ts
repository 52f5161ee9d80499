import { createPermissions, MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startHub, subscribe, type Visit, visit } from './support/visiting.ts';

const open = { subscribe: 'everyone', publish: 'everyone' } as const;
const namespaces = {
  '': open,
  room: { ...open, presence: { grace: 2000 } },
  team: { ...open, presence: { grace: 2000, events: 'user' } },
  quiet: { ...open, presence: { events: 'none' } },
} as const;

/** The deadlines of hubs run on a clock of the test's own; the engine's promises on the real one. */
function stopClock(): (milliseconds: number) => Promise<void> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return async (milliseconds) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  };
}

/** Join and leave, as a watcher of `channel` has been told of them. */
const told = ({ outlet }: Visit, channel: string): string[] =>
  outlet.pushes.flatMap((push) =>
    (push.type === 'join' || push.type === 'leave') && push.channel === channel
      ? [`${push.info.user} ${push.type}`]
      : [],
  );

async function watcherOf(hub: Awaited<ReturnType<typeof startHub>>, channel: string): Promise<Visit> {
  const watcher = await visit(hub, 'watcher');
  await subscribe(watcher, channel, { wantsJoinLeave: true });
  await watcher.outlet.until(() => told(watcher, channel).includes('watcher join'));
  watcher.outlet.pushes.length = 0;
  return watcher;
}

const cut = ({ client }: Visit) => client.closed({ code: 3000, reason: 'connection closed' });

describe('presence', () => {
  it('lists the connections of a channel and counts their users', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'room:a');
    const ada = await visit(hub, 'ada');
    const again = await visit(hub, 'ada');
    await subscribe(ada, 'room:a');
    await subscribe(again, 'room:a');
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 2);
    const clients = await watcher.client.presence('room:a');
    expect(clients.map(({ client }) => client).toSorted()).toEqual(
      [watcher, ada, again].map(({ client }) => client.id).toSorted(),
    );
    expect(await watcher.client.presenceStats('room:a')).toEqual({ clients: 3, users: 2 });
    expect(await hub.presenceStats('room:a')).toEqual({ clients: 3, users: 2 });
    expect((await hub.presence('room:a')).every(({ node }) => node === hub.node)).toBe(true);
  });

  it('is not available where the namespace has none', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'plain');
    await expect(ada.client.presence('plain')).rejects.toMatchObject({ code: 108 });
    await expect(hub.presenceStats('plain')).rejects.toMatchObject({ code: 108 });
  });

  it('tells who watches of joining and of leaving, in order', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'room:a');
    const ada = await visit(hub, 'ada');
    for (let i = 0; i < 3; i++) {
      await subscribe(ada, 'room:a');
      await watcher.outlet.until(() => told(watcher, 'room:a').length === 2 * i + 1);
      await ada.client.unsubscribe('room:a');
    }
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 6);
    expect(told(watcher, 'room:a')).toEqual(Array.from({ length: 3 }, () => ['ada join', 'ada leave']).flat());
  });

  it('is told by joins and leaves to those alone that may see it', async () => {
    const hub = await startHub({
      namespaces: { hidden: { ...open, presence: { grace: 0 }, seePresence: 'nobody' } },
      permissions: createPermissions({
        hooks: {
          connect: ({ request }) => ({
            user: request.data ?? '',
            capabilities: request.data === 'guard' ? [{ channels: ['hidden:a'], allow: ['prs'] }] : [],
            subscriptions: new Map([['hidden:own', {}]]),
          }),
        },
      }),
    });
    const [guard, curious] = [await visit(hub, 'guard', { data: 'guard' }), await visit(hub, 'curious')];
    for (const each of [curious, guard]) await subscribe(each, 'hidden:a', { wantsJoinLeave: true });
    await guard.outlet.until(() => told(guard, 'hidden:a').length > 0);
    await guard.client.unsubscribe('hidden:a');
    await vi.waitFor(async () => expect((await hub.presenceStats('hidden:a')).clients).toBe(1));
    expect(told(guard, 'hidden:a')).toContain('guard join');
    expect(told(curious, 'hidden:a')).toEqual([]);
    expect([...told(curious, 'hidden:own'), ...told(guard, 'hidden:own')]).toEqual([]);
  });

  it('keeps who is cut off until the grace is over', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'room:a');
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'room:a');
    const pass = stopClock();
    await pass(0);
    cut(ada);
    await pass(1800);
    expect(told(watcher, 'room:a')).toEqual(['ada join']);
    expect(await hub.presenceStats('room:a')).toEqual({ clients: 2, users: 2 });
    await pass(400);
    expect(told(watcher, 'room:a')).toEqual(['ada join', 'ada leave']);
    expect(await hub.presenceStats('room:a')).toEqual({ clients: 1, users: 1 });
  });

  it('announces who comes back before it says that the lost connection has left', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'room:a');
    const lost = await visit(hub, 'ada');
    await subscribe(lost, 'room:a');
    cut(lost);
    const back = await visit(hub, 'ada');
    await subscribe(back, 'room:a');
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 3);
    expect(watcher.outlet.pushes).toMatchObject([
      { type: 'join', info: { client: lost.client.id } },
      { type: 'join', info: { client: back.client.id } },
      { type: 'leave', info: { client: lost.client.id } },
    ]);
  });

  it('of users says nothing while one comes back or opens a second page', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'team:a');
    const first = await visit(hub, 'ada');
    const second = await visit(hub, 'ada');
    await subscribe(first, 'team:a');
    await subscribe(second, 'team:a');
    cut(first);
    const third = await visit(hub, 'ada');
    await subscribe(third, 'team:a');
    await second.client.unsubscribe('team:a');
    await third.client.unsubscribe('team:a');
    await watcher.outlet.until(() => told(watcher, 'team:a').includes('ada leave'));
    expect(told(watcher, 'team:a')).toEqual(['ada join', 'ada leave']);
  });

  it('has no grace for who was sent away for good', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'room:a');
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'room:a');
    await hub.disconnect('ada');
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 2);
    expect(told(watcher, 'room:a')).toEqual(['ada join', 'ada leave']);
  });

  it('can be known without being told', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'quiet:a', { wantsJoinLeave: true });
    const ben = await visit(hub, 'ben');
    await subscribe(ben, 'quiet:a');
    await vi.waitFor(async () => expect(await hub.presenceStats('quiet:a')).toEqual({ clients: 2, users: 2 }));
    expect(ada.outlet.pushes).toEqual([]);
  });

  it('counts each connection without a user as somebody', async () => {
    const hub = await startHub({ namespaces });
    const watcher = await watcherOf(hub, 'team:a');
    const [one, other] = [await visit(hub), await visit(hub)];
    await subscribe(one, 'team:a');
    await subscribe(other, 'team:a');
    await one.client.unsubscribe('team:a');
    await watcher.outlet.until(() => told(watcher, 'team:a').length === 3);
    expect(told(watcher, 'team:a')).toEqual([' join', ' join', ' leave']);
  });
});

describe('presence over several nodes', () => {
  async function startTwo() {
    let now = Date.now();
    const network = new MemoryNetwork({ lease: 1000, now: () => now });
    const hubs = [];
    for (let i = 0; i < 2; i++) hubs.push(await startHub({ namespaces, engine: new MemoryEngine({ network }) }));
    const [one, other] = hubs;
    if (one === undefined || other === undefined) throw new Error('There are two');
    const pass = (milliseconds: number) => {
      now += milliseconds;
      network.sweep();
    };
    return { one, other, network, pass };
  }

  it('leaves no ghosts of a node that has crashed', async () => {
    const { one, other, network, pass } = await startTwo();
    const watcher = await watcherOf(one, 'room:a');
    for (const name of ['ada', 'ben']) await subscribe(await visit(other, name), 'room:a');
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 2);
    network.cut(other.node);
    pass(5000);
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 4);
    expect(told(watcher, 'room:a').toSorted()).toEqual(['ada join', 'ada leave', 'ben join', 'ben leave']);
    expect(await one.presenceStats('room:a')).toEqual({ clients: 1, users: 1 });
  });

  it('says nothing of users that come back to another node while theirs is drained', async () => {
    const { one, other } = await startTwo();
    const watcher = await watcherOf(one, 'team:a');
    const ada = await visit(other, 'ada');
    await subscribe(ada, 'team:a');
    await watcher.outlet.until(() => told(watcher, 'team:a').length === 1);
    const drained = other.drain();
    await ada.outlet.until(() => ada.outlet.disconnect?.code === 3001);
    await subscribe(await visit(one, 'ada'), 'team:a');
    await other.stop();
    await drained;
    await vi.waitFor(async () => expect(await one.presenceStats('team:a')).toEqual({ clients: 2, users: 2 }));
    expect(told(watcher, 'team:a')).toEqual(['ada join']);
  });

  it('has everybody leave whose node stops', async () => {
    const { one, other } = await startTwo();
    const watcher = await watcherOf(one, 'room:a');
    await subscribe(await visit(other, 'ada'), 'room:a');
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 1);
    await other.stop();
    await watcher.outlet.until(() => told(watcher, 'room:a').length === 2);
    expect(told(watcher, 'room:a')).toEqual(['ada join', 'ada leave']);
  });
});

describe('occupancy', () => {
  const watched = { room: { ...open, occupancy: true } };

  it('tells of the first subscriber of all nodes and of the last, once each', async () => {
    const events: string[] = [];
    const occupancy = (event: string, channel: string) => events.push(`${event} ${channel}`);
    const network = new MemoryNetwork();
    const start = () => startHub({ namespaces: watched, occupancy, engine: new MemoryEngine({ network }) });
    const [one, other] = [await start(), await start()];
    await subscribe(await visit(one, 'ada'), 'room:a');
    await subscribe(await visit(other, 'ben'), 'room:a');
    await vi.waitFor(() => expect(events).toEqual(['occupied room:a']));
    await one.stop();
    expect(events).toEqual(['occupied room:a']);
    await other.stop();
    expect(events).toEqual(['occupied room:a', 'vacated room:a']);
  });

  it('tells of a channel that is left before the engine has answered that it was entered', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const events: string[] = [];
      const hub = await startHub({ namespaces: watched, occupancy: (event) => events.push(event) });
      await subscribe(await visit(hub, 'ada'), 'room:a');
      for (let i = 0; i < turns; i++) await undefined;
      await hub.stop();
      expect(events).toEqual(['occupied', 'vacated']);
    }
  });

  it('is told with the trace of the client that came first', async () => {
    const traces: unknown[] = [];
    const occupancy = (_event: string, _channel: string, trace: unknown) => traces.push(trace);
    const hub = await startHub({ namespaces: watched, occupancy });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await subscribe(await visit(hub, 'ada', { headers: { traceparent } }), 'room:a');
    await subscribe(await visit(hub, 'ben'), 'room:a');
    await vi.waitFor(() => expect(traces).toMatchObject([{ traceparent }]));
  });

  it('waits a while before it calls a channel vacated, in case that somebody comes back', async () => {
    const events: string[] = [];
    const hub = await startHub({ namespaces: watched, occupancy: (event) => events.push(event) });
    const pass = stopClock();
    const ada = await visit(hub, 'ada');
    const joined = subscribe(ada, 'room:a');
    await pass(0);
    await joined;
    await ada.client.unsubscribe('room:a');
    await pass(2000);
    const back = subscribe(ada, 'room:a');
    await pass(10_000);
    await back;
    expect(events).toEqual(['occupied']);
    await ada.client.unsubscribe('room:a');
    await pass(5000);
    expect(events).toEqual(['occupied', 'vacated']);
  });

  it('calls what a crashed node has left behind vacated', async () => {
    let now = Date.now();
    const network = new MemoryNetwork({ lease: 1000, now: () => now });
    const events: string[] = [];
    const occupancy = (event: string) => events.push(event);
    await startHub({ namespaces: watched, occupancy, engine: new MemoryEngine({ network }) });
    const other = await startHub({ namespaces: watched, engine: new MemoryEngine({ network }) });
    await subscribe(await visit(other, 'ada'), 'room:a');
    await vi.waitFor(async () => expect((await other.channels()).size).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    network.cut(other.node);
    now += 5000;
    network.sweep();
    await vi.waitFor(() => expect(events).toEqual(['vacated']));
  });
});
