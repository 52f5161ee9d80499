import { describe, expect, it } from 'vitest';
import { eventually, infoOf, type TestNode, type TestNodes, unique } from './harness.ts';

const countTrue = (answers: readonly boolean[]) => answers.filter((answer) => answer).length;

export function describeMembers(nodes: TestNodes): void {
  describe('members', () => {
    it('are listed with the node that has entered them, on every node', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const info = { client: 'a', user: 'ada', connectionInfo: '{"name":"Ada \\" \\\\ é"}', channelInfo: '[1]' };
      await node.engine.enter(channel, info);
      await other.engine.enter(channel, infoOf('b', 'ada'));
      for (const each of [node, other]) {
        const members = await each.engine.members(channel);
        expect([...members].sort((a, b) => (a.info.client < b.info.client ? -1 : 1))).toEqual([
          { info, node: node.id },
          { info: infoOf('b', 'ada'), node: other.id },
        ]);
        expect(await each.engine.memberCounts(channel)).toEqual({ clients: 2, users: 1 });
      }
      expect(await node.engine.members(unique())).toEqual([]);
      expect(await node.engine.memberCounts(unique())).toEqual({ clients: 0, users: 0 });
    });

    it('have one first and one last, and one of each user, of all that come and go at once', async () => {
      const all = [await nodes.start(), await nodes.start(), await nodes.start()];
      const channel = unique();
      const clients = all.flatMap(({ engine }, n) =>
        Array.from({ length: 20 }, (_each, i) => ({ engine, client: `${n}-${i}`, user: `user-${i % 2}` })),
      );
      const entered = await Promise.all(
        clients.map(({ engine, client, user }) => engine.enter(channel, infoOf(client, user))),
      );
      expect(countTrue(entered.map(({ isFirst }) => isFirst))).toBe(1);
      expect(countTrue(entered.map(({ isFirstOfUser }) => isFirstOfUser))).toBe(2);
      const left = await Promise.all(clients.map(({ engine, client }) => engine.leave(channel, client)));
      expect(countTrue(left.map(({ isLast }) => isLast))).toBe(1);
      expect(countTrue(left.map(({ isLastOfUser }) => isLastOfUser))).toBe(2);
      expect(left.map(({ member }) => member?.info.client)).toEqual(clients.map(({ client }) => client));
      expect(await all[0]?.engine.memberCounts(channel)).toEqual({ clients: 0, users: 0 });
    });

    it('are neither first nor last when they enter again, and are known as they are now', async () => {
      const node = await nodes.start();
      const channel = unique();
      expect(await node.engine.enter(channel, infoOf('a', 'ada'))).toEqual({ isFirst: true, isFirstOfUser: true });
      const info = { ...infoOf('a', 'ada'), channelInfo: '"busy"' };
      expect(await node.engine.enter(channel, info)).toEqual({ isFirst: false, isFirstOfUser: false });
      expect(await node.engine.members(channel)).toEqual([{ info, node: node.id }]);
      expect(await node.engine.leave(channel, 'a')).toEqual({
        member: { info, node: node.id },
        isLast: true,
        isLastOfUser: true,
      });
      expect(await node.engine.leave(channel, 'a')).toEqual({ member: undefined, isLast: false, isLastOfUser: false });
    });

    it('of a node that has crashed are taken out when its lease is over, and one living node is told, once', async () => {
      const [node, other] = await nodes.pair();
      const third = await nodes.start();
      const channel = unique();
      await node.engine.enter(channel, infoOf('a', 'ada'));
      await node.engine.enter(channel, infoOf('b', 'bob'));
      await other.engine.enter(channel, infoOf('c', 'bob'));
      await nodes.crash(node);
      await nodes.harness.pass(nodes.harness.lease + 1);
      await eventually(
        () => other.engine.memberCounts(channel),
        ({ clients }) => clients === 1,
      );
      const told = () => [...other.expiredIn(channel), ...third.expiredIn(channel)];
      await eventually(
        async () => told(),
        ({ length }) => length >= 2,
      );
      const byClient = new Map(told().map((left) => [left.member?.info.client, left]));
      expect(byClient.get('a')).toEqual({
        member: { info: infoOf('a', 'ada'), node: node.id },
        isLast: false,
        isLastOfUser: true,
      });
      expect(byClient.get('b')).toMatchObject({ isLast: false, isLastOfUser: false });
      await nodes.harness.pass(nodes.harness.lease + 1);
      expect(told()).toHaveLength(2);
      expect(await third.engine.members(channel)).toEqual([{ info: infoOf('c', 'bob'), node: other.id }]);
    });

    it('are counted right after many have come and gone at once on several nodes', async () => {
      const all = [await nodes.start(), await nodes.start(), await nodes.start()];
      const channel = unique();
      const sum = { first: 0, last: 0, firstOfUser: 0, lastOfUser: 0 };
      const comeAndGo = async ({ engine, id }: TestNode, i: number) => {
        for (let round = 0; round < 5; round++) {
          const { isFirst, isFirstOfUser } = await engine.enter(channel, infoOf(`${id}-${i}`, 'ada'));
          const { isLast, isLastOfUser } = await engine.leave(channel, `${id}-${i}`);
          sum.first += Number(isFirst);
          sum.last += Number(isLast);
          sum.firstOfUser += Number(isFirstOfUser);
          sum.lastOfUser += Number(isLastOfUser);
        }
      };
      await Promise.all(all.flatMap((node) => [0, 1, 2, 3].map((i) => comeAndGo(node, i))));
      expect(sum.first).toBeGreaterThan(0);
      expect(sum.last).toBe(sum.first);
      expect(sum.firstOfUser).toBeGreaterThan(0);
      expect(sum.lastOfUser).toBe(sum.firstOfUser);
      expect(await all[0]?.engine.memberCounts(channel)).toEqual({ clients: 0, users: 0 });
    });

    it('stay as long as their node lives', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.enter(channel, infoOf('a'));
      await nodes.harness.pass(nodes.harness.lease * 2);
      expect(await other.engine.members(channel)).toEqual([{ info: infoOf('a'), node: node.id }]);
      expect([...other.left, ...node.left]).toEqual([]);
    });

    it('of a node that stops are taken out at once', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      await node.engine.enter(channel, infoOf('a'));
      await other.engine.enter(channel, infoOf('b'));
      await node.engine.stop();
      expect(await other.engine.members(channel)).toEqual([{ info: infoOf('b'), node: other.id }]);
      expect(await other.engine.leave(channel, 'b')).toMatchObject({ isLast: true, isLastOfUser: true });
    });
  });
}
