import { describe, expect, it } from 'vitest';
import { infoOf, publicationOf, retentionOf } from '../../hub/test/engine-contract/harness.ts';
import { RedisEngine } from '../src/index.ts';
import { openGate, path, startNode, startReplica, startServer } from './support.ts';

const retention = retentionOf();

describe.skipIf(path === '')('What an engine needs of Redis', () => {
  it('is no more than the commands of the README, and the keys and channels with its prefix', async () => {
    const server = await startServer();
    const rules = [
      ...['on', '>secret', '~tidewire:*', '&*', '+@connection', '+@scripting', '+@pubsub', '+@hash', '+@set'],
      ...['+@stream', '+@string', '+@keyspace', '-@dangerous', '+info', '+time'],
    ];
    await server.command('ACL', 'SETUSER', 'hub', ...rules);
    const [node, other] = [
      await startNode(server.port, { client: { username: 'hub', password: 'secret' } }),
      await startNode(server.port, { url: `redis://hub:secret@127.0.0.1:${server.port}` }),
    ];
    await node.engine.subscribe('room');
    await node.engine.subscribePrefix('space:');
    await other.engine.publish('room', publicationOf('one'), { retention, idempotencyKey: 'a' });
    await other.engine.publish('space:a', publicationOf('two'), { idempotencyKey: 'b' });
    await other.engine.signal('room', { type: 'join', info: infoOf('a') });
    await node.untilPublished('room', 1);
    await node.untilPublished('space:a', 1);
    expect((await node.engine.history('room', retention)).publications).toHaveLength(1);
    await node.engine.removeHistory('room', retention);
    await node.engine.enter('room', infoOf('a'));
    expect(await other.engine.members('room')).toHaveLength(1);
    expect(await other.engine.memberCounts('room')).toEqual({ clients: 1, users: 1 });
    await node.engine.leave('room', 'a');
    expect(await other.engine.request(node.id, 'hello', 5000)).toBe('hello');
    expect(await other.engine.nodes()).toHaveLength(2);
    await node.engine.unsubscribe('room');
    await node.engine.unsubscribePrefix('space:');
    await node.engine.stop();
    expect(await other.engine.nodes()).toHaveLength(1);
    const log = await server.command('ACL', 'LOG');
    expect(log).toEqual([]);
  });

  it('is memory: what it has no room for is refused, and it warns of a server that evicts', async () => {
    const server = await startServer();
    const warnings: string[] = [];
    const node = await startNode(server.port, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(node.engine.publish('room', publicationOf('one'), { retention })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'UNAVAILABLE',
      message: expect.stringContaining('OOM'),
    });
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await startNode(server.port, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([expect.stringContaining('allkeys-lru')]);
  });

  it('is a master: it does not start on a replica, nor where nobody listens, nor with a wrong password', async () => {
    const master = await startServer({ args: ['--repl-diskless-sync-delay', '0'] });
    const replica = await startReplica(master);
    const gone = await startServer();
    await gone.kill();
    const unavailable = { name: 'EngineError', code: 'UNAVAILABLE' };
    await expect(startNode(replica.port)).rejects.toMatchObject(unavailable);
    await expect(startNode(gone.port)).rejects.toMatchObject(unavailable);
    const client = { username: 'nobody', password: 'wrong' };
    await expect(startNode(master.port, { client })).rejects.toMatchObject(unavailable);
  });

  it('answers in time: it does not start on a server that stands still', async () => {
    const server = await startServer();
    server.signal('SIGSTOP');
    await expect(startNode(server.port, { timeout: 300 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    server.signal('SIGCONT');
  });
});

describe.skipIf(path === '')('An engine over Redis', () => {
  it('refuses messages that are too large, and takes those that are just small enough', async () => {
    const server = await startServer();
    const node = await startNode(server.port, { maxSize: 1000 });
    const large = publicationOf('é'.repeat(500));
    const tooLarge = { name: 'EngineError', code: 'TOO_LARGE' };
    await expect(node.engine.publish('room', large)).rejects.toMatchObject(tooLarge);
    await expect(node.engine.publish('room', large, { retention })).rejects.toMatchObject(tooLarge);
    await expect(node.engine.signal('room', { type: 'order', order: large.data })).rejects.toMatchObject(tooLarge);
    await expect(node.engine.request(node.id, large.data, 1000)).rejects.toMatchObject(tooLarge);
    await node.engine.publish('room', publicationOf('é'.repeat(450)), { retention });
    node.answer = async () => large.data;
    await expect(node.engine.request(node.id, '', 1000)).rejects.toMatchObject({ code: 'REQUEST_FAILED' });
  });

  it('takes a prefix with the characters of patterns for what it is', async () => {
    const server = await startServer();
    const node = await startNode(server.port, { prefix: 'a*[b]?\\:' });
    await node.engine.subscribePrefix('x*?[yz]\\^:');
    await node.engine.publish('x*?[yz]\\^:one', publicationOf('one'));
    await node.engine.publish('xxxy\\^:two', publicationOf('two'));
    await node.engine.publish('x*?[yz]\\^:three', publicationOf('three'));
    await node.until('three', () => node.told.length >= 2);
    expect(node.told.map(({ channel }) => channel)).toEqual(['x*?[yz]\\^:one', 'x*?[yz]\\^:three']);
  });

  it('shares a server with others that have another prefix', async () => {
    const server = await startServer();
    const [node, other] = [await startNode(server.port), await startNode(server.port, { prefix: 'other:' })];
    await node.engine.subscribe('room');
    await other.engine.publish('room', publicationOf('one'), { retention });
    await server.command('PUBLISH', 'tidewire:c:room', 'what nobody can read');
    await node.engine.publish('room', publicationOf('two'), { retention });
    await node.untilPublished('room', 1);
    expect(node.data('room')).toEqual(['two']);
    expect(await node.engine.nodes()).toHaveLength(1);
  });

  it('subscribes to what one turn asks for with one command', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const calls = async () => Number(/calls=(\d+)/.exec(await server.info('commandstats', 'cmdstat_subscribe'))?.[1]);
    const before = await calls();
    await Promise.all(Array.from({ length: 500 }, (_each, i) => node.engine.subscribe(`room-${i}`)));
    expect((await calls()) - before).toBe(1);
    await node.engine.publish('room-499', publicationOf('one'));
    await node.untilPublished('room-499', 1);
  });

  it('ends subscribed, or not, as it was asked last', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const { engine } = node;
    await Promise.all([engine.subscribe('a'), engine.unsubscribe('a'), engine.subscribe('a')]);
    await engine.subscribe('b');
    await Promise.all([engine.unsubscribe('b'), engine.subscribe('b')]);
    await engine.subscribe('c');
    engine.unsubscribe('c');
    await new Promise(setImmediate);
    await engine.subscribe('c');
    await engine.subscribe('d');
    await engine.unsubscribe('d');
    await engine.subscribe('end');
    for (const channel of ['a', 'b', 'c', 'd', 'end']) await engine.publish(channel, publicationOf(channel));
    await node.untilPublished('end', 1);
    expect(node.told.map(({ channel }) => channel)).toEqual(['a', 'b', 'c', 'end']);
  });

  it('tells the members of a dead node once, however many there are and whoever buries it', async () => {
    const server = await startServer();
    const gate = await openGate(server);
    const others = [await startNode(server.port), await startNode(server.port), await startNode(server.port)];
    const node = await startNode(gate.port);
    const clients = Array.from({ length: 1000 }, (_each, i) => `client-${i}`);
    await Promise.all(clients.map((client, i) => node.engine.enter(`room-${i % 3}`, infoOf(client, `user-${i % 7}`))));
    gate.cut();
    const told = () => others.flatMap((other) => other.left.flatMap(({ left }) => left));
    await Promise.race(others.map((other) => other.until('all', () => told().length >= clients.length)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(
      told()
        .map(({ member }) => member?.info.client)
        .sort(),
    ).toEqual([...clients].sort());
    expect(told().filter(({ isLast }) => isLast)).toHaveLength(3);
    expect(told().filter(({ isLastOfUser }) => isLastOfUser)).toHaveLength(21);
    expect(await server.command('KEYS', '*held*')).toEqual([]);
    expect(await server.command('KEYS', '*{room*')).toEqual([]);
  });

  it('leaves no key behind that never ends', async () => {
    const server = await startServer();
    const node = await startNode(server.port);
    const { engine } = node;
    await engine.history('asked', retention);
    await engine.publish('room', publicationOf('one'), { retention, idempotencyKey: 'a' });
    await engine.publish('room', publicationOf('two'), { idempotencyKey: 'b' });
    await engine.removeHistory('room', retention);
    await engine.publish('room', publicationOf('three'), { retention });
    await engine.enter('room', infoOf('a'));
    await engine.leave('room', 'a');
    await engine.removeHistory('unknown', retention);
    const keys = String(await server.command('KEYS', '*')).split(',');
    const lifetimes = await Promise.all(keys.map(async (key) => [key, await server.command('PTTL', key)] as const));
    const endless = lifetimes.filter(([, milliseconds]) => milliseconds === -1).map(([key]) => key);
    expect(endless).toEqual(['tidewire:nodes']);
    expect(keys).toHaveLength(7);
    await engine.stop();
    expect(await server.command('KEYS', '*nodes')).toEqual([]);
  });

  it('is made with options that make sense', () => {
    expect(() => new RedisEngine({ lease: 0 })).toThrow(/lease/);
    expect(() => new RedisEngine({ timeout: Number.NaN })).toThrow(/timeout/);
    expect(() => new RedisEngine({ sentinel: { name: 'main', nodes: [] } })).toThrow(/sentinel\.nodes/);
  });
});
