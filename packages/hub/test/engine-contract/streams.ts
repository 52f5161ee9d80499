import { describe, expect, it } from 'vitest';
import { publicationOf, retentionOf, type TestNodes, unique } from './harness.ts';

export function describeStreams(nodes: TestNodes): void {
  describe('a stream', () => {
    it('is seen in the same order by all nodes, whoever publishes', async () => {
      const all = [await nodes.start(), await nodes.start(), await nodes.start()];
      const channel = unique();
      const retention = retentionOf({ size: 1000 });
      await Promise.all(all.map(({ engine }) => engine.subscribe(channel)));
      const wanted = all.flatMap((_node, i) => Array.from({ length: 50 }, (_each, k) => `${i}-${k}`));
      await Promise.all(
        all.map((node, i) =>
          Promise.all(
            Array.from({ length: 50 }, (_each, k) =>
              node.engine.publish(channel, publicationOf(`${i}-${k}`), { retention }),
            ),
          ),
        ),
      );
      await Promise.all(all.map((node) => node.untilPublished(channel, wanted.length)));
      const [first] = all;
      const { publications } = (await all[1]?.engine.history(channel, retention)) ?? { publications: [] };
      const kept = publications.map(({ publication }) => JSON.parse(publication.data));
      expect([...kept].sort()).toEqual([...wanted].sort());
      for (const node of all) {
        expect(node.data(channel)).toEqual(kept);
        expect(node.positions(channel)).toEqual(first?.positions(channel));
      }
      expect(first?.positions(channel).map((position) => position?.offset)).toEqual(
        publications.map(({ offset }) => offset),
      );
    });

    it('gives growing offsets, each of which names the one before it', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      await node.engine.subscribe(channel);
      for (let i = 0; i < 10; i++)
        await (i % 2 === 0 ? node : other).engine.publish(channel, publicationOf(`${i}`), { retention });
      await node.untilPublished(channel, 10);
      let previous = 0;
      for (const position of node.positions(channel)) {
        expect(position?.previous).toBe(previous);
        expect(position?.offset).toBeGreaterThan(previous);
        previous = position?.offset ?? 0;
      }
    });

    it('answers a publisher with the position that subscribers are told', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await other.engine.subscribe(channel);
      const { position, isDuplicate } = await node.engine.publish(channel, publicationOf('one'), {
        retention: retentionOf(),
      });
      await other.untilPublished(channel, 1);
      expect(isDuplicate).toBe(false);
      expect(other.positions(channel)).toEqual([{ ...position, previous: 0 }]);
    });

    it('stores a publication with the same idempotency key once, and tells it once', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const options = { retention, idempotencyKey: 'a key: "*" > é' };
      await other.engine.subscribe(channel);
      const first = await node.engine.publish(channel, publicationOf('one'), options);
      const again = await other.engine.publish(channel, publicationOf('two'), options);
      expect(again).toEqual({ position: first.position, isDuplicate: true });
      await node.engine.publish(channel, publicationOf('three'), { retention });
      await other.untilPublished(channel, 2);
      expect(other.data(channel)).toEqual(['one', 'three']);
      expect((await node.engine.history(channel, retention)).publications).toHaveLength(2);
    });
  });
}
