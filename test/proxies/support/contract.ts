import { describe, expect, it } from 'vitest';
import type { StartProxy } from './documented.ts';
import { converse, countdown, echo, next, open, serve } from './endpoint.ts';

// What the configurations of docs/deployment do, whatever the proxy.

/** @param cuts whether the proxy cuts what is silent */
export function describeDocumented(title: string, isHere: boolean, start: StartProxy, cuts = true): void {
  describe.skipIf(!isHere)(title, () => {
    it('WebSockets get', async () => {
      const backend = await serve();
      const { url, tls } = await start([backend.port]);
      expect(await converse(url, backend, { transports: ['websocket'], tls })).toBe('websocket');
    });

    it.each([['stream'], ['poll']] as const)('tunnels get: %s', async (transport) => {
      const backend = await serve();
      const { url, tls } = await start([backend.port]);
      expect(await converse(url, backend, { transports: [transport], tls })).toBe(transport);
    });

    it('pages of the same host may connect, and others may not', async () => {
      const backend = await serve();
      const { url, origin, tls } = await start([backend.port]);
      for (const transport of ['websocket', 'stream'] as const) {
        const options = { tls, transports: [transport] };
        await echo(await open(url, { ...options, origin }), 'from here');
        const foreign = open(url, { ...options, origin: 'https://127.0.0.1:1' });
        await expect(foreign).rejects.toMatchObject({ response: { status: 403 } });
      }
    });

    it('the server learns the address of the client, and not the one that it claims', async () => {
      const addresses: unknown[] = [];
      const backend = await serve({
        upgrade: (request) => {
          addresses.push(...request.headers.all('x-forwarded-for'));
          return { data: undefined };
        },
      });
      const { url, tls } = await start([backend.port]);
      const headers = { 'X-Forwarded-For': '203.0.113.9' };
      await open(url, { tls, headers });
      await open(url, { tls, headers, transports: ['stream'] });
      expect(addresses).toEqual(['127.0.0.1', '127.0.0.1']);
    });

    it('the server learns that the client speaks TLS, whatever it claims', async () => {
      const schemes: unknown[] = [];
      const backend = await serve({
        upgrade: (request) => {
          schemes.push(...request.headers.all('x-forwarded-proto'));
          return { data: undefined };
        },
      });
      const { url, tls } = await start([backend.port]);
      await open(url, { tls });
      await open(url, { tls, headers: { 'X-Forwarded-Proto': 'http' } });
      expect(schemes).toEqual(['https', 'https']);
    });

    it('silent connections live on, because the server pings before the proxy loses patience', async () => {
      const pings = countdown(5);
      const backend = await serve({ heartbeat: { interval: 500, timeout: 400 }, pong: pings.count });
      const { url, tls } = await start([backend.port], true);
      const socket = await open(url, { tls });
      await pings.done;
      await echo(socket, 'still here');
    });

    it.skipIf(!cuts)('silent connections are cut where nobody pings', async () => {
      const backend = await serve({ heartbeat: false });
      const { url, tls } = await start([backend.port], true);
      const { code } = await next(await open(url, { tls }), 'close');
      expect(code).toBe(1006);
    });

    it('all requests of a tunnel reach the same of several servers', async () => {
      const backends = [await serve(), await serve(), await serve()];
      const { url, tls } = await start(backends.map(({ port }) => port));
      for (const transport of ['stream', 'poll'] as const) {
        const socket = await open(url, { tls, transports: [transport] });
        for (let i = 0; i < 10; i++) await echo(socket, `message ${i}`);
      }
    });
  });
}
