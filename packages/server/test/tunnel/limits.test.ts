import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { RefusedEvent } from '@tidewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve, signal, until } from '../support/serving.ts';
import { ack, ask, begin, codeOf, opening, openingPath, responseTo, TunnelPeer } from '../support/tunnel-peer.ts';

const open = (port: number) => ask(port, openingPath('/'), { body: opening() });

describe('the limit of tunnels from one address', () => {
  it('refuses one more, until one is gone', async () => {
    const { port, endpoint } = await serve({ tunnel: { maxSessionsPerAddress: 2 } });
    await TunnelPeer.open(port);
    const peer = await TunnelPeer.open(port);
    const response = await open(port);
    expect([response.status, codeOf(response)]).toEqual([429, 'TOO_MANY_REQUESTS']);
    await peer.ask('SEND', { type: 'RESET' });
    await until(() => endpoint.connectionCount === 1);
    expect((await open(port)).status).toBe(200);
  });

  it('tells whoever watches of the refusal, as of an opening that is refused otherwise', async () => {
    const refused: unknown[] = [];
    const listener = (event: unknown) => {
      const { endpoint, status, reason } = event as RefusedEvent;
      refused.push([endpoint, status, reason]);
    };
    diagnostics.subscribe('tidewire:server:refused', listener);
    onTestFinished(() => void diagnostics.unsubscribe('tidewire:server:refused', listener));
    const { port, endpoint } = await serve({ tunnel: { maxSessionsPerAddress: 0 } });
    await open(port);
    await ask(port, openingPath('/'), { body: '{' });
    await ask(port, openingPath('/'), { body: ' '.repeat(9000) });
    await ask(port, openingPath('/'), { headers: { 'Content-Type': 'application/json' } });
    await ask(port, openingPath('/'), { method: 'PUT' });
    await ask(port, '/?tidewire-tunnel=0', { body: '' });
    expect(refused).toEqual([
      [endpoint, 429, 'TOO_MANY_REQUESTS'],
      [endpoint, 400, 'MALFORMED'],
      [endpoint, 413, 'TOO_LARGE'],
      [endpoint, 415, 'CONTENT_TYPE'],
      [endpoint, 405, 'METHOD'],
    ]);
  });

  it('counts those that are yet to be decided upon, and not those that were refused', async () => {
    const asked = signal();
    const decided = signal();
    const { port } = await serve<undefined>({
      tunnel: { maxSessionsPerAddress: 1 },
      upgrade: async (request) => {
        asked.happen();
        await decided.happened;
        return request.reject(403);
      },
    });
    const first = open(port);
    await asked.happened;
    expect((await open(port)).status).toBe(429);
    decided.happen();
    expect((await first).status).toBe(403);
    expect((await open(port)).status).toBe(403);
  });
});

describe('a session', () => {
  it('keeps few answers that its client does not take', async () => {
    const { port, server, endpoint } = await serve({ tunnel: { window: 2 ** 24, maxBodySize: 2 ** 24 } });
    const cut: number[] = [];
    let connections = 0;
    server.on('connection', (connection) => {
      const number = ++connections;
      connection.on('close', () => cut.push(number));
    });
    const peer = await TunnelPeer.open(port);
    for (const socket of endpoint.sockets) socket.send(new Uint8Array(15_000_000));
    for (let i = 0; i < 9; i++) {
      const made = begin(port, peer.path);
      made.end(peer.body('TAKE', ack(0, 2 ** 24)));
      await responseTo(made);
    }
    await until(() => cut.length > 0);
    expect([cut, connections]).toEqual([[1], 9]);
  });

  it('is not cut by the timeout that the server has for requests', async () => {
    const { port, server } = await serve({});
    server.timeout = 100;
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0));
    await stream.until('PROOF');
    expect(stream.response.destroyed).toBe(false);
  });

  it('does not keep the server from closing once the endpoint has closed', async () => {
    const { port, server, endpoint } = await serve({});
    const peer = await TunnelPeer.open(port);
    await (await peer.stream(ack(0))).until('ACK');
    await endpoint.close({ timeout: 0 });
    server.close();
    await once(server, 'close');
  });
});
