import type { Transport } from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';
import { type Faults, Network } from './network.ts';

// 10,000 messages each way through a network that loses, delays, doubles, reorders and truncates. The seed is in the name of
// each test; SEED=… runs with another one.

const MESSAGES = 10_000;
const seeds = process.env.SEED === undefined ? [1, 2, 3] : [Number(process.env.SEED)];

const faulty: Partial<Faults> = { drop: 0.02, cut: 0.05, truncate: 0.05, duplicate: 0.1, delay: 150 };
const all = ['stream', 'poll', 'interval'] as const;
const networks: { name: string; faults: Partial<Faults>; transports: readonly Transport[]; way: string }[] = [
  { name: 'lets everything through', faults: {}, transports: all, way: 'STREAMING' },
  { name: 'loses, delays, doubles and truncates', faults: faulty, transports: all, way: '' },
  { name: 'does so to a stream', faults: faulty, transports: ['stream'], way: '' },
  { name: 'buffers answers', faults: { buffers: true }, transports: all, way: 'POLLING' },
  { name: 'buffers answers, and all of that', faults: { ...faulty, buffers: true }, transports: all, way: '' },
  { name: 'cuts long answers', faults: { longest: 1500, buffers: true }, transports: all, way: '' },
  { name: 'cuts long answers, and all of that', faults: { ...faulty, longest: 1500 }, transports: all, way: '' },
  { name: 'needs polling', faults: {}, transports: ['interval'], way: 'INTERVAL' },
  { name: 'needs polling, and all of that', faults: faulty, transports: ['interval'], way: 'INTERVAL' },
];
const cases = networks.flatMap((network) => seeds.map((seed) => ({ ...network, seed })));

/** Sends in bursts, some messages of them large. */
function sendAll({ client, server, world }: Network): void {
  for (const { connection } of [client, server]) {
    let next = 0;
    const burst = () => {
      for (let size = 1 + Math.floor(world.random() ** 3 * 200); size > 0 && next < MESSAGES; size--) {
        const padding = world.random() < 0.001 ? 'x'.repeat(Math.floor(world.random() * 100_000)) : '';
        if (connection.send(`${next} ${padding}`) === 'refused') break;
        next++;
      }
      if (next < MESSAGES) world.at(world.time + world.random() * 400, burst);
    };
    world.at(0, burst);
  }
}

/** Nothing gets through for a while, and then the client learns that it is on another network. */
function loseNetworkNowAndThen(network: Network): void {
  const { world, faults } = network;
  world.at(world.time + 5000 + world.random() * 20_000, () => {
    network.faults = { ...faults, drop: 1 };
    world.at(world.time + world.random() * 15_000, () => {
      network.faults = faults;
      network.clientSession.networkChanged();
      if (!isOver(network)) loseNetworkNowAndThen(network);
    });
  });
}

function isOver({ client, server }: Network): boolean {
  const isComplete = client.messages.length >= MESSAGES && server.messages.length >= MESSAGES;
  return isComplete || client.outcome !== undefined || server.outcome !== undefined;
}

const numbersOf = (messages: readonly (string | Uint8Array)[]) =>
  messages.map((text) => Number(String(text).split(' ')[0]));
const sent = Array.from({ length: MESSAGES }, (_, i) => i);

describe('10,000 messages each way, over a network', () => {
  it.each(cases)('that $name: none lost, none twice, in order (seed $seed)', ({ faults, transports, way, seed }) => {
    const network = new Network({ seed, faults, transports, parameters: { graceTime: 120_000 } });
    const { client, server, world } = network;
    sendAll(network);
    const losesNetwork = seed % 3 === 2;
    if (losesNetwork) loseNetworkNowAndThen(network);
    while (!isOver(network) && world.time < 3_600_000) world.runFor(1000);
    expect([client.outcome, server.outcome]).toEqual([undefined, undefined]);
    expect(numbersOf(server.messages)).toEqual(sent);
    expect(numbersOf(client.messages)).toEqual(sent);
    if (way !== '' && !losesNetwork) expect(network.clientSession.way).toBe(way);

    const [closing, other] = seed % 2 === 0 ? [client, server] : [server, client];
    closing.connection.close(4000, 'done');
    world.runFor(600_000);
    expect(other.closes).toMatchObject([{ code: 4000, reason: 'done', wasClean: true }]);
    expect(closing.closes).toMatchObject([{ code: 4000, wasClean: true }]);
    expect([client.outcome, server.outcome]).toEqual(['FINISHED', expect.stringMatching(/FINISHED|LOST/)]);
  });
});
