import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { centrifugeJsonEndpoint, Emulation } from '@tidewire/dialects';
import { CommandError, createPermissions, Hub } from '@tidewire/hub';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Application, webSocketAt } from './centrifuge-support.ts';
import { chromiumPath } from './support.ts';

type Transport = 'websocket' | 'http_stream' | 'sse';

let application: Application;

beforeAll(async () => {
  if (chromiumPath !== '') application = await Application.start();
});

afterAll(() => application?.stop());

describe.skipIf(chromiumPath === '').each<Transport>(['websocket', 'http_stream', 'sse'])(
  'the SDK of Centrifugo in Chromium, by %s, with a hub in a program of its own',
  { timeout: 60_000 },
  (transport) => {
    async function start() {
      const hub = new Hub({
        namespaces: { chat: { subscribe: 'everyone', publish: 'everyone', history: { size: 10, ttl: 60_000 } } },
        permissions: createPermissions({ hooks: { connect: () => ({ user: 'ann' }) } }),
      });
      await hub.start();
      const origin = [application.origin];
      const emulation = new Emulation(hub, { origin });
      const server = createServer((request, response) => {
        if (!emulation.handle(request, response)) response.writeHead(404).end();
      });
      centrifugeJsonEndpoint(hub, { origin }).attach(server, { path: '/connection/websocket' });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(async () => {
        await hub.stop();
        server.close();
        server.closeAllConnections();
      });
      const { port } = server.address() as AddressInfo;
      const base = `http://127.0.0.1:${port}`;
      const ann = await application.visit({
        endpoint:
          transport === 'websocket' ? webSocketAt(port) : [{ transport, endpoint: `${base}/connection/${transport}` }],
        options: { emulationEndpoint: `${base}/emulation` },
      });
      await ann.hears(['connected', transport], ['subscribed']);
      return { hub, ann };
    }

    it('calls the application', async () => {
      const { hub, ann } = await start();
      hub.rpc('double', (visitor, data) => ({ user: visitor.user, result: JSON.parse(data ?? '0') * 2 }));
      hub.rpc('refuse', () => {
        throw new CommandError(1000, 'not today');
      });
      const call = (method: string) =>
        ann.page.evaluate(
          (name) =>
            window.sdk.client.rpc(name, 21).then(
              ({ data }) => data,
              ({ code, message }) => [code, message],
            ),
          method,
        );
      expect(await call('double')).toEqual({ user: 'ann', result: 42 });
      expect(await call('refuse')).toEqual([1000, 'not today']);
      expect(await call('nothing')).toEqual([104, 'method not found']);
    });

    it('sends to the application, and is told by it', async () => {
      const { hub, ann } = await start();
      const sent = new Promise((resolve) => hub.onMessage((visitor, data) => resolve([visitor.user, data])));
      await ann.page.evaluate(() => window.sdk.client.send({ is: 'typing' }));
      expect(await sent).toEqual(['ann', '{"is":"typing"}']);
      await hub.send('ann', { unread: 3 });
      await ann.hears(['message', { unread: 3 }]);
    });

    it('is taken out of a channel to come back at once, and then for good', async () => {
      const { hub, ann } = await start();
      await hub.publish('chat:lobby', 1);
      await ann.has(1);
      await hub.unsubscribe('ann', 'chat:lobby', { unsubscribe: { code: 2500, reason: 'begin anew' } });
      await ann.hears(['subscribing', 2500], ['subscribed', 'recovered']);
      await hub.publish('chat:lobby', 2);
      await ann.has(1, 2);
      await hub.unsubscribe('ann', 'chat:lobby');
      await ann.hears(['unsubscribed', 2000]);
    });

    it('is gone while its device has no network, and comes back with it', async () => {
      const { hub, ann } = await start();
      expect(hub.connectionCount).toBe(1);
      await ann.page.context().setOffline(true);
      await ann.hears(['subscribing', 1], ['connecting', 1]);
      await expect.poll(() => hub.connectionCount).toBe(0);
      await hub.publish('chat:lobby', 'meanwhile');
      await ann.page.context().setOffline(false);
      await ann.hears(['connected', transport], ['subscribed', 'recovered']);
      await ann.has('meanwhile');
    });
  },
);
