import { describe, expect, it } from 'vitest';
import { eventually, infoOf, publicationOf, retentionOf, TestNode, type TestNodes, unique } from './harness.ts';

export function describeNodes(nodes: TestNodes): void {
  const idsSeenBy = async (node: TestNode) => (await node.engine.nodes()).map(({ id }) => id);

  describe('nodes', () => {
    it('are all listed, with what they say of themselves', async () => {
      const [node, other] = await nodes.pair();
      node.state = '{"clients":1,"name":"é \\""}';
      await nodes.harness.pass(nodes.harness.lease / 3);
      const list = await eventually(
        () => other.engine.nodes(),
        (each) => each.some(({ id, state }) => id === node.id && state === node.state),
      );
      expect(list.find(({ id }) => id === other.id)?.state).toBe('{}');
      expect(await idsSeenBy(node)).toEqual(expect.arrayContaining([node.id, other.id]));
    });

    it('know of each other as soon as they have started', async () => {
      const [node, other] = await nodes.pair();
      expect(await idsSeenBy(node)).toContain(other.id);
      expect(await idsSeenBy(other)).toContain(node.id);
    });

    it('disappear at once when they stop, and within their lease when they crash', async () => {
      const [node, other] = await nodes.pair();
      const third = await nodes.start();
      await node.engine.stop();
      expect(await idsSeenBy(third)).not.toContain(node.id);
      await nodes.crash(other);
      await nodes.harness.pass(nodes.harness.lease + 1);
      await eventually(
        () => idsSeenBy(third),
        (ids) => !ids.includes(other.id),
      );
      expect(await idsSeenBy(third)).toContain(third.id);
    });
  });

  describe('a request', () => {
    it('is answered by the node that is asked, which may be the one that asks', async () => {
      const [node, other] = await nodes.pair();
      node.answer = async (payload) => `node ${payload}`;
      other.answer = async (payload) => `other ${payload}`;
      const payload = '{"é":"\\n"}\n\u0000 🙂';
      expect(await node.engine.request(other.id, payload, 10_000)).toBe(`other ${payload}`);
      expect(await node.engine.request(node.id, '', 10_000)).toBe('node ');
      const many = Array.from({ length: 100 }, (_each, i) => other.engine.request(node.id, `${i}`, 10_000));
      expect(await Promise.all(many)).toEqual(many.map((_each, i) => `node ${i}`));
    });

    it('fails with what the node that is asked throws', async () => {
      const [node, other] = await nodes.pair();
      other.answer = async () => {
        throw new Error('not "today" é');
      };
      const failure = { name: 'EngineError', code: 'REQUEST_FAILED', message: 'not "today" é' };
      await expect(node.engine.request(other.id, '', 10_000)).rejects.toMatchObject(failure);
    });

    it('fails when there is no such node, or one that does not answer in time', async () => {
      const [node, other] = await nodes.pair();
      await expect(node.engine.request(unique('node'), '', 10_000)).rejects.toMatchObject({ code: 'NODE_GONE' });
      other.answer = () => new Promise(() => {});
      await expect(node.engine.request(other.id, '', 300)).rejects.toMatchObject({
        name: 'EngineError',
        code: 'REQUEST_TIMEOUT',
      });
      await other.engine.stop();
      await expect(node.engine.request(other.id, '', 10_000)).rejects.toMatchObject({ code: 'NODE_GONE' });
    });

    it('fails when the node that is asked has crashed', async () => {
      const [node, other] = await nodes.pair();
      await nodes.crash(other);
      const { code } = await node.engine.request(other.id, '', 500).catch((error) => error);
      expect(['NODE_GONE', 'REQUEST_TIMEOUT']).toContain(code);
    });
  });

  describe('an engine that has stopped', () => {
    it('does nothing any more', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      await node.engine.subscribe(channel);
      await node.engine.stop();
      await node.engine.stop();
      const { engine } = node;
      for (const call of [
        () => engine.publish(channel, publicationOf('one')),
        () => engine.publish(channel, publicationOf('one'), { retention }),
        () => engine.signal(channel, { type: 'order', order: '1' }),
        () => engine.subscribe(channel),
        () => engine.unsubscribe(channel),
        () => engine.subscribePrefix('a:'),
        () => engine.unsubscribePrefix('a:'),
        () => engine.history(channel, retention),
        () => engine.removeHistory(channel, retention),
        () => engine.enter(channel, infoOf('a')),
        () => engine.leave(channel, 'a'),
        () => engine.members(channel),
        () => engine.memberCounts(channel),
        () => engine.nodes(),
        () => engine.request(other.id, '', 1000),
      ])
        await expect(call(), String(call)).rejects.toMatchObject({ name: 'EngineError', code: 'STOPPED' });
      await other.engine.publish(channel, publicationOf('two'), { retention });
      expect(node.told).toEqual([]);
      expect((await other.engine.history(channel, retention)).publications).toHaveLength(1);
    });

    it('leaves no request behind that never ends', async () => {
      const [node, other] = await nodes.pair();
      other.answer = () => new Promise(() => {});
      const asking = node.engine.request(other.id, '', 15_000);
      const rejected = expect(asking).rejects.toMatchObject({ name: 'EngineError' });
      await node.engine.stop();
      await rejected;
    });

    it('may stop while it starts, and before', async () => {
      const never = nodes.harness.engine();
      await never.stop();
      const hasty = new TestNode(nodes.harness.engine());
      const starting = hasty.engine.start(hasty.id, hasty).catch(() => {});
      await hasty.engine.stop();
      await starting;
      const witness = await nodes.start();
      expect(await idsSeenBy(witness)).not.toContain(hasty.id);
    });
  });
}
