import { describe, expect, it } from 'vitest';
import { infoOf, publicationOf, retentionOf, type TestNodes, unique } from './harness.ts';

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
      expect(node.told.map(({ publication }) => JSON.parse(publication.data))).toEqual(['one', 'two', 'three', 'end']);
    });

    it('of one node about one channel come in their order, signals among publications', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.subscribe(channel);
      const retention = retentionOf();
      const wanted: string[] = [];
      for (let i = 0; i < 20; i++) {
        const published = other.engine.publish(channel, publicationOf(`p${i}`), { retention });
        const signalled = other.engine.signal(channel, { type: 'join', info: infoOf(`s${i}`) });
        wanted.push(`published "p${i}"`, `signalled s${i}`);
        if (i % 5 === 0) await Promise.all([published, signalled]);
      }
      await node.untilPublished(channel, 20);
      await node.until('20 signals', () => node.signals.length >= 20);
      expect(node.order).toEqual(wanted);
    });
  });
}
