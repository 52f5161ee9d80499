import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { documented } from '../proxies/support/documented.ts';
import { haproxyPath, runHaproxy } from '../proxies/support/run-proxy.ts';
import { freePort } from '../servers/free-port.ts';
import { startNatsCluster } from '../servers/nats.ts';
import { type Counts, check, checkStream } from './checker.ts';
import { HubProcess } from './hub-process.ts';
import { API_KEY, Publisher } from './publisher.ts';
import { SECRET, Subscriber } from './subscriber.ts';

// What docs/deployment/topologies.md promises of restarts: the files of that folder, 1000 clients, and each of three nodes restarted in
// turn while somebody publishes.

const CLIENTS = 1000;
const ROOMS = 5;
/** Milliseconds between two publications to a room. */
const INTERVAL = 200;

const natsPath = inject('nats-server');

/** A file with what a person would put there. */
function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-rolling-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), text);
  return join(folder, 'file');
}

async function startNodes(): Promise<readonly HubProcess[]> {
  const servers = await startNatsCluster({ path: natsPath });
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  const addresses = Object.fromEntries(servers.map(({ url }, i) => [`nats://10.0.0.${i + 1}:4222`, url]));
  const text = documented('tidewire.yaml', {
    ...addresses,
    '/etc/tidewire/token-secret': fileWith(SECRET),
    '/etc/tidewire/api-key': fileWith(API_KEY),
  });
  const { listen: _, ...config } = parse(text);
  const nodes: HubProcess[] = [];
  for (const name of ['node A', 'node B', 'node C']) {
    const node = new HubProcess(name, await freePort(), config);
    onTestFinished(() => node.close());
    nodes.push(node);
    await node.start();
  }
  return nodes;
}

async function startBalancer(nodes: readonly HubProcess[]): Promise<number> {
  const port = await freePort();
  const servers = Object.fromEntries(nodes.map((node, i) => [`10.0.0.${i + 1}:8080`, `127.0.0.1:${node.port}`]));
  const bind = { 'bind :443 ssl crt /etc/ssl/example.org.pem alpn h2,http/1.1': `bind 127.0.0.1:${port}` };
  await runHaproxy(documented('haproxy-nodes.cfg', { ...bind, ...servers }));
  return port;
}

/** Resolves when the balancer, which asks once a second, sends clients to the node, too. */
async function isServed(port: number): Promise<void> {
  for (let good = 0; good < 10; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    good = answer?.ok === true ? good + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Resolves when all of them are so, or rejects after half a minute. */
async function until(
  what: string,
  all: readonly Subscriber[],
  isSo: (subscriber: Subscriber) => boolean,
): Promise<void> {
  const end = Date.now() + 30_000;
  while (!all.every(isSo)) {
    if (Date.now() > end) {
      const late = all.filter((each) => !isSo(each));
      const first = late[0];
      const why = `${late.length} are not, such as ${first?.name}: ${first?.client.state}, ${JSON.stringify(first?.surprises)}`;
      throw new Error(`It never came to this: ${what}. ${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.skipIf(natsPath === '' || haproxyPath === '')('a restart of all nodes, one after the other', () => {
  it(`loses none of the messages of ${CLIENTS} clients`, { timeout: 180_000 }, async () => {
    const nodes = await startNodes();
    const port = await startBalancer(nodes);
    await isServed(port);
    const rooms = Array.from({ length: ROOMS }, (_, i) => `room:${i}`);
    const subscribers = Array.from({ length: CLIENTS }, (_, i) => {
      const room = rooms[i % ROOMS] ?? '';
      return new Subscriber({ name: `c${i}`, user: `u${i}`, rooms: [room], port, tokenLife: 3600, patience: 20_000 });
    });
    onTestFinished(() => {
      for (const { client } of subscribers) client.disconnect();
    });
    await until('everybody is in', subscribers, ({ isIn }) => isIn);

    const run = randomUUID();
    const publishers = rooms.map((room) => new Publisher(room, port, run));
    let isOver = false;
    const publishing = publishers.map((publisher) => publisher.publishWhile(() => !isOver, INTERVAL));
    const begin = Date.now();
    for (const node of nodes) {
      expect(await node.drain()).toBe(0);
      await node.start();
      await isServed(node.port);
      await until(`everybody is back after ${node.name}`, subscribers, ({ isIn }) => isIn);
    }
    isOver = true;
    await Promise.all(publishing);
    const acknowledged = (room: string) => publishers.find((each) => each.room === room)?.acknowledged ?? [];
    const hasAll = ({ told }: Subscriber) =>
      [...told].every(([room, list]) => {
        const last = list.findLast((each) => each.kind === 'publication');
        return last?.offset === acknowledged(room).at(-1)?.offset;
      });
    await until('everybody has the last message', subscribers, hasAll);

    const counts: Counts = { publications: 0, recovered: 0, toldNot: 0 };
    const truths = new Map(rooms.map((room) => [room, { room, acknowledged: acknowledged(room), size: 1000 }]));
    const problems = [...truths.values()].flatMap(checkStream);
    for (const { name, told, surprises } of subscribers) {
      problems.push(...surprises.map((each) => `${name} ${each}`));
      for (const [room, list] of told) {
        const truth = truths.get(room);
        if (truth !== undefined) problems.push(...check(truth, list, counts).map((each) => `${name}: ${each}`));
      }
    }
    const sent = publishers.reduce((sum, each) => sum + each.acknowledged.length, 0);
    process.stdout.write(
      `${nodes.length} nodes restarted in ${((Date.now() - begin) / 1000).toFixed(1)} s: ${sent} messages acknowledged, the slowest after ` +
        `${Math.max(...publishers.map(({ slowest }) => slowest))} ms; ${counts.publications} delivered to ${CLIENTS} clients, which came ` +
        `back ${counts.recovered} times, and ${counts.toldNot} times could not recover\n`,
    );
    expect(problems.slice(0, 10), `${problems.length} problems`).toEqual([]);
    expect(counts.toldNot).toBe(0);
    expect(counts.publications).toBe(sent * (CLIENTS / ROOMS));
    expect(counts.recovered).toBeGreaterThanOrEqual(CLIENTS);
    expect(nodes.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
