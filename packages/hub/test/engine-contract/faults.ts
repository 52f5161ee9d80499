import { describe, expect, it } from 'vitest';
import {
  eventually,
  infoOf,
  publicationOf,
  retentionOf,
  type TestNode,
  type TestNodes,
  turn,
  unique,
} from './harness.ts';
import { publishAll } from './history.ts';

/** What a hub does: it takes what is told, and asks for what is missing before it. @returns all data, in order */
async function everything(node: TestNode, channel: string, retention = retentionOf()): Promise<unknown[]> {
  const kept = await node.engine.history(channel, retention);
  const data = new Map<number, unknown>();
  const previous = new Map<number, number>();
  let before = 0;
  for (const { offset, publication } of kept.publications) {
    data.set(offset, JSON.parse(publication.data));
    previous.set(offset, before);
    before = offset;
  }
  let last = 0;
  for (const { position, publication } of node.told.filter((each) => each.channel === channel)) {
    if (position === undefined) throw new Error('told without a position');
    expect(position.offset).toBeGreaterThan(last);
    expect(position.epoch).toBe(kept.position.epoch);
    expect(position.previous).toBe(previous.get(position.offset));
    expect(data.get(position.offset)).toBe(JSON.parse(publication.data));
    last = position.offset;
  }
  return [...data.values()];
}

export function describeFaults(nodes: TestNodes): void {
  describe('an engine that is cut off', () => {
    it('says so, rejects meanwhile, and stands by its subscriptions afterwards', async () => {
      const [node, other] = await nodes.pair();
      const prefix = unique();
      const channel = unique();
      const retention = retentionOf();
      await node.engine.subscribe(channel);
      await node.engine.subscribePrefix(`${prefix}:`);
      await publishAll(other, channel, retention, 2);
      await node.untilPublished(channel, 2);
      await nodes.harness.interrupt(node);
      const rejected = node.engine.publish(channel, publicationOf('lost')).catch((error) => error);
      await publishAll(other, channel, retention, 3, 3);
      await node.untilTold('interrupted');
      for (const call of [
        () => node.engine.history(channel, retention),
        () => node.engine.publish(channel, publicationOf('never'), { retention, idempotencyKey: 'key' }),
        () => node.engine.enter(channel, infoOf('a')),
        () => node.engine.members(channel),
      ])
        await expect(call(), String(call)).rejects.toMatchObject({ name: 'EngineError', code: 'UNAVAILABLE' });
      await rejected;
      expect(node.order).not.toContain('resumed');
      await nodes.harness.mend(node);
      await node.untilTold('resumed');
      await publishAll(other, channel, retention, 2, 6);
      await other.engine.publish(`${prefix}:a`, publicationOf('one'));
      await node.until('the last', () => node.data(channel).includes('7'));
      await node.untilPublished(`${prefix}:a`, 1);
      const all = (await everything(node, channel)).filter((data) => data !== 'never');
      expect(all).toEqual(['1', '2', '3', '4', '5', '6', '7']);
      expect(node.data(channel)).toEqual(expect.arrayContaining(['1', '2', '6', '7']));
    });

    it('loses nothing while others publish all the time', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf({ size: 100_000 });
      await node.engine.subscribe(channel);
      let isPublishing = true;
      let published = 0;
      const publishing = (async () => {
        while (isPublishing) {
          await other.engine.publish(channel, publicationOf(`${++published}`), { retention });
          await turn();
        }
      })();
      try {
        for (let round = 1; round <= 3; round++) {
          await node.until('something', () => node.told.length > 0);
          await nodes.harness.interrupt(node);
          await node.untilTold('interrupted', round);
          await nodes.harness.mend(node);
          await node.untilTold('resumed', round);
          const known = node.told.length;
          await node.until('more', () => node.told.length > known);
        }
      } finally {
        isPublishing = false;
        await publishing;
      }
      const last = `${published}`;
      await node.until('the last', () => node.data(channel).at(-1) === last);
      expect(await everything(node, channel, retention)).toEqual(
        Array.from({ length: published }, (_each, i) => `${i + 1}`),
      );
    });

    it('stores once what is published again with its key', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const options = { retention: retentionOf(), idempotencyKey: 'key' };
      await other.engine.subscribe(channel);
      const first = node.engine.publish(channel, publicationOf('one'), options).catch(() => undefined);
      await nodes.harness.interrupt(node);
      await node.untilTold('interrupted');
      await first;
      await nodes.harness.mend(node);
      await node.untilTold('resumed');
      await node.engine.publish(channel, publicationOf('one'), options);
      await node.engine.publish(channel, publicationOf('two'), { retention: options.retention });
      await other.untilPublished(channel, 2);
      expect(other.data(channel)).toEqual(['one', 'two']);
      expect(await everything(node, channel)).toEqual(['one', 'two']);
    });

    it('enters its members again when its lease has run out meanwhile', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.enter(channel, infoOf('a', 'ada'));
      await node.engine.enter(channel, infoOf('b', 'bob'));
      await node.engine.leave(channel, 'b');
      await other.engine.enter(channel, infoOf('c', 'ada'));
      await nodes.harness.interrupt(node);
      await nodes.harness.pass(nodes.harness.lease + 1);
      await eventually(
        () => other.engine.memberCounts(channel),
        ({ clients }) => clients === 1,
      );
      await other.untilTold('expired');
      expect(other.expiredIn(channel)).toEqual([
        { member: { info: infoOf('a', 'ada'), node: node.id }, isLast: false, isLastOfUser: false },
      ]);
      await nodes.harness.mend(node);
      await node.untilTold('resumed');
      const members = await eventually(
        () => other.engine.members(channel),
        ({ length }) => length === 2,
      );
      expect(members).toContainEqual({ info: infoOf('a', 'ada'), node: node.id });
      expect((await other.engine.nodes()).map(({ id }) => id)).toContain(node.id);
    });

    it('can stop', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.enter(channel, infoOf('a'));
      await nodes.harness.interrupt(node);
      await node.engine.stop();
      await nodes.harness.mend(node);
      await nodes.harness.pass(nodes.harness.lease + 1);
      await eventually(
        () => other.engine.memberCounts(channel),
        ({ clients }) => clients === 0,
      );
    });
  });
}
