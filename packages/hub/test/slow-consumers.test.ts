import type { HubObserver, NamespaceOptions } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { settled, startHub, subscribe, type Visit, visit } from './support/visiting.ts';

const PIECE = 'x'.repeat(10_000);

/** A hub with a subscriber of `a:1` and `b:1` that does not read, and all that the hub has counted. */
async function stall(a: NamespaceOptions, b: NamespaceOptions = {}, queueSize?: number) {
  const counts: Record<string, number> = { queued: 0, dropped: 0, conflated: 0, disconnected: 0 };
  const observer: HubObserver = {
    slowConsumer: (_namespace, action, count) => {
      counts[action] = (counts[action] ?? 0) + count;
    },
  };
  const open = { subscribe: 'everyone' } as const;
  const hub = await startHub({
    namespaces: { a: { ...open, ...a }, b: { ...open, ...b } },
    observer,
    ...(queueSize !== undefined && { limits: { queueSize } }),
  });
  const slow = await visit(hub, 'slow');
  await subscribe(slow, 'a:1');
  await subscribe(slow, 'b:1');
  slow.outlet.isStuck = true;
  // What the outlet takes before a queue begins.
  await hub.publish('a:1', 'x'.repeat(300_000));
  await settled();
  slow.outlet.pushes.length = 0;
  return { hub, slow, counts };
}

function read({ outlet }: Visit): void {
  outlet.isStuck = false;
  outlet.drain();
}

describe('a subscriber that does not keep up', () => {
  it('gets everything in order once it reads, before what is published then', async () => {
    const { hub, slow, counts } = await stall({});
    for (const n of [1, 2, 3]) {
      await hub.publish('a:1', n);
      await hub.publish('b:1', n * 10);
    }
    await hub.send('slow', 'word');
    await settled();
    expect(slow.outlet.pushes).toEqual([]);
    await hub.publish('a:1', 4);
    read(slow);
    await hub.publish('a:1', 5);
    await settled();
    expect(slow.outlet.received('a:1')).toEqual([1, 2, 3, 4, 5]);
    expect(slow.outlet.received('b:1')).toEqual([10, 20, 30]);
    expect(slow.outlet.pushes.map(({ type }) => type).indexOf('message')).toBe(6);
    expect(counts).toMatchObject({ dropped: 0, conflated: 0, disconnected: 0 });
  });

  it('goes on waiting when it reads a little', async () => {
    const { hub, slow } = await stall({});
    for (let n = 0; n < 60; n++) await hub.publish('a:1', PIECE + n);
    await settled();
    slow.outlet.drain();
    const some = slow.outlet.received('a:1').length;
    expect(some).toBeGreaterThan(10);
    expect(some).toBeLessThan(60);
    read(slow);
    expect(slow.outlet.received('a:1')).toEqual(Array.from({ length: 60 }, (_, n) => PIECE + n));
  });

  it('is sent away when more waits than its namespace allows', async () => {
    const { hub, slow, counts } = await stall({ slowConsumer: 'disconnect', maxQueueSize: 50_000 });
    for (let n = 0; n < 6; n++) await hub.publish('a:1', PIECE);
    await settled();
    expect(slow.outlet.disconnect).toMatchObject({ code: 3008 });
    expect(counts).toMatchObject({ disconnected: expect.any(Number), dropped: 0 });
    expect(hub.connectionCount).toBe(0);
  });

  it('loses the oldest of a namespace that drops them, and nothing of another', async () => {
    const { hub, slow, counts } = await stall({ slowConsumer: 'drop-oldest', maxQueueSize: 35_000 });
    for (let n = 0; n < 6; n++) {
      await hub.publish('a:1', PIECE + n);
      await hub.publish('b:1', n);
    }
    await settled();
    read(slow);
    expect(slow.outlet.received('a:1')).toEqual([3, 4, 5].map((n) => PIECE + n));
    expect(slow.outlet.received('b:1')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(counts.dropped).toBe(3);
  });

  it('gets the newest of each key in a namespace that conflates, in the order of those', async () => {
    const { hub, slow, counts } = await stall({ slowConsumer: 'conflate' });
    await subscribe(slow, 'a:2');
    for (const [n, key] of ['x', 'y', 'x', undefined, 'x', undefined].entries()) {
      await hub.publish('a:1', n, { ...(key !== undefined && { key }) });
    }
    await hub.publish('a:2', 0, { key: 'x' });
    await settled();
    read(slow);
    expect(slow.outlet.received('a:1')).toEqual([1, 4, 5]);
    expect(slow.outlet.received('a:2')).toEqual([0]);
    expect(counts.conflated).toBe(3);
  });

  it.each(['drop-oldest', 'conflate'] as const)('is bounded in all, with the policy %s too', async (slowConsumer) => {
    const { hub, slow } = await stall({ slowConsumer, maxQueueSize: 10_000_000 }, {}, 100_000);
    for (let n = 0; n < 20; n++) await hub.publish('a:1', PIECE, { key: `${n}` });
    await settled();
    expect(slow.outlet.disconnect).toMatchObject({ code: 3008 });
  });

  it('gets nothing of a channel that it has left, and learns in order that it was unsubscribed', async () => {
    const { hub, slow } = await stall({});
    await hub.publish('a:1', 1);
    await hub.publish('b:1', 2);
    await settled();
    await slow.client.unsubscribe('a:1');
    await hub.unsubscribe('slow', 'b:1');
    await settled();
    read(slow);
    expect(slow.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'b:1', unsubscribe: { code: 2000 } }]);
  });

  it('that comes again learns nothing of the end of the subscription that it had before', async () => {
    const { hub, slow } = await stall({});
    await hub.unsubscribe('slow', 'a:1');
    await settled();
    await slow.client.unsubscribe('a:1');
    await subscribe(slow, 'a:1');
    await hub.publish('a:1', 1);
    await settled();
    read(slow);
    expect(slow.outlet.pushes).toMatchObject([{ type: 'publication', channel: 'a:1' }]);
  });

  it('holds up nobody else', async () => {
    const { hub } = await stall({});
    const quick = await visit(hub);
    await subscribe(quick, 'a:1');
    for (let n = 0; n < 3; n++) await hub.publish('a:1', n);
    await settled();
    expect(quick.outlet.received('a:1')).toEqual([0, 1, 2]);
  });
});
