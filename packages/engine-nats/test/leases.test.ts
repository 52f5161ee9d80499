import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsCluster } from '../../../test/servers/nats.ts';
import { NatsEngine } from '../src/index.ts';
import { Follower } from './follower.ts';

const path = inject('nats-server');
const channel = 'leases:room';
/** Milliseconds: less than an election takes. */
const LEASE = 1500;

let servers: readonly NatsServer[] = [];
let followers: Follower[] = [];
let count = 0;

async function follower(at: readonly NatsServer[]): Promise<Follower> {
  const connection = { ignoreClusterUpdates: true };
  const engine = new NatsEngine({ servers: at.map(({ url }) => url), lease: LEASE, connection });
  const node = new Follower(engine);
  followers.push(node);
  await engine.start(`lessee-${process.pid}-${count++}`, node);
  return node;
}

async function leaderOf(stream: string): Promise<string | undefined> {
  const nats = await connect({ servers: servers.filter(({ isRunning }) => isRunning).map(({ url }) => url) });
  try {
    const jsm = await jetstreamManager(nats);
    return (await jsm.streams.info(stream)).cluster?.leader;
  } catch {
    return undefined;
  } finally {
    await nats.close();
  }
}

describe.skipIf(path === '')('the leases of nodes over NATS', { timeout: 120_000 }, () => {
  afterEach(async () => {
    await Promise.all(followers.map(({ engine }) => engine.stop()));
    await Promise.all(servers.map((server) => server.close()));
    followers = [];
    servers = [];
  }, 60_000);

  it('have nobody taken for dead when all have run out because there was no leader', async () => {
    servers = await startNatsCluster({ path });
    const first = await follower(servers);
    const leader = await leaderOf('tidewire-leases');
    await first.engine.stop();
    const others = servers.filter(({ name }) => name !== leader);
    const nodes = [await follower(others), await follower(others)];
    for (const [i, { engine }] of nodes.entries()) await engine.enter(channel, { client: `client-${i}`, user: 'ann' });
    await servers.find(({ name }) => name === leader)?.kill('SIGKILL');
    while ([undefined, '', leader].includes(await leaderOf('tidewire-leases')))
      await new Promise((resolve) => setTimeout(resolve, 100));
    // One that comes just now does not know what has happened.
    nodes.push(await follower(others));
    await new Promise((resolve) => setTimeout(resolve, 5 * LEASE));
    expect(nodes.flatMap(({ expiries }) => expiries)).toEqual([]);
    for (const { engine } of nodes) {
      expect(await engine.memberCounts(channel)).toEqual({ clients: 2, users: 1 });
    }
  });
});
