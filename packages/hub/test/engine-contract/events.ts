import { describe, expect, it } from 'vitest';
import { infoOf, publicationOf, retentionOf, type TestNodes, turn, unique } from './harness.ts';

export function describeEvents(nodes: TestNodes): void {
  describe('events', () => {
    it('are told to the nodes that are subscribed, and to no other', async () => {
      const [node, other] = await nodes.pair();
      const [channel, further] = [unique(), unique()];
      await node.engine.subscribe(channel);
      await other.engine.subscribe(further);
      await other.engine.publish(channel, publicationOf('one'));
      await node.engine.publish(further, publicationOf('two'));
      await Promise.all([node.untilPublished(channel, 1), other.untilPublished(further, 1)]);
      expect(node.told).toEqual([{ channel, publication: publicationOf('one'), position: undefined }]);
      expect(other.told).toEqual([{ channel: further, publication: publicationOf('two'), position: undefined }]);
    });

    it('are told once where the channel and several prefixes match', async () => {
      const [node, other] = await nodes.pair();
      const prefix = unique('space');
      await node.engine.subscribePrefix(`${prefix}:`);
      await node.engine.subscribe(`${prefix}:a:b`);
      await node.engine.subscribePrefix(`${prefix}:a:`);
      await other.engine.publish(`${prefix}:a:b`, publicationOf('one'));
      await other.engine.publish(`${prefix}:a:b`, publicationOf('two'), { retention: retentionOf() });
      await other.engine.publish(`${prefix}:c`, publicationOf('three'));
      await other.engine.publish(`${prefix}x:c`, publicationOf('none'));
      await node.untilPublished(`${prefix}:a:b`, 2);
      await node.untilPublished(`${prefix}:c`, 1);
      await other.engine.publish(`${prefix}:end`, publicationOf('end'));
      await node.untilPublished(`${prefix}:end`, 1);
      // Channels have no order among each other.
      expect(node.data(`${prefix}:a:b`)).toEqual(['one', 'two']);
      expect(node.told.map(({ publication }) => JSON.parse(publication.data)).sort()).toEqual(
        ['one', 'two', 'three', 'end'].sort(),
      );
    });

    it('of one node about one channel come in their order, signals among publications', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.subscribe(channel);
      const retention = retentionOf();
      for (let i = 0; i < 20; i++) {
        const published = other.engine.publish(channel, publicationOf(`p${i}`), { retention });
        const signalled = other.engine.signal(channel, { type: 'join', info: infoOf(`s${i}`) });
        if (i % 5 === 0) await Promise.all([published, signalled]);
      }
      await node.untilPublished(channel, 20);
      await node.until('20 signals', () => node.signals.length >= 20);
      const told = (kind: string) => node.order.filter((each) => each.startsWith(kind));
      expect(told('published')).toEqual(Array.from({ length: 20 }, (_, i) => `published "p${i}"`));
      expect(told('signalled')).toEqual(Array.from({ length: 20 }, (_, i) => `signalled s${i}`));
      const early = Array.from({ length: 20 }, (_, i) => i).filter(
        (i) => node.order.indexOf(`signalled s${i}`) < node.order.indexOf(`published "p${i}"`),
      );
      expect(early).toEqual([]);
    });

    it('are told from the moment that subscribing has resolved, whatever was called before', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.subscribe(channel);
      const calls = [node.engine.unsubscribe(channel), node.engine.subscribe(channel)];
      await Promise.all(calls);
      await other.engine.publish(channel, publicationOf('one'), { retention: retentionOf() });
      await node.untilPublished(channel, 1);
      await Promise.all([node.engine.unsubscribe(channel), node.engine.unsubscribe(unique())]);
      await node.engine.subscribe(channel);
      await other.engine.publish(channel, publicationOf('two'), { retention: retentionOf() });
      await node.untilPublished(channel, 2);
      expect(node.data(channel)).toEqual(['one', 'two']);
    });

    it('go on by the other subscription when one ends', async () => {
      const [node, other] = await nodes.pair();
      const prefix = unique();
      const channel = `${prefix}:a`;
      await node.engine.subscribe(channel);
      await node.engine.subscribePrefix(`${prefix}:`);
      await node.engine.unsubscribe(channel);
      await other.engine.publish(channel, publicationOf('by the prefix'));
      await node.untilPublished(channel, 1);
      await node.engine.subscribe(channel);
      await node.engine.unsubscribePrefix(`${prefix}:`);
      await other.engine.publish(channel, publicationOf('by the channel'));
      await node.untilPublished(channel, 2);
      expect(node.data(channel)).toEqual(['by the prefix', 'by the channel']);
    });

    it('of a stream miss nothing between the history at subscribing and what is told', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf({ size: 1000 });
      let isPublishing = true;
      let published = 0;
      const publishing = (async () => {
        while (isPublishing) {
          await other.engine.publish(channel, publicationOf(`${published++}`), { retention });
          await turn();
        }
      })();
      try {
        for (let round = 0; round < 5; round++) {
          await node.engine.subscribe(channel);
          const { position, publications } = await node.engine.history(channel, retention);
          const before = published;
          await node.until('more to be told', () => (node.positions(channel).at(-1)?.offset ?? 0) > position.offset);
          const offsets = new Set(publications.map(({ offset }) => offset));
          for (const told of node.positions(channel))
            if (told !== undefined && told.offset > position.offset) {
              expect(told.previous === 0 || offsets.has(told.previous)).toBe(true);
              offsets.add(told.offset);
            }
          expect(before).toBeGreaterThan(0);
          await node.engine.unsubscribe(channel);
        }
      } finally {
        isPublishing = false;
        await publishing;
      }
    });
  });
}
