import { WebSocket } from '@tidewire/client';
import type { Operations } from '@tidewire/console/operate-messages';
import { Centrifuge } from 'centrifuge';
import { expect, inject, onTestFinished, test } from 'vitest';
import { redisServers } from '../cluster/engine-servers.ts';
import { HubProcess } from '../cluster/hub-process.ts';
import { freePort } from '../servers/free-port.ts';

// What an operator is told by one node of a cluster of all of them, while one stands still, and is gone.

const redis = inject('redis-server');
const KEY = 'a-key-of-16-or-more';

interface Node {
  readonly process: HubProcess;
  api<Name extends keyof Operations>(
    name: Name,
    request: Operations[Name]['request'],
  ): Promise<Operations[Name]['answer']>;
  /** A client that is subscribed to `chat:a`. */
  connect(): Promise<Centrifuge>;
}

async function startNode(name: string, engine: object): Promise<Node> {
  const port = await freePort();
  const node = new HubProcess(name, port, {
    engine,
    namespaces: { chat: { subscribe: 'everyone', history: { size: 10, ttl: '1h' } } },
    api: { keys: [{ name: 'ops', key: KEY }] },
  });
  onTestFinished(() => node.close());
  await node.start();
  return {
    process: node,
    async api(operation, request) {
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(request) };
      const response = await fetch(`http://127.0.0.1:${port}/api/${operation}`, init);
      return Object(await response.json());
    },
    async connect() {
      const client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, { websocket: WebSocket });
      onTestFinished(() => client.disconnect());
      const subscription = client.newSubscription('chat:a');
      subscription.subscribe();
      client.connect();
      await subscription.ready(10_000);
      return client;
    },
  };
}

test.skipIf(redis === '')(
  'one node tells of all, and names one that does not answer',
  { timeout: 60_000 },
  async () => {
    const servers = await redisServers(redis);
    onTestFinished(() => servers.close());
    const engine = servers.config(4000);
    const one = await startNode('one', engine);
    const other = await startNode('other', engine);
    await one.connect();
    const there = await other.connect();

    const { connections, total, silent } = await one.api('connections', { channel: 'chat:a' });
    expect({ total, silent }).toEqual({ total: 2, silent: [] });
    const [first, second] = (await one.api('stats', {})).nodes;
    expect(first).toMatchObject({ connections: 1, state: 'ready' });
    expect(second).toMatchObject({ connections: 1, state: 'ready' });
    await one.api('publish', { channel: 'chat:a', data: 1 });
    const deliveries = async () => (await one.api('stats', {})).nodes.map(({ figures }) => figures?.totals.deliveries);
    await expect.poll(deliveries, { timeout: 5000 }).toEqual([1, 1]);

    const node = second?.id ?? '';
    const [theirs] = (await one.api('connections', { node })).connections;
    expect(connections.map(({ client }) => client)).toContain(theirs?.client);
    const gone = new Promise<number>((resolve) => there.on('disconnected', ({ code }) => resolve(code)));
    const farewell = { client: theirs?.client ?? '', code: 4700, reason: 'enough' };
    expect(await one.api('disconnect', farewell)).toEqual({ isFound: true });
    expect(await gone).toBe(4700);

    await other.process.kill();
    const silentNow = async () => (await one.api('stats', {})).silent.map(({ id }) => id);
    expect(await silentNow()).toEqual([node]);
    expect(await one.api('connections', {})).toMatchObject({ total: 1, silent: [{ id: node }] });
    // Its lease runs out.
    await expect.poll(silentNow, { timeout: 20_000 }).toEqual([]);
  },
);
