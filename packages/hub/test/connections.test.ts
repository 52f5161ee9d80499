import { type Hub, MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { settled, startHub, subscribe, type Visit, visit } from './support/visiting.ts';

const namespaces = { chat: { subscribe: 'everyone' } } as const;

async function twoNodes() {
  const network = new MemoryNetwork();
  const one = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'one', version: '1' });
  const other = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'other', version: '2' });
  return { network, one, other };
}

const ids = (visits: readonly Visit[]) => visits.map(({ client }) => client.id).sort();
const listed = (connections: readonly { readonly client: string }[]) => connections.map(({ client }) => client).sort();

/** The clients of all pages, in their order. */
async function allPages(hub: Hub, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const { connections, next } = await hub.connections({ limit, after });
    pages.push(connections.map(({ client }) => client));
    after = next;
  } while (after !== undefined);
  return pages;
}

describe('the connections of all nodes', () => {
  it('are listed with what their nodes know of them', async () => {
    const { one, other } = await twoNodes();
    const before = Date.now();
    const ada = await visit(other, 'ada', { remoteAddress: '10.0.0.7' });
    await subscribe(ada, 'chat:a');
    const { connections, total, next, silent } = await one.connections();
    const since = connections[0]?.since ?? 0;
    expect(connections).toEqual([
      {
        client: ada.client.id,
        user: 'ada',
        node: other.node,
        since,
        transport: 'test',
        dialect: 'json',
        address: '10.0.0.7',
        channels: 1,
        waitingBytes: 0,
        waitingMessages: 0,
        isSlow: false,
      },
    ]);
    // The clock that counts from the start of the process may differ a little from that of the day.
    expect(Math.abs(since - before)).toBeLessThan(5000);
    expect({ total, next, silent }).toEqual({ total: 1, next: undefined, silent: [] });
  });

  it('come a page at a time, each once, the newest first, whoever comes meanwhile', async () => {
    const { one, other } = await twoNodes();
    const visits: Visit[] = [];
    for (let i = 0; i < 25; i++) visits.push(await visit(i % 3 === 0 ? one : other, `user ${i}`));
    const pages = await allPages(one, 7);
    expect(pages.map(({ length }) => length)).toEqual([7, 7, 7, 4]);
    expect(pages.flat().sort()).toEqual(ids(visits));
    const { connections, next } = await other.connections({ limit: 10 });
    const times = connections.map(({ since }) => since);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    await visit(one, 'late');
    const second = await other.connections({ limit: 100, after: next });
    expect([...connections, ...second.connections].map(({ client }) => client).sort()).toEqual(ids(visits));
    expect(second).toMatchObject({ total: 26, next: undefined });
  });

  it('can be asked for by user, channel, node, and whether they are slow', async () => {
    const { one, other } = await twoNodes();
    const ada = [await visit(one, 'ada'), await visit(other, 'ada')];
    const bob = await visit(other, 'bob');
    const nobody = await visit(one);
    const slow = await visit(one, 'slow');
    for (const each of [...ada, slow]) await subscribe(each, 'chat:a');
    slow.outlet.isStuck = true;
    await one.publish('chat:a', 'x'.repeat(300_000));
    await settled();
    await one.publish('chat:a', 'waits');
    await settled();
    expect(listed((await one.connections({ user: 'ada' })).connections)).toEqual(ids(ada));
    expect(listed((await one.connections({ user: '' })).connections)).toEqual(ids([nobody]));
    expect(listed((await one.connections({ channel: 'chat:a' })).connections)).toEqual(ids([...ada, slow]));
    const there = await one.connections({ node: other.node });
    expect(listed(there.connections)).toEqual(ids([bob, ...ada.slice(1)]));
    expect((await other.connections({ user: 'bob', channel: 'chat:a' })).total).toBe(0);
    const { connections } = await other.connections({ isSlow: true });
    expect(connections).toMatchObject([{ client: slow.client.id, isSlow: true, waitingMessages: 1 }]);
    expect(connections[0]?.waitingBytes).toBeGreaterThan(300_000);
    expect((await other.stats()).nodes.map((node) => [node.name, node.slow])).toContainEqual(['one', 1]);
  });

  it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { after: 'x' }])(
    'are not asked for with what makes no sense: %j',
    async (request) => {
      const hub = await startHub();
      await expect(hub.connections(request)).rejects.toThrow(new RegExp(`^${Object.keys(request)[0]} must`));
    },
  );

  it('are told apart from those of a node that does not answer, which is named', async () => {
    const { network, one, other } = await twoNodes();
    const ada = await visit(one, 'ada');
    await visit(other, 'bob');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    network.cut(other.node);
    const asked = one.connections();
    await vi.advanceTimersByTimeAsync(2000);
    const page = await asked;
    expect(listed(page.connections)).toEqual([ada.client.id]);
    expect(page.silent).toEqual([{ id: other.node, name: 'other' }]);
  });
});

describe('one client', () => {
  it('is shown with its channels, wherever it is', async () => {
    const { one, other } = await twoNodes();
    const ada = await visit(other, 'ada');
    await subscribe(ada, 'chat:a');
    await subscribe(ada, 'chat:b');
    expect(await one.connection(ada.client.id)).toMatchObject({
      client: ada.client.id,
      node: other.node,
      subscriptions: [{ channel: 'chat:a' }, { channel: 'chat:b' }],
    });
    expect(await one.connection('nobody')).toBeUndefined();
  });

  it('is disconnected by its name, whether it has a user or not', async () => {
    const { one, other } = await twoNodes();
    const [nobody, ada, stays] = [await visit(other), await visit(other, 'ada'), await visit(one, 'ada')];
    expect(await one.disconnectClient(nobody.client.id)).toBe(true);
    expect(await one.disconnectClient(ada.client.id, { code: 4000, reason: 'enough' })).toBe(true);
    expect(await one.disconnectClient(ada.client.id)).toBe(false);
    expect(nobody.outlet.disconnect?.code).toBe(3503);
    expect(ada.outlet.disconnect).toEqual({ code: 4000, reason: 'enough' });
    expect(stays.outlet.disconnect).toBeUndefined();
  });

  it('is taken out of a channel by its name', async () => {
    const { one, other } = await twoNodes();
    const [nobody, stays] = [await visit(other), await visit(other)];
    for (const each of [nobody, stays]) await subscribe(each, 'chat:a');
    expect(await one.unsubscribeClient(nobody.client.id, 'chat:a')).toBe(true);
    expect(await one.unsubscribeClient('nobody', 'chat:a')).toBe(false);
    expect(nobody.outlet.pushes).toEqual([
      { type: 'unsubscribe', channel: 'chat:a', unsubscribe: { code: 2000, reason: 'server unsubscribe' } },
    ]);
    expect((await one.channels()).get('chat:a')).toEqual({ subscribers: 1 });
    expect(stays.outlet.pushes).toEqual([]);
  });
});

describe('the channels of all nodes', () => {
  it('come a page at a time, by name, with the subscribers of all nodes', async () => {
    const { one, other } = await twoNodes();
    const visits = [await visit(one), await visit(other)];
    const names = Array.from({ length: 40 }, (_, i) => `chat:${String((i * 17) % 40).padStart(2, '0')}`);
    for (const [i, name] of names.entries()) {
      for (const [j, each] of visits.entries()) if (i % 3 !== j) await subscribe(each, name);
    }
    const found = new Map<string, { readonly subscribers: number }>();
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await one.channelPage({ pattern: 'chat:*', limit: 9, after });
      for (const [name, counts] of page.channels) {
        expect(found.has(name), name).toBe(false);
        found.set(name, counts);
      }
      expect([...found.keys()]).toEqual([...found.keys()].sort());
      after = page.next;
      pages++;
    } while (after !== undefined);
    expect(pages).toBe(5);
    expect(found).toEqual(new Map([...(await one.channels())].sort(([a], [b]) => (a < b ? -1 : 1))));
    expect((await one.channelPage({ pattern: 'chat:0*', limit: 10 })).next).toBeUndefined();
    await expect(one.channelPage({ limit: 0 })).rejects.toThrow(RangeError);
  });
});

describe('what nodes say of themselves', () => {
  it('is asked of all of them, with what is measured there', async () => {
    const network = new MemoryNetwork();
    const engine = () => new MemoryEngine({ network });
    const one = await startHub({ engine: engine(), name: 'one', figures: () => ({ cpu: 1 }) });
    const other = await startHub({ engine: engine(), name: 'other' });
    await visit(other, 'ada');
    const { nodes, silent } = await one.stats();
    expect(silent).toEqual([]);
    expect(nodes).toMatchObject([
      { id: one.node, name: 'one', state: 'ready', connections: 0, figures: { cpu: 1 } },
      { id: other.node, name: 'other', state: 'ready', connections: 1, users: 1, slow: 0 },
    ]);
    expect(nodes[1]).not.toHaveProperty('figures');
  });

  it('is there of this node alone while the engine does not answer, and the others are named', async () => {
    const { network, one, other } = await twoNodes();
    await visit(one, 'ada');
    await one.stats();
    network.cut(one.node);
    const { nodes, silent } = await one.stats();
    expect(nodes).toMatchObject([{ name: 'one', state: 'interrupted' }]);
    expect(silent).toEqual([{ id: other.node, name: 'other' }]);
    expect((await one.connections()).total).toBe(1);
    await expect(one.disconnectClient('nobody')).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });
});
