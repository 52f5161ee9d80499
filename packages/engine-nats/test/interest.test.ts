import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsCluster } from '../../../test/servers/nats.ts';
import { NatsEngine } from '../src/index.ts';
import { Follower } from './follower.ts';

// Who has subscribed at one server is told of what is published at another from that very moment on: without a history nobody could
// notice that it is missing.

const path = inject('nats-server');
const ROUNDS = 300;

describe.skipIf(path === '')('a node at another server of a cluster', { timeout: 60_000 }, () => {
  let servers: readonly NatsServer[];
  const nodes: Follower[] = [];
  beforeAll(async () => {
    servers = await startNatsCluster({ path });
    for (const { url } of servers) {
      const connection = { ignoreClusterUpdates: true };
      const node = new Follower(new NatsEngine({ servers: url, connection, prefix: 'interest' }));
      nodes.push(node);
      await node.engine.start(`node-${nodes.length}`, node);
    }
  }, 60_000);
  afterAll(async () => {
    await Promise.all(nodes.map(({ engine }) => engine.stop()));
    await Promise.all(servers.map((server) => server.close()));
  }, 60_000);

  it('is told what is published right after it has subscribed, each time', async () => {
    const told: string[] = [];
    const [one, two, three] = nodes;
    if (one === undefined || two === undefined || three === undefined) throw new Error('There are three');
    one.published = (channel: string) => {
      told.push(channel);
    };
    for (let round = 0; round < ROUNDS; round++) {
      const channel = `interest:${round}`;
      await one.engine.subscribe(channel);
      await (round % 2 === 0 ? two : three).engine.publish(channel, { data: '1', time: 0 });
    }
    // Behind them all, from each of the others.
    await one.engine.subscribe('interest:end');
    for (const node of [two, three]) await node.engine.publish('interest:end', { data: '1', time: 0 });
    await expect.poll(() => told.filter((each) => each === 'interest:end').length, { timeout: 10_000 }).toBe(2);
    expect(told.filter((each) => each !== 'interest:end')).toHaveLength(ROUNDS);
  });
});
