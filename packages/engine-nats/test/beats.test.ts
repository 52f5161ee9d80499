import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../test/servers/nats.ts';
import { NatsEngine } from '../src/index.ts';
import { Follower, until } from './follower.ts';

// What a node makes of what others say that they have seen stored. Here the test is one of those others.

const path = inject('nats-server');
const retention = { name: 'beats', size: 100, ttl: 600_000, positionTtl: 3_600_000 };

describe.skipIf(path === '')('a node over NATS that hears what others have seen stored', { timeout: 60_000 }, () => {
  let server: NatsServer;
  let node: Follower | undefined;
  let count = 0;
  beforeAll(async () => {
    server = await startNatsServer({ path });
  }, 60_000);
  afterAll(() => server.close(), 60_000);
  afterEach(() => node?.engine.stop());

  /** A node that follows a channel with two publications, and how to say a beat to it. */
  async function followed() {
    const prefix = `beats-${count++}`;
    const channel = 'a:room';
    const follower = new Follower(new NatsEngine({ servers: server.url, prefix }));
    node = follower;
    await follower.engine.start(prefix, follower);
    await follower.follow(channel, retention);
    const publish = () => follower.engine.publish(channel, { data: '"one"', time: 0 }, { retention });
    await publish();
    const { position } = await publish();
    await until('both', () => follower.data.length === 2);
    const say = async (beats: readonly (readonly [number, readonly unknown[]])[]) => {
      const nats = await connect({ servers: server.url });
      for (const [number, entries] of beats) nats.publish(`${prefix}.b`, JSON.stringify(['another', number, entries]));
      await nats.drain();
    };
    const at = (ahead: number) => [channel, position?.epoch, (position?.offset ?? 0) + ahead];
    return { follower, say, at };
  }

  it('looks into the history when it was not told of a publication', async () => {
    const { follower, say, at } = await followed();
    await say([[1, [at(0), at(1)]]]);
    await until('to be told', () => follower.told.includes('resumed'));
    expect(follower.told).toEqual(['interrupted: a publication was missed', 'resumed']);
  });

  it('looks when it has not heard everything that somebody has said', async () => {
    const { follower, say } = await followed();
    await say([
      [1, []],
      [3, []],
    ]);
    await until('to be told', () => follower.told.includes('resumed'));
    expect(follower.told).toHaveLength(2);
  });

  it('does not when it was told of everything, nor does it mind what it does not understand', async () => {
    const { follower, say, at } = await followed();
    await say([
      [1, [at(0), at(-1), ['a:other', 'epoch', 7]]],
      [2, [null, ['a:room'], ['a:room', 1, 'x'], 'x']],
    ]);
    // Nothing tells that nothing comes: a beat is judged half a second after it was heard.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(follower.told).toEqual([]);
  });
});
