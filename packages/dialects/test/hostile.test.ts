import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { centrifugeJsonEndpoint } from '@tidewire/dialects';
import { createPermissions, Hub } from '@tidewire/hub';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RawClient, serve } from './support/serving.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const never = () => new Promise<never>(() => {});

describe('who is nobody yet', () => {
  it.each(['connecting', 'silent'])('%s, cannot have more kept than one message', async (what) => {
    const permissions = createPermissions({ hooks: { connect: never } });
    const { url } = await serve({ hub: { permissions }, sessions: { maxMessageSize: 10_000 } });
    const client = await RawClient.open(url);
    if (what === 'connecting') client.send({ id: 1, connect: {} });
    const pad = ' '.repeat(4000);
    const command = what === 'connecting' ? '{"id":2,"publish":{"channel":"chat:a","data":1}}' : '{}';
    for (let i = 0; i < 3; i++) client.send(command + pad);
    expect(await client.closed()).toEqual({
      code: 3501,
      reason: 'bad request: too much was said before the client was connected',
    });
  });
});

describe('a client', () => {
  it('is owed answers to so many characters and no more', async () => {
    const { url, hub } = await serve({ sessions: { maxPendingSize: 1000 } });
    hub.rpc('never', never);
    const client = await RawClient.connect(url);
    client.send({ id: 2, rpc: { method: 'never', data: 'x'.repeat(2000) } });
    client.send({ id: 3, ping: {} });
    await client.find(({ id }) => id === 3);
    client.send({ id: 4, rpc: { method: 'never', data: 'x' } });
    expect(await client.closed()).toMatchObject({ code: 3013 });
  });

  it('may say as much as it likes, if what was said before is done', async () => {
    const { url } = await serve({ sessions: { maxPendingSize: 1000 } });
    const client = await RawClient.connect(url);
    for (let id = 2; id < 30; id++) {
      client.send({ id, publish: { channel: 'chat:a', data: 'x'.repeat(900) } });
      await client.find((line) => line.id === id);
    }
  });

  it('fills a history by what it publishes, and by nothing that was around it', async () => {
    const chat = { subscribe: 'everyone', publish: 'everyone', history: { size: 1000, ttl: 60_000 } } as const;
    const { url } = await serve({ hub: { namespaces: { chat }, limits: { commandRate: 10_000 } } });
    const client = await RawClient.connect(url);
    collect();
    const before = process.memoryUsage().heapUsed;
    const pad = 'x'.repeat(60_000);
    for (let id = 2; id < 500; id++) {
      client.send(`{"id":${id},"publish":{"channel":"chat:a","data":"twenty bytes and more ${id}","pad":"${pad}"}}`);
      await client.until(() => client.lines.length === id);
    }
    collect();
    // The messages were 30 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
  });

  it('that meets what nobody has foreseen is told 100, and whoever watches is told what it was', async () => {
    const hub = new Hub();
    await hub.start();
    const broken = new Error('nobody has foreseen this');
    const threw: unknown[] = [];
    const endpoint = centrifugeJsonEndpoint(
      {
        takePlace: (address) => hub.takePlace(address),
        connect: (outlet, request, begun) =>
          hub.connect(outlet, request, (client, result) => {
            begun(Object.defineProperty(client, 'rpc', { value: () => Promise.reject(broken) }), result);
          }),
      },
      { observer: { threw: (...what) => void threw.push(what) } },
    );
    const server = createServer();
    endpoint.attach(server, { path: '/' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      await hub.stop();
      server.close();
    });
    const client = await RawClient.connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    client.send({ id: 2, rpc: { method: 'any' } });
    expect(await client.line(1)).toMatchObject({ error: { code: 100, temporary: true } });
    expect(threw).toEqual([['rpc', broken]]);
  });
});
