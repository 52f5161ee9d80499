import { MemoryEngine, MemoryNetwork, MemoryStreamStore } from '@tidewire/hub';
import { describe, expect, it, onTestFinished } from 'vitest';
import { infoOf, publicationOf, retentionOf, TestNode } from '../engine-contract/harness.ts';
import { publishAll } from '../engine-contract/history.ts';

/** Nodes of one network with a clock that stands. */
function networkOf(options: { maxIdempotencyKeys?: number; maxHistoryBytes?: number } = {}) {
  const clock = { time: 1_700_000_000_000 };
  const store = new MemoryStreamStore(options);
  const network = new MemoryNetwork({ store, now: () => clock.time, lease: 1000, sweepInterval: 3_600_000 });
  const start = async () => {
    const node = new TestNode(new MemoryEngine({ network }));
    onTestFinished(() => node.engine.stop());
    await node.engine.start(node.id, node);
    return node;
  };
  return { clock, store, network, start };
}

describe('the engine in memory', () => {
  it('tells within the call, before anything else happens', async () => {
    const node = await networkOf().start();
    await node.engine.subscribe('a');
    const publishing = node.engine.publish('a', publicationOf('one'), { retention: retentionOf() });
    expect(node.data('a')).toEqual(['one']);
    const signalling = node.engine.signal('a', { type: 'join', info: infoOf('x') });
    expect(node.signals).toHaveLength(1);
    await Promise.all([publishing, signalling]);
  });

  it('tells all nodes the same order when a node publishes while it is being told', async () => {
    const { start } = networkOf();
    const [node, other] = [await start(), await start()];
    const retention = retentionOf();
    await Promise.all([node.engine.subscribe('a'), other.engine.subscribe('a')]);
    const published = node.published.bind(node);
    node.published = (channel, publication, position) => {
      published(channel, publication, position);
      if (node.told.length < 3) void node.engine.publish('a', publicationOf(`${node.told.length + 1}`), { retention });
    };
    await node.engine.publish('a', publicationOf('1'), { retention });
    expect(node.data('a')).toEqual(['1', '2', '3']);
    expect(other.data('a')).toEqual(['1', '2', '3']);
    expect(other.positions('a').map((position) => position?.previous)).toEqual([0, 1, 2]);
  });

  it('forgets channels whose time is over, and those that were only asked for', async () => {
    const { clock, store, network, start } = networkOf();
    const node = await start();
    const retention = retentionOf({ ttl: 1000, positionTtl: 3_600_000 });
    await node.engine.subscribe('subscribed');
    for (let i = 0; i < 3000; i++) await node.engine.history(`asked-${i}`, retention);
    const { position } = await node.engine.history('subscribed', retention);
    await publishAll(node, 'published', retention, 1);
    expect(store.size).toBe(3002);
    clock.time += 600_000;
    for (let i = 0; i < 5; i++) network.sweep();
    expect(store.size).toBe(2);
    expect((await node.engine.history('subscribed', retention)).position).toEqual(position);
    clock.time += 3_000_000;
    for (let i = 0; i < 2; i++) network.sweep();
    expect(store.size).toBe(1);
  });

  it('knows no more idempotency keys than it may, and the newest of them', async () => {
    const node = await networkOf({ maxIdempotencyKeys: 10 }).start();
    const publish = async (key: number) => {
      const options = { retention: retentionOf(), idempotencyKey: `${key}` };
      return (await node.engine.publish('a', publicationOf('x'), options)).isDuplicate;
    };
    for (let key = 0; key < 11; key++) expect(await publish(key)).toBe(false);
    expect(await publish(1)).toBe(true);
    expect(await publish(10)).toBe(true);
    expect(await publish(0)).toBe(false);
  });

  it('keeps the members of a node that was cut off until somebody can be told', async () => {
    const { clock, network, start } = networkOf();
    const node = await start();
    await node.engine.enter('a', infoOf('x'));
    network.cut(node.id);
    clock.time += 1000;
    network.sweep();
    const other = await start();
    expect(await other.engine.members('a')).toEqual([]);
    expect(other.expiredIn('a')).toHaveLength(1);
    await expect(other.engine.nodes()).resolves.toHaveLength(1);
  });

  it('is told nothing while it is cut off', async () => {
    const { network, start } = networkOf();
    const [node, other] = [await start(), await start()];
    await node.engine.subscribe('a');
    network.cut(node.id);
    await other.engine.publish('a', publicationOf('missed'), { retention: retentionOf() });
    network.mend(node.id);
    await other.engine.publish('a', publicationOf('told'), { retention: retentionOf() });
    expect(node.order).toEqual(['interrupted', 'resumed', 'published "told"']);
  });

  it('is measured by who asks for it, in milliseconds and with its failures', async () => {
    const node = await networkOf().start();
    const measured: [string, boolean][] = [];
    const listener = Object.assign(node, {
      measured: (operation: string, duration: number, isOk: boolean) => {
        expect(duration).toBeGreaterThanOrEqual(0);
        measured.push([operation, isOk]);
      },
    });
    await listener.engine.publish('a', publicationOf('one'));
    await listener.engine.request('nobody', '', 1000).catch(() => {});
    expect(measured).toEqual([
      ['publish', true],
      ['request', false],
    ]);
  });

  it('takes no second node of the same name, and starts once', async () => {
    const { start, network } = networkOf();
    const node = await start();
    const twin = new MemoryEngine({ network });
    await expect(twin.start(node.id, node)).rejects.toMatchObject({ name: 'EngineError', code: 'UNAVAILABLE' });
    await expect(node.engine.start('again', node)).rejects.toMatchObject({ name: 'EngineError' });
  });
});
