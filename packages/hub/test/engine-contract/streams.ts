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

    it('stores once what is published several times at once with the same key', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_each, i) =>
          (i % 2 === 0 ? node : other).engine.publish(channel, publicationOf(`${i}`), {
            retention,
            idempotencyKey: 'key',
          }),
        ),
      );
      expect(answers.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
      const [{ position } = { position: undefined }] = answers;
      for (const answer of answers) expect(answer.position).toEqual(position);
      expect((await node.engine.history(channel, retention)).publications).toHaveLength(1);
    });

    it('tells keys of different channels apart', async () => {
      const node = await nodes.start();
      const name = unique();
      const options = { retention: retentionOf(), idempotencyKey: 'ab' };
      for (const channel of [name, `${name}a`])
        for (const key of ['ab', 'b', 'a:b', 'a'])
          expect(
            await node.engine.publish(channel, publicationOf('one'), { ...options, idempotencyKey: key }),
          ).toMatchObject({ isDuplicate: false });
      expect((await node.engine.history(name, options.retention)).publications).toHaveLength(4);
    });

    it('knows the key of a publication that retention has dropped', async () => {
      const node = await nodes.start();
      const channel = unique();
      const retention = retentionOf({ size: 1 });
      const first = await node.engine.publish(channel, publicationOf('one'), { retention, idempotencyKey: 'key' });
      await node.engine.publish(channel, publicationOf('two'), { retention });
      expect(await node.engine.publish(channel, publicationOf('three'), { retention, idempotencyKey: 'key' })).toEqual({
        position: first.position,
        isDuplicate: true,
      });
    });

    it('knows a key for five minutes', async ({ skip }) => {
      if (!nodes.harness.canSkipTime) skip('it would take five minutes');
      const node = await nodes.start();
      const channel = unique();
      for (const options of [{ idempotencyKey: 'key' }, { idempotencyKey: 'key', retention: retentionOf() }]) {
        const publish = async () =>
          (await node.engine.publish(channel + Object.keys(options).length, publicationOf('one'), options)).isDuplicate;
        expect(await publish()).toBe(false);
        await nodes.harness.pass(299_000);
        expect(await publish()).toBe(true);
        await nodes.harness.pass(1000);
        expect(await publish()).toBe(false);
      }
    });

    it('need not be there for a publication to be told, nor for its key to be known', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.subscribe(channel);
      const publish = (data: string, idempotencyKey?: string) =>
        other.engine.publish(channel, publicationOf(data), { idempotencyKey });
      expect(await publish('one', 'key')).toEqual({ position: undefined, isDuplicate: false });
      expect(await publish('two', 'key')).toEqual({ position: undefined, isDuplicate: true });
      expect(await publish('three')).toEqual({ position: undefined, isDuplicate: false });
      await node.untilPublished(channel, 2);
      expect(node.data(channel)).toEqual(['one', 'three']);
      expect(node.positions(channel)).toEqual([undefined, undefined]);
      expect(await node.engine.history(channel, retentionOf())).toMatchObject({
        publications: [],
        position: { offset: 0 },
      });
    });
  });
}
