import { randomBytes } from 'node:crypto';
import { DiskStreamStore } from '@tidewire/engine-disk';
import { LocalEngine, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, publicationOf, retentionOf, TestNode } from '../../hub/test/engine-contract/harness.ts';
import { publishAll } from '../../hub/test/engine-contract/history.ts';
import { bytesIn, inStore, longRetention, startIn, temporary } from './support/disk.ts';

const keysIn = (directory: string) => inStore(directory, (level) => level.keys().all());

describe('a store that is opened again', () => {
  it('has its streams, positions, epochs and idempotency keys', async () => {
    const directory = await temporary();
    const retention = retentionOf({ size: 3 });
    const first = await startIn(directory);
    const positions = await publishAll(first, 'a', retention, 5);
    const unused = await first.engine.history('unused', retention);
    const keyed = await first.engine.publish('b', publicationOf('b'), { retention, idempotencyKey: 'key' });
    await first.engine.removeHistory('b', retention);
    await first.engine.stop();

    const second = await startIn(directory);
    const history = await second.engine.history('a', retention, { since: positions[1] });
    expect(history.position).toEqual(positions[4]);
    expect(history.isComplete).toBe(true);
    expect(history.publications.map(({ offset }) => offset)).toEqual([3, 4, 5]);
    expect((await second.engine.history('a', retention, { since: positions[0] })).isComplete).toBe(false);
    expect(await second.engine.history('unused', retention)).toEqual(unused);
    expect(await second.engine.history('b', retention)).toMatchObject({ position: keyed.position, publications: [] });
    const again = await second.engine.publish('b', publicationOf('b'), { retention, idempotencyKey: 'key' });
    expect(again).toEqual({ position: keyed.position, isDuplicate: true });
    await second.engine.subscribe('a');
    const [next] = await publishAll(second, 'a', retention, 1);
    expect(second.positions('a')).toEqual([{ ...next, previous: 5 }]);
    expect(next?.epoch).toBe(positions[4]?.epoch);
  });

  it('has other epochs when offsets may have been lost, and only then', async () => {
    const directory = await temporary();
    const epochAfter = async (options: object) => {
      const node = await startIn(directory, options);
      const { position } = await node.engine.history('a', longRetention);
      await node.engine.stop();
      return position.epoch;
    };
    const crash = (changes: object) =>
      inStore(directory, async (level) => {
        const state = JSON.parse((await level.get('m!state')) ?? '{}');
        await level.put('m!state', JSON.stringify({ ...state, ...changes }));
      });
    const epoch = await epochAfter({});
    await crash({ boot: 'another', isSafe: true });
    expect(await epochAfter({ sync: false })).toBe(epoch);
    await crash({ isSafe: false });
    expect(await epochAfter({ sync: false }), 'the same start of the machine').toBe(epoch);
    await crash({ boot: 'another', isSafe: false });
    const second = await epochAfter({ sync: false });
    expect(second).not.toBe(epoch);
    expect(await epochAfter({})).toBe(second);
    expect([epoch, second]).not.toContain(await epochAfter({ hasLostData: true }));
  });
});

describe('a store', () => {
  it('knows every channel right, though few are kept in memory', async () => {
    const directory = await temporary();
    const channels = Array.from({ length: 100 }, (_each, i) => `channel-${i}`);
    for (let round = 0; round < 3; round++) {
      const node = await startIn(directory, { maxCachedChannels: 5 });
      await Promise.all(channels.map((channel) => node.engine.subscribe(channel)));
      const publish = (channel: string) =>
        node.engine.publish(channel, publicationOf('x'), { retention: longRetention });
      // All at once, so that each has been forgotten, or is still to be written, when its next one comes.
      await Promise.all([1, 2, 3].flatMap(() => channels.map(publish)));
      for (const channel of channels)
        expect(node.positions(channel).map((position) => position?.previous)).toEqual(
          [0, 1, 2].map((i) => i + round * 3),
        );
      await node.engine.stop();
    }
  });

  it('deletes what is too old, and forgets channels and keys when their time is over', async () => {
    const directory = await temporary();
    let time = 1_700_000_000_000;
    const network = new MemoryNetwork({
      now: () => time,
      store: new DiskStreamStore({ directory }),
      sweepInterval: 3_600_000,
    });
    const node = new TestNode(new LocalEngine('disk', network));
    await node.engine.start(node.id, node);
    onTestFinished(() => node.engine.stop());
    const retention = retentionOf({ size: 1000, ttl: 60_000, positionTtl: 600_000 });
    const publish = (channel: string, data: string) =>
      node.engine.publish(channel, publicationOf(data), { retention, idempotencyKey: `key-${data}` });
    for (let i = 0; i < 500; i++) await publish(`channel-${i % 250}`, `${i}`);
    await node.engine.history('unused', retention);
    time += 30_000;
    await publish('channel-0', 'late');
    time += 30_000;
    expect((await node.engine.history('channel-1', retention)).publications, 'before it is deleted').toEqual([]);
    await network.sweep();
    await node.engine.stop();
    const kept = await keysIn(directory);
    expect(kept.filter((key) => key.startsWith('p!'))).toHaveLength(1);
    expect(kept.filter((key) => key.startsWith('s!'))).toHaveLength(251);
    expect(kept.filter((key) => key.startsWith('k!'))).toHaveLength(501);

    time += 600_000;
    const late = new TestNode(new LocalEngine('disk', network));
    await late.engine.start(late.id, late);
    await network.sweep();
    await late.engine.stop();
    expect(await keysIn(directory)).toEqual(['m!state']);
  });

  it('stays small on the disk, however much goes through it', async () => {
    const directory = await temporary();
    const node = await startIn(directory, { sync: false });
    const retention = retentionOf({ size: 5 });
    const channels = ['a', 'b', 'c', 'd'];
    let written = 0;
    for (let i = 0; i < 500; i++) {
      const data = randomBytes(15_000).toString('base64');
      written += data.length * channels.length;
      await Promise.all(channels.map((channel) => node.engine.publish(channel, publicationOf(data), { retention })));
    }
    expect(written).toBe(40_000_000);
    // What was deleted goes when the store tidies up, which it does by itself.
    await eventually(
      () => bytesIn(directory),
      (bytes) => bytes < written / 2,
    );
  });
});
