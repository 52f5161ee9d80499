import { describe, expect, it } from 'vitest';
import {
  eventually,
  infoOf,
  publicationOf,
  retentionOf,
  type TestNode,
} from '../../hub/test/engine-contract/harness.ts';
import { openGate, path, startNode, startReplica, startServer, synchronised } from './support.ts';

const retention = retentionOf({ size: 1000 });
const channel = 'room';

const publish = (node: TestNode, data: string) => node.engine.publish(channel, publicationOf(data), { retention });
const dataOf = async (node: TestNode) =>
  (await node.engine.history(channel, retention)).publications.map(({ publication }) => JSON.parse(publication.data));

async function publishedPosition(node: TestNode, data: string) {
  const { position } = await publish(node, data);
  if (position === undefined) throw new Error('no position');
  return position;
}

describe.skipIf(path === '')('After Redis', () => {
  it('has started again without its data, no position is good, and members are there again', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    await node.engine.subscribe(channel);
    const since = await publishedPosition(node, 'one');
    await node.engine.enter(channel, infoOf('a', 'ada'));
    await server.kill();
    await node.untilTold('interrupted');
    await server.start();
    await node.untilTold('resumed');
    expect(await node.engine.members(channel)).toEqual([{ info: infoOf('a', 'ada'), node: node.id }]);
    const after = await publishedPosition(node, 'two');
    expect(after.epoch).not.toBe(since.epoch);
    const history = await node.engine.history(channel, retention, { since });
    expect(history.isComplete).toBe(false);
    await node.untilPublished(channel, 2);
  });

  it('has started again with its data, nothing acknowledged is missing, and positions are not trusted', async () => {
    const server = await startServer({ args: ['--appendonly', 'yes'] });
    const node = await startNode(server.port);
    let since = await publishedPosition(node, '0');
    for (let i = 1; i < 50; i++) since = await publishedPosition(node, `${i}`);
    await server.kill();
    await node.untilTold('interrupted');
    await server.start();
    await node.untilTold('resumed');
    expect(await dataOf(node)).toEqual(Array.from({ length: 50 }, (_each, i) => `${i}`));
    const { position, isComplete } = await node.engine.history(channel, retention, { since });
    expect(isComplete).toBe(false);
    expect(position.epoch).not.toBe(since.epoch);
    const next = await publishedPosition(node, 'next');
    expect(next).toEqual({ epoch: position.epoch, offset: since.offset + 1 });
  });

  it('was emptied by FLUSHALL, no position is good, and members are there again', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const since = await publishedPosition(node, 'one');
    await node.engine.enter(channel, infoOf('a', 'ada'));
    await server.command('FLUSHALL');
    await publish(node, 'two');
    expect((await node.engine.history(channel, retention, { since })).isComplete).toBe(false);
    await node.untilTold('resumed');
    expect(await node.engine.memberCounts(channel)).toEqual({ clients: 1, users: 1 });
    expect((await node.engine.nodes()).map(({ id }) => id)).toEqual([node.id]);
  });

  it.each([true, false])('was replaced by a replica, no position is good (with lost writes: %s)', async (isLossy) => {
    const master = await startServer({ args: ['--repl-diskless-sync-delay', '0'] });
    const replica = await startReplica(master);
    const gate = await openGate(master);
    const node = await startNode(gate.port);
    const kept = await publishedPosition(node, 'kept');
    await node.engine.enter(channel, infoOf('kept', 'ada'));
    await node.engine.enter(channel, infoOf('gone', 'bob'));
    await synchronised(master);
    if (isLossy) await replica.command('REPLICAOF', 'NO', 'ONE');
    const last = isLossy ? await publishedPosition(node, 'lost') : kept;
    if (isLossy) {
      await node.engine.leave(channel, 'gone');
      await node.engine.enter(channel, infoOf('new', 'eve'));
    } else {
      await replica.command('REPLICAOF', 'NO', 'ONE');
    }
    gate.turn(replica.port);
    await node.untilTold('resumed');
    expect(await dataOf(node)).toEqual(['kept']);
    for (const since of [kept, last])
      expect((await node.engine.history(channel, retention, { since })).isComplete).toBe(false);
    const next = await publishedPosition(node, 'next');
    expect(next.epoch).not.toBe(kept.epoch);
    const members = await node.engine.members(channel);
    expect(members.map(({ info }) => info.client).sort()).toEqual(isLossy ? ['kept', 'new'] : ['gone', 'kept']);
    expect(await node.engine.memberCounts(channel)).toEqual({ clients: 2, users: 2 });
  });

  it('has got another history under a connection that stands, the node says so and no position is good', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const since = await publishedPosition(node, 'one');
    // Nobody is there to be copied; the server is a replica for a moment.
    await server.command('REPLICAOF', '127.0.0.1', '1');
    await server.command('REPLICAOF', 'NO', 'ONE');
    const next = await publishedPosition(node, 'two').catch(() => undefined);
    expect(next?.epoch).not.toBe(since.epoch);
    await node.untilTold('resumed');
    expect((await node.engine.history(channel, retention, { since })).isComplete).toBe(false);
  });

  it('was away for longer than all leases, nobody is declared dead', async () => {
    const server = await startServer({ args: ['--appendonly', 'yes'] });
    const nodes = [await startNode(server.port), await startNode(server.port)];
    for (const node of nodes) await node.engine.enter(channel, infoOf(node.id, node.id));
    await server.kill();
    await Promise.all(nodes.map((node) => node.untilTold('interrupted')));
    await new Promise((resolve) => setTimeout(resolve, 1700));
    await server.start();
    await Promise.all(nodes.map((node) => node.untilTold('resumed')));
    await eventually(
      async () => Promise.all(nodes.map(({ engine }) => engine.memberCounts(channel))),
      (all) => all.every(({ clients }) => clients === 2),
    );
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(nodes.flatMap((node) => node.left)).toEqual([]);
  });
});
