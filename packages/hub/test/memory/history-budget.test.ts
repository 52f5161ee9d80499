import { MemoryEngine, MemoryNetwork, MemoryStreamStore } from '@tidewire/hub';
import { expect, it, onTestFinished } from 'vitest';
import { publicationOf, retentionOf, TestNode } from '../engine-contract/harness.ts';

const KiB = 1024;

/** A node whose histories may take so many bytes, and what it was told of those that were dropped. */
async function start(maxHistoryBytes: number) {
  const store = new MemoryStreamStore({ maxHistoryBytes });
  const network = new MemoryNetwork({ store, sweepInterval: 3_600_000 });
  const dropped = { publications: 0, positions: 0 };
  const node = Object.assign(new TestNode(new MemoryEngine({ network })), {
    shortened(publications: number, positions: number) {
      dropped.publications += publications;
      dropped.positions += positions;
    },
  });
  onTestFinished(() => node.engine.stop());
  await node.engine.start(node.id, node);
  const retention = retentionOf({ size: 1000, ttl: 3_600_000, positionTtl: 3_600_000 });
  const publish = (channel: string, characters: number) =>
    node.engine.publish(channel, publicationOf('x'.repeat(characters)), { retention });
  return { node, store, dropped, retention, publish };
}

it('takes no more memory for histories than it may, whatever is published to how many channels', async () => {
  const { store, dropped, publish } = await start(256 * KiB);
  for (let round = 0; round < 5; round++)
    for (let channel = 0; channel < 200; channel++) {
      await publish(`c${channel}`, (channel * 37) % 1000);
      expect(store.bytes).toBeLessThanOrEqual(256 * KiB);
    }
  expect(dropped.publications).toBeGreaterThan(100);
  expect(dropped.positions).toBe(0);
  expect(store.size).toBe(200);
});

it('drops what is oldest where nothing was published for the longest time, and says that it is missing', async () => {
  const { node, retention, publish } = await start(64 * KiB);
  const { position } = await publish('old', 1000);
  await publish('old', 1000);
  for (let count = 0; count < 20; count++) await publish('busy', 1000);
  const since = { since: position };
  expect(await node.engine.history('old', retention, since)).toMatchObject({ isComplete: true });
  for (let count = 0; count < 20; count++) await publish('busy', 1000);
  const old = await node.engine.history('old', retention, since);
  expect(old).toMatchObject({ publications: [], isComplete: false, position: { epoch: position?.epoch, offset: 2 } });
  const busy = await node.engine.history('busy', retention);
  expect(busy.publications.at(-1)?.offset).toBe(40);
  expect(busy.publications.length).toBeGreaterThan(20);
  expect((await publish('old', 1)).position).toEqual({ epoch: position?.epoch, offset: 3 });
});

it('forgets positions when there is nothing else to forget, and none that is subscribed to', async () => {
  const { node, store, dropped, retention, publish } = await start(64 * KiB);
  await node.engine.subscribe('subscribed');
  const { position } = await publish('subscribed', 10);
  for (let channel = 0; channel < 1000; channel++) await publish(`c${channel}`, 10);
  expect(store.bytes).toBeLessThanOrEqual(64 * KiB);
  expect(dropped.positions).toBeGreaterThan(500);
  const subscribed = await node.engine.history('subscribed', retention);
  expect(subscribed.position).toEqual(position);
  const forgotten = await node.engine.history('c0', retention);
  expect(forgotten.position.offset).toBe(0);
});

it('gives back the memory of what retention, removal and the end of a channel take', async () => {
  const { node, store, retention, publish } = await start(256 * KiB);
  const empty = store.bytes;
  await publish('a', 1000);
  const one = store.bytes;
  await publish('a', 1000);
  await node.engine.history('a', { ...retention, size: 1 });
  expect(store.bytes).toBe(one);
  await node.engine.removeHistory('a', retention);
  expect(store.bytes).toBeLessThan(empty + 1000);
});

it('keeps the position of a channel whose publication is larger than all that may be kept', async () => {
  const { node, retention, publish } = await start(16 * KiB);
  await node.engine.subscribe('a');
  const { position } = await publish('a', 100_000);
  expect(node.data('a')).toHaveLength(1);
  expect(await node.engine.history('a', retention, { since: { epoch: position?.epoch ?? '', offset: 0 } })).toEqual({
    position,
    publications: [],
    isComplete: false,
  });
});

it('takes no bound that makes no sense', () => {
  for (const maxHistoryBytes of [0, -1, Number.NaN])
    expect(() => new MemoryEngine({ maxHistoryBytes })).toThrow(/maxHistoryBytes/);
});
