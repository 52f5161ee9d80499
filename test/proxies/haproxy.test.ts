import { createServer as createHttp2Server } from 'node:http2';
import { setTimeout as silence } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeDocumented } from './support/contract.ts';
import { startHaproxy } from './support/documented.ts';
import { converse, echo, open, serve } from './support/endpoint.ts';
import { freePort, haproxyPath, runHaproxy } from './support/run-proxy.ts';

const transports = ['websocket', 'stream', 'poll'] as const;

/** HAProxy with nothing but what it needs, and what is said besides. */
async function plain(backend: number, ...directives: string[]): Promise<string> {
  const port = await freePort();
  const lines = [
    'listen web',
    'mode http',
    'timeout connect 5s',
    'timeout client 50s',
    'timeout server 50s',
    `bind 127.0.0.1:${port}`,
    ...directives,
    `server one 127.0.0.1:${backend}`,
  ];
  await runHaproxy(`${lines.join('\n')}\n`);
  return `ws://127.0.0.1:${port}/echo`;
}

describe.skipIf(haproxyPath === '')('through an HAProxy', () => {
  it('with nothing special WebSockets get', async () => {
    const backend = await serve();
    expect(await converse(await plain(backend.port), backend, { transports })).toBe('websocket');
  });

  it.each([['websocket'], ['stream'], ['poll']] as const)(
    'that speaks HTTP/2 to the server everything gets: %s',
    async (transport) => {
      const backend = await serve({}, createHttp2Server());
      const url = await plain(backend.port, 'default-server proto h2');
      expect(await converse(url, backend, { transports: [transport] })).toBe(transport);
    },
  );

  it.each(['http-request del-header Upgrade', 'http-request deny if { req.hdr(Upgrade) -m found }'])(
    'no WebSocket gets, but a tunnel does, by streaming: %s',
    async (rule) => {
      const backend = await serve();
      const url = await plain(backend.port, rule);
      await expect(open(url, { transports: ['websocket'] })).rejects.toMatchObject({ code: 'STATUS' });
      expect(await converse(url, backend, { transports })).toBe('stream');
    },
  );

  it('a tunnel gets by polling where answers are held back', async () => {
    const backend = await serve();
    const rules = ['http-request del-header Upgrade', 'http-response wait-for-body time 20s'];
    expect(await converse(await plain(backend.port, ...rules), backend, { transports })).toBe('poll');
  });

  it('a tunnel outlives a patience that is shorter than its heartbeats', async () => {
    const backend = await serve({ heartbeat: false });
    const url = await plain(backend.port, 'http-request del-header Upgrade', 'timeout server 1s', 'timeout client 1s');
    const socket = await open(url, { transports });
    for (let i = 0; i < 2; i++) {
      await silence(2500);
      await echo(socket, `message ${i}`);
    }
  });
});

describeDocumented('through an HAProxy as documented', haproxyPath !== '', startHaproxy);
