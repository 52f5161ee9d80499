import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Published } from '@tidewire/hub';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsCluster, startNatsServer } from '../../../test/servers/nats.ts';
import { NatsEngine, type NatsEngineOptions } from '../src/index.ts';
import { Follower, persistently, until } from './follower.ts';

const path = inject('nats-server');
const retention = { name: 'failures', size: 100_000, ttl: 600_000, positionTtl: 3_600_000 };
const channel = 'failures:room';

let servers: readonly NatsServer[] = [];
let followers: Follower[] = [];
let count = 0;

async function follower(options: Partial<NatsEngineOptions> = {}): Promise<Follower> {
  const engine = new NatsEngine({ servers: servers.map(({ url }) => url), lease: 3000, ...options });
  const node = new Follower(engine);
  followers.push(node);
  await engine.start(`node-${process.pid}-${count++}`, node);
  return node;
}

async function manager() {
  const nats = await connect({ servers: servers.filter(({ isRunning }) => isRunning).map(({ url }) => url) });
  return { nats, jsm: await jetstreamManager(nats) };
}

const publicationOf = (data: string) => ({ data: JSON.stringify(data), time: Date.now() });
const publish = (node: Follower, data: string): Promise<Published> =>
  persistently(() => node.engine.publish(channel, publicationOf(data), { retention, idempotencyKey: data }));

describe.skipIf(path === '')('when something fails, an engine over NATS', { timeout: 120_000 }, () => {
  afterEach(async () => {
    await Promise.all(followers.map(({ engine }) => engine.stop()));
    await Promise.all(servers.map((server) => server.close()));
    followers = [];
    servers = [];
  }, 60_000);

  it('loses nothing that was acknowledged, and hides nothing from anybody, when a leader of three is killed', async () => {
    servers = await startNatsCluster({ path });
    const nodes = [await follower(), await follower(), await follower()];
    for (const node of nodes) await node.follow(channel, retention);
    const { nats, jsm } = await manager();
    const { cluster, config } = await jsm.streams.info('tidewire-history-failures');
    await nats.close();
    expect(config.num_replicas).toBe(3);

    const acknowledged = new Map<number, string>();
    let isPublishing = true;
    const publishing = nodes.map(async (node, n) => {
      for (let i = 0; isPublishing; i++) {
        const data = `${n}-${i}`;
        const { position } = await publish(node, data);
        expect(position?.epoch).toBe(node.epoch);
        acknowledged.set(position?.offset ?? 0, data);
      }
    });
    await until('200 publications', () => acknowledged.size > 200);
    const leader = servers.find(({ name }) => name === cluster?.leader);
    await leader?.kill('SIGKILL');
    const atDeath = acknowledged.size;
    await until('an election', () => acknowledged.size > atDeath + 100);
    await leader?.start();
    const atReturn = acknowledged.size;
    await until('more publications', () => acknowledged.size > atReturn + 100);
    isPublishing = false;
    await Promise.all(publishing);

    const kept = await persistently(async () => nodes[0]?.engine.history(channel, retention));
    const wanted = [...acknowledged].sort(([a], [b]) => a - b);
    expect(kept?.publications.map(({ offset, publication }) => [offset, JSON.parse(publication.data)])).toEqual(wanted);
    const data = wanted.map(([, each]) => each);
    for (const node of nodes) {
      await until('all to be known', () => node.data.length >= data.length).catch(() => {});
      expect(node.data).toEqual(data);
      expect(node.told).not.toContain('incomplete');
      expect(node.told).toContain('resumed');
    }
  });

  it('gives the whole history while a server of three has yet to learn of it', async () => {
    servers = await startNatsCluster({ path });
    const node = await follower({ connection: { ignoreClusterUpdates: true } });
    await publish(node, 'first');
    const { nats, jsm } = await manager();
    const { cluster } = await jsm.streams.info('tidewire-history-failures');
    await nats.close();
    const behind = servers.find(({ name }) => name === cluster?.replicas?.[0]?.name);
    await behind?.kill('SIGKILL');
    await Promise.all(Array.from({ length: 3000 }, (_each, i) => publish(node, `${i}`)));
    await behind?.start();
    for (let round = 0; round < 8; round++) {
      const { publications } = await persistently(() => node.engine.history(channel, retention));
      expect(publications).toHaveLength(3001);
    }
  });

  it('begins again with another epoch when its stream was deleted', async () => {
    servers = [await startNatsServer({ path })];
    const [node, other] = [await follower(), await follower()];
    await node.follow(channel, retention);
    const { position: before } = await publish(node, 'one');
    await publish(other, 'two');
    const { nats, jsm } = await manager();
    await jsm.streams.delete('tidewire-history-failures');
    await nats.close();
    const { position } = await publish(node, 'three');
    expect(position?.epoch).not.toBe(before?.epoch);
    const seen = await other.engine.history(channel, retention, { since: before });
    expect(seen).toMatchObject({ position, isComplete: false });
    await publish(other, 'four');
    await until('what follows', () => node.data.includes('four'));
    expect(node.data).toEqual(['one', 'two', 'three', 'four']);
    expect(node.told).toEqual(['incomplete']);
  });

  it('keeps epoch and offsets when a server that stands alone restarts with its store', async () => {
    servers = [await startNatsServer({ path })];
    const node = await follower();
    await node.follow(channel, retention);
    const { position: before } = await publish(node, 'one');
    await servers[0]?.kill('SIGKILL');
    await until('to be told', () => node.told.length === 1);
    await servers[0]?.start();
    await until('to be told', () => node.told.includes('resumed'));
    const { position } = await publish(node, 'two');
    expect(position).toEqual({ epoch: before?.epoch, offset: (before?.offset ?? 0) + 1 });
    await until('all to be known', () => node.data.length === 2);
    const { publications, isComplete } = await node.engine.history(channel, retention, { since: before });
    expect([publications.length, isComplete]).toEqual([1, true]);
  });

  it('begins again with another epoch when that server has lost its store', async () => {
    servers = [await startNatsServer({ path })];
    const node = await follower();
    await node.follow(channel, retention);
    await node.engine.enter(channel, { client: 'a', user: 'ada' });
    const { position: before } = await publish(node, 'one');
    await servers[0]?.kill('SIGKILL');
    servers[0]?.forgetStore();
    await servers[0]?.start();
    await until('to be told', () => node.told.includes('resumed'));
    const { position } = await publish(node, 'two');
    expect(position?.epoch).not.toBe(before?.epoch);
    expect(await node.engine.history(channel, retention, { since: before })).toMatchObject({ isComplete: false });
    await until('the members to be there again', () => node.told.filter((each) => each === 'resumed').length >= 2);
    await persistently(async () => expect(await node.engine.memberCounts(channel)).toEqual({ clients: 1, users: 1 }));
  });
});
