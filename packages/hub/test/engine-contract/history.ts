import type { History, Retention } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { eventually, publicationOf, retentionOf, type TestNode, type TestNodes, turn, unique } from './harness.ts';

export const dataOf = ({ publications }: History): unknown[] =>
  publications.map(({ publication }) => JSON.parse(publication.data));

/** @returns the positions of publications `1` to `count` */
export async function publishAll(node: TestNode, channel: string, retention: Retention, count: number, first = 1) {
  const positions = [];
  for (let i = first; i < first + count; i++) {
    const { position } = await node.engine.publish(channel, publicationOf(`${i}`), { retention });
    if (position === undefined) throw new Error('a publication with a retention has a position');
    positions.push(position);
  }
  return positions;
}

export function describeHistory(nodes: TestNodes): void {
  describe('history', () => {
    it('begins with an epoch that all nodes are given, and that the first publication has', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const answers = await Promise.all(
        [node, other, node, other].map(({ engine }) => engine.history(channel, retention, { limit: 0 })),
      );
      const [{ position } = { position: undefined }] = answers;
      expect(position?.offset).toBe(0);
      for (const answer of answers) expect(answer).toEqual({ position, publications: [], isComplete: true });
      await node.engine.subscribe(channel);
      const published = await other.engine.publish(channel, publicationOf('one'), { retention });
      await node.untilPublished(channel, 1);
      expect(published.position?.epoch).toBe(position?.epoch);
      expect(node.positions(channel)).toEqual([{ ...published.position, previous: 0 }]);
      const missed = await node.engine.history(channel, retention, { since: position });
      expect(dataOf(missed)).toEqual(['one']);
      expect(missed.isComplete).toBe(true);
    });

    it('gives what is after a position, oldest first, and not more than the limit', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const positions = await publishAll(node, channel, retention, 6);
      const all = await other.engine.history(channel, retention);
      expect(dataOf(all)).toEqual(['1', '2', '3', '4', '5', '6']);
      expect(all.publications.map(({ offset }) => offset)).toEqual(positions.map(({ offset }) => offset));
      expect(all).toMatchObject({ position: positions[5], isComplete: true });
      expect(all.publications[0]?.publication).toEqual(publicationOf('1'));
      const some = await other.engine.history(channel, retention, { since: positions[1], limit: 3 });
      expect(dataOf(some)).toEqual(['3', '4', '5']);
      expect(some).toMatchObject({ position: positions[5], isComplete: true });
      expect(dataOf(await other.engine.history(channel, retention, { limit: 2 }))).toEqual(['1', '2']);
      const none = await other.engine.history(channel, retention, { since: positions[5] });
      expect(none).toEqual({ position: positions[5], publications: [], isComplete: true });
    });

    it('gives what is before a position, newest first, if it is reversed', async () => {
      const node = await nodes.start();
      const channel = unique();
      const retention = retentionOf();
      const positions = await publishAll(node, channel, retention, 6);
      const read = (request: object) => node.engine.history(channel, retention, { ...request, isReversed: true });
      expect(dataOf(await read({}))).toEqual(['6', '5', '4', '3', '2', '1']);
      expect(dataOf(await read({ limit: 2 }))).toEqual(['6', '5']);
      const before = await read({ since: positions[3], limit: 2 });
      expect(dataOf(before)).toEqual(['3', '2']);
      expect(before).toMatchObject({ position: positions[5], isComplete: true });
      expect(await read({ since: positions[0] })).toMatchObject({ publications: [], isComplete: true });
    });

    it('gives the position alone at the limit 0, and says whether anything is missing since', async () => {
      const node = await nodes.start();
      const channel = unique();
      const retention = retentionOf({ size: 2 });
      const positions = await publishAll(node, channel, retention, 4);
      const read = (i: number) => node.engine.history(channel, retention, { since: positions[i], limit: 0 });
      expect(await read(3)).toEqual({ position: positions[3], publications: [], isComplete: true });
      expect(await read(1)).toEqual({ position: positions[3], publications: [], isComplete: true });
      expect(await read(0)).toEqual({ position: positions[3], publications: [], isComplete: false });
    });

    it('is not complete since a position of another epoch, or one that was never given', async () => {
      const node = await nodes.start();
      const channel = unique();
      const retention = retentionOf();
      const [position] = await publishAll(node, channel, retention, 1);
      if (position === undefined) throw new Error('no position');
      const since = (changes: object) =>
        node.engine.history(channel, retention, { since: { ...position, ...changes } });
      expect((await since({})).isComplete).toBe(true);
      expect((await since({ epoch: 'another' })).isComplete).toBe(false);
      expect((await since({ offset: position.offset + 1 })).isComplete).toBe(false);
    });

    it('is the same for who asks while others publish', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf({ size: 1000 });
      const [first] = await publishAll(node, channel, retention, 1);
      const publishing = publishAll(other, channel, retention, 40, 2);
      let isPublishing = true;
      const ended = publishing.finally(() => {
        isPublishing = false;
      });
      while (isPublishing) {
        const { publications, position, isComplete } = await node.engine.history(channel, retention, { since: first });
        expect(isComplete).toBe(true);
        expect(publications.at(-1)?.offset ?? first?.offset).toBe(position.offset);
        expect(publications.map(({ publication }) => publication.data)).toEqual(
          publications.map((_each, i) => JSON.stringify(`${i + 2}`)),
        );
        await turn();
      }
      await ended;
    });

    it('is empty after it was removed, and who was behind is told that something is missing', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const positions = await publishAll(node, channel, retention, 3);
      await other.engine.subscribe(channel);
      await other.engine.removeHistory(channel, retention);
      const read = (i: number) => node.engine.history(channel, retention, { since: positions[i] });
      expect(await node.engine.history(channel, retention)).toMatchObject({ publications: [], isComplete: true });
      expect(await read(2)).toEqual({ position: positions[2], publications: [], isComplete: true });
      expect(await read(1)).toEqual({ position: positions[2], publications: [], isComplete: false });
      const [next] = await publishAll(node, channel, retention, 1, 4);
      await other.untilPublished(channel, 1);
      expect(other.positions(channel)).toEqual([{ ...next, previous: positions[2]?.offset }]);
      expect(await read(2)).toMatchObject({ position: next, isComplete: true });
      expect(dataOf(await read(2))).toEqual(['4']);
      expect((await read(1)).isComplete).toBe(false);
      await node.engine.removeHistory(unique(), retention);
    });

    it('outlives the node that has published it', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const positions = await publishAll(node, channel, retention, 2);
      await node.engine.stop();
      const late = await nodes.start();
      for (const each of [other, late]) {
        const history = await each.engine.history(channel, retention, { since: positions[0] });
        expect(dataOf(history)).toEqual(['2']);
        expect(history).toMatchObject({ position: positions[1], isComplete: true });
      }
    });
  });

  describe('retention', () => {
    it('keeps the newest publications, and no more than its size', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf({ size: 3 });
      const positions = await publishAll(node, channel, retention, 7);
      const read = (i: number) => other.engine.history(channel, retention, { since: positions[i] });
      expect(dataOf(await other.engine.history(channel, retention))).toEqual(['5', '6', '7']);
      expect(await read(3)).toMatchObject({ isComplete: true });
      expect(dataOf(await read(3))).toEqual(['5', '6', '7']);
      expect((await read(2)).isComplete).toBe(false);
      const reversed = { since: positions[4], isReversed: true };
      expect(await other.engine.history(channel, retention, reversed)).toMatchObject({
        publications: [],
        isComplete: false,
      });
    });

    it('drops what is older than its time, and keeps the position', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf({ name: 'brief', ttl: 1500 });
      const positions = await publishAll(node, channel, retention, 3);
      await node.engine.subscribe(channel);
      await nodes.harness.pass(1500);
      const read = (i: number) => other.engine.history(channel, retention, { since: positions[i] });
      await eventually(
        () => other.engine.history(channel, retention),
        ({ publications }) => publications.length === 0,
      );
      expect(await read(2)).toEqual({ position: positions[2], publications: [], isComplete: true });
      expect(await read(1)).toEqual({ position: positions[2], publications: [], isComplete: false });
      const [next] = await publishAll(other, channel, retention, 1, 4);
      await node.untilPublished(channel, 1);
      expect(node.positions(channel)).toEqual([{ ...next, previous: positions[2]?.offset }]);
      expect(next?.epoch).toBe(positions[2]?.epoch);
      expect(dataOf(await read(2))).toEqual(['4']);
    });

    it('never gives an offset again in an epoch, even when the position was kept long enough', async () => {
      const node = await nodes.start();
      const channel = unique();
      const retention = retentionOf({ name: 'briefest', ttl: 1000, positionTtl: 2000 });
      const positions = await publishAll(node, channel, retention, 3);
      await nodes.harness.pass(2500);
      const [next] = await publishAll(node, channel, retention, 1);
      if (next?.epoch === positions[2]?.epoch) expect(next?.offset).toBeGreaterThan(positions[2]?.offset ?? 0);
      const { isComplete } = await node.engine.history(channel, retention, { since: positions[1] });
      expect(isComplete).toBe(false);
    });
  });
}
