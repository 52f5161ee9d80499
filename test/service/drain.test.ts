import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from '@tidewire/client';
import { Centrifuge } from 'centrifuge';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { startNatsServer, whenJetStreamAnswers } from '../servers/nats.ts';
import { RedisServer } from '../servers/redis.ts';

// Two nodes of the service, one of which is told to end while somebody publishes.

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));
const redis = inject('redis-server');
const nats = inject('nats-server');

/** The engines for many nodes: the program behind each, and how it is started and named in a configuration. */
const engines = [
  {
    name: 'Redis',
    program: redis,
    start: async () => {
      const server = await RedisServer.start(redis);
      return { server, engine: `{ type: redis, redis: { url: "${server.url}" } }` };
    },
  },
  {
    name: 'NATS',
    program: nats,
    start: async () => {
      const server = await startNatsServer({ path: nats });
      await whenJetStreamAnswers([server.url]);
      return { server, engine: `{ type: nats, nats: { servers: ["${server.url}"] } }` };
    },
  },
];

const CLIENTS = 80;
const PUBLICATIONS = 400;
/** Milliseconds between two publications. */
const PACE = 4;

interface Node {
  readonly process: ChildProcess;
  readonly url: string;
  readonly http: string;
  /** What it has logged. */
  log(): string;
}

/** A folder until the end of the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tidewire-drain-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function startNode(config: string): Promise<Node> {
  const child = spawn(process.execPath, [cli, 'serve', '--config', config]);
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let output = '';
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    output += text;
    const [, authority] = /hub +ws:\/\/(\S+)\/connection\/websocket\n/.exec(output) ?? [];
    if (authority === undefined) continue;
    const url = `ws://${authority}/connection/websocket`;
    return { process: child, url, http: `http://${authority}`, log: () => log };
  }
  throw new Error(`The node has ended: ${log}`);
}

/** What /health/ready answers until nobody answers any more. */
async function readiness({ http }: Node): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (;;) {
    const response = await fetch(`${http}/health/ready`).catch(() => undefined);
    if (response === undefined) return statuses;
    await response.arrayBuffer();
    statuses.push(response.status);
  }
}

/** A client that takes turns among the nodes, as behind a load balancer. */
function clientOf(nodes: readonly Node[], first: number): Centrifuge {
  let turn = first;
  class Balanced extends WebSocket {
    constructor() {
      super(nodes[turn++ % nodes.length]?.url ?? '');
    }
  }
  const client = new Centrifuge('ws://balancer.invalid', {
    ...{ websocket: Balanced, minReconnectDelay: 10, maxReconnectDelay: 100 },
  });
  onTestFinished(() => client.disconnect());
  return client;
}

describe.each(engines)('two nodes over $name', ({ program, start }) => {
  test.skipIf(program === '')(
    'lose nothing that is published while one of them drains',
    async () => {
      const { server, engine } = await start();
      onTestFinished(() => server.close());
      const config = join(folder(), 'tidewire.yaml');
      const room = '{ subscribe: everyone, publish: everyone, history: { size: 5000, ttl: 5m } }';
      writeFileSync(
        config,
        [
          'listen: { port: 0 }',
          `engine: ${engine}`,
          `namespaces: { room: ${room} }`,
          'drain: { window: 1s }',
          'playground: false',
          'limits: { commandRate: 1000, userCommandRate: 1000 }',
          'log: { level: warn }',
        ].join('\n'),
      );
      const nodes = await Promise.all([startNode(config), startNode(config)]);
      const [leaving, staying] = nodes;
      const received: unknown[][] = [];
      const codes: number[] = [];
      const subscriptions = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, index) => {
          const client = clientOf(nodes, index);
          const seen: unknown[] = [];
          received.push(seen);
          const subscription = client.newSubscription('room:1');
          subscription.on('publication', ({ data }) => seen.push(data));
          subscription.subscribe();
          client.connect();
          await subscription.ready(10_000);
          client.on('connecting', ({ code }) => codes.push(code));
          return subscription;
        }),
      );
      const publisher = clientOf([staying], 0);
      publisher.connect();
      await publisher.ready(10_000);

      let ended: Promise<unknown> = Promise.resolve();
      let asked: Promise<readonly number[]> | undefined;
      for (let number = 0; number < PUBLICATIONS; number++) {
        await publisher.publish('room:1', number);
        if (number === 150) {
          ended = once(leaving.process, 'exit');
          leaving.process.kill('SIGTERM');
          asked = readiness(leaving);
        }
        await delay(PACE);
      }
      const [code] = [await ended].flat();
      const all = Array.from({ length: PUBLICATIONS }, (_, number) => number);
      const last = (seen: readonly unknown[]) => seen.at(-1) === PUBLICATIONS - 1;
      for (const [index, subscription] of subscriptions.entries()) {
        const seen = received[index] ?? [];
        while (!last(seen)) await new Promise((resolve) => subscription.once('publication', resolve));
        expect(seen).toEqual(all);
      }
      expect(new Set(await asked)).toContain(503);
      // Half of the clients were there.
      expect(codes).toEqual(Array.from({ length: CLIENTS / 2 }, () => 3001));
      expect({ code, log: leaving.log() }).toEqual({ code: 0, log: '' });
      expect(staying.log()).toBe('');
    },
    60_000,
  );
});
