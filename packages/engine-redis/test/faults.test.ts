import { describe, expect, it } from 'vitest';
import { infoOf, publicationOf, retentionOf } from '../../hub/test/engine-contract/harness.ts';
import { openGate, path, startNode, startServer } from './support.ts';

const retention = retentionOf({ size: 100_000 });
const channel = 'room';

describe.skipIf(path === '')('An engine over Redis', () => {
  it('keeps all that it has acknowledged, and says so, when its connections are killed while it publishes', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const other = await startNode(server.port);
    await other.engine.subscribe(channel);
    const acknowledged: string[] = [];
    for (let round = 1; round <= 5; round++) {
      const publishing = Array.from({ length: 200 }, (_each, i) =>
        node.engine.publish(channel, publicationOf(`${round}-${i}`), { retention }).then(
          () => acknowledged.push(`${round}-${i}`),
          (error) => expect(error).toMatchObject({ name: 'EngineError', code: 'UNAVAILABLE' }),
        ),
      );
      await publishing[20 * round];
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await Promise.all(publishing);
      await Promise.all([node, other].map((each) => each.untilTold('resumed', round)));
    }
    const { publications } = await node.engine.history(channel, retention);
    const kept = new Set(publications.map(({ publication }) => JSON.parse(publication.data)));
    expect(acknowledged.filter((data) => !kept.has(data))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(new Set(publications.map(({ offset }) => offset)).size).toBe(publications.length);
    expect(other.order.filter((event) => event === 'interrupted').length).toBeGreaterThanOrEqual(5);
  });

  it('rejects in time while Redis stands still, then goes on with all subscriptions', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const other = await startNode(server.port);
    await node.engine.subscribe(channel);
    server.signal('SIGSTOP');
    const start = performance.now();
    await expect(node.engine.publish(channel, publicationOf('one'), { retention })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(performance.now() - start).toBeLessThan(10_000);
    await expect(node.engine.subscribe('further')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await other.untilTold('interrupted');
    server.signal('SIGCONT');
    await Promise.all([node.untilTold('resumed'), other.untilTold('resumed')]);
    await other.engine.publish(channel, publicationOf('two'), { retention });
    await node.until('two', () => node.data(channel).includes('two'));
  });

  it('bears a server that is slow, but not too slow', async () => {
    const server = await startServer();
    const node = await startNode(server.port, { timeout: 5000, lease: 10_000 });
    await node.engine.subscribe(channel);
    const pausing = server.command('CLIENT', 'PAUSE', '700', 'ALL');
    const sleeping = server.command('DEBUG', 'SLEEP', '0.7');
    await node.engine.publish(channel, publicationOf('one'), { retention });
    await Promise.all([pausing, sleeping]);
    await node.untilPublished(channel, 1);
    expect(node.order).toEqual(['published "one"']);
  });

  it('notices that events do not come through though the connection stands', async () => {
    const server = await startServer();
    const gate = await openGate(server);
    const node = await startNode(gate.port);
    await node.engine.subscribe(channel);
    // The only connection with subscriptions is the one for events.
    gate.hold((bytes) => bytes.includes('subscribe'));
    await node.untilTold('interrupted');
    await node.untilTold('resumed');
    await node.engine.publish(channel, publicationOf('one'));
    await node.untilPublished(channel, 1);
  });

  it('goes on when the server has forgotten its scripts', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    await node.engine.publish(channel, publicationOf('one'), { retention });
    await server.command('SCRIPT', 'FLUSH');
    const all = ['two', 'three', 'four'];
    await Promise.all(all.map((data) => node.engine.publish(channel, publicationOf(data), { retention })));
    const { publications } = await node.engine.history(channel, retention);
    expect(publications.map(({ publication }) => JSON.parse(publication.data))).toEqual(['one', ...all]);
  });

  it('takes only so many commands that wait', async () => {
    const server = await startServer();
    const node = await startNode(server.port, { maxPending: 100 });
    const results = await Promise.allSettled(
      Array.from({ length: 500 }, (_each, i) => node.engine.publish(channel, publicationOf(`${i}`))),
    );
    const failed = results.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThanOrEqual(300);
    expect(failed.length).toBeLessThan(500);
    expect(failed[0]).toMatchObject({ reason: { name: 'EngineError', code: 'UNAVAILABLE' } });
    await node.engine.publish(channel, publicationOf('after'));
    expect(node.order).toEqual([]);
  });

  it('does not keep a member whose leaving was not heard', async () => {
    const server = await startServer();
    const gate = await openGate(server);
    const [node, other] = [await startNode(gate.port), await startNode(server.port)];
    await node.engine.enter(channel, infoOf('a', 'ada'));
    await node.engine.enter(channel, infoOf('b', 'bob'));
    gate.cut();
    await node.untilTold('interrupted');
    await expect(node.engine.leave(channel, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    gate.mend();
    await node.untilTold('resumed');
    expect((await other.engine.members(channel)).map(({ info }) => info.client)).toEqual(['b']);
    expect(node.expiredIn(channel)).toEqual([
      { member: { info: infoOf('a', 'ada'), node: node.id }, isLast: false, isLastOfUser: true },
    ]);
  });
});
