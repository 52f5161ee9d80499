import { afterEach, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsCluster } from '../../../test/servers/nats.ts';
import { NatsEngine } from '../src/index.ts';
import { Follower, persistently, until } from './follower.ts';

// What an engine does while no majority of the servers stands.

const path = inject('nats-server');
const retention = { name: 'outage', size: 100_000, ttl: 600_000, positionTtl: 3_600_000 };
const channel = 'outage:room';
const TIMEOUT = 3000;

let servers: readonly NatsServer[] = [];
let nodes: Follower[] = [];

async function follower(server: NatsServer | undefined): Promise<Follower> {
  const connection = { ignoreClusterUpdates: true };
  const urls = server === undefined ? servers.map(({ url }) => url) : server.url;
  const node = new Follower(new NatsEngine({ servers: urls, lease: 3000, timeout: TIMEOUT, connection }));
  nodes.push(node);
  await node.engine.start(`node-${process.pid}-${nodes.length}`, node);
  return node;
}

const publicationOf = (data: string) => ({ data: JSON.stringify(data), time: Date.now() });

describe.skipIf(path === '')('without a majority of its servers, an engine over NATS', { timeout: 120_000 }, () => {
  afterEach(async () => {
    await Promise.all(nodes.map(({ engine }) => engine.stop()));
    await Promise.all(servers.map((server) => server.close()));
    nodes = [];
    servers = [];
  }, 60_000);

  it('says so and rejects in time, and has everything that was acknowledged when they are back', async () => {
    servers = await startNatsCluster({ path });
    const [first, second, third] = servers;
    // One stays connected all the time, the other has to find another server.
    const [node, other] = [await follower(first), await follower(undefined)];
    for (const each of [node, other]) await each.follow(channel, retention);
    const acknowledged: string[] = [];
    const publish = async (from: Follower, data: string) => {
      const options = { retention, idempotencyKey: data };
      await persistently(() => from.engine.publish(channel, publicationOf(data), options));
      acknowledged.push(data);
    };
    for (let i = 0; i < 20; i++) await publish(i % 2 === 0 ? node : other, `before-${i}`);
    await Promise.all([second?.kill('SIGKILL'), third?.kill('SIGKILL')]);

    // A history may be answered for as long as the leader does not know that it leads nobody.
    const begin = performance.now();
    const refused = [
      node.engine.publish(channel, publicationOf('refused'), { retention }),
      node.engine.enter(channel, { client: 'a', user: 'ada' }),
      other.engine.publish(channel, publicationOf('refused too'), { retention }),
    ];
    for (const call of await Promise.allSettled(refused))
      expect(call).toMatchObject({ status: 'rejected', reason: { name: 'EngineError', code: 'UNAVAILABLE' } });
    expect(performance.now() - begin).toBeLessThan(TIMEOUT + 8000);
    const isInterrupted = ({ told }: Follower) => told.at(-1)?.startsWith('interrupted') === true;
    await until('to be interrupted', () => isInterrupted(node) && isInterrupted(other));

    await Promise.all([second?.start(), third?.start()]);
    await until('to be resumed', () => !isInterrupted(node) && !isInterrupted(other), 60_000);
    for (let i = 0; i < 20; i++) await publish(i % 2 === 0 ? node : other, `after-${i}`);
    const { publications } = await persistently(() => node.engine.history(channel, retention));
    const kept = publications.map(({ publication }) => JSON.parse(publication.data));
    expect(kept.filter((data) => !data.startsWith('refused'))).toEqual(acknowledged);
    for (const each of [node, other]) {
      await until('all to be known', () => each.data.length === kept.length);
      expect(each.data).toEqual(kept);
      expect(each.told).not.toContain('incomplete');
    }
  });
});
