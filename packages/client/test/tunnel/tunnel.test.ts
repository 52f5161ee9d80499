import { once } from 'node:events';
import { type CloseEvent, WebSocketStream } from '@tidewire/client';
import { describe, expect, it } from 'vitest';
import { afterThisTest } from '../support/servers.ts';
import { closeOf, connect, next, open } from '../support/sockets.ts';
import { Collected, serve } from '../support/tunnels.ts';

const end = ({ code, reason, wasClean }: CloseEvent) => [code, reason, wasClean];

const transports = ['stream', 'poll', 'interval'] as const;

describe.each(transports)('a WebSocket over a tunnel by %s', (transport) => {
  const options = { transports: [transport] };
  const server = { tunnel: { pollInterval: 100 } };

  it('carries text and bytes of every size, and the close', async () => {
    const told: unknown[] = [];
    const { url, endpoint } = await serve({ ...server, close: (_, code, reason) => void told.push(code, reason) });
    const collected = new Collected(await open(url, options));
    const sizes = [0, 125, 126, 65_535, 65_536, 700_000];
    for (const size of sizes) {
      collected.socket.send('ä'.repeat(size));
      collected.socket.send(new Uint8Array(size).fill(size));
    }
    await collected.until(2 * sizes.length);
    for (const [i, size] of sizes.entries()) {
      expect(collected.messages[2 * i]).toBe('ä'.repeat(size));
      expect(collected.messages[2 * i + 1]).toEqual(new Uint8Array(size).fill(size).buffer);
    }
    expect(collected.socket.transport).toBe(transport);
    const closed = closeOf(collected.socket);
    collected.socket.close(4000, 'enough');
    expect(end(await closed)).toEqual([4000, '', true]);
    expect([told, endpoint.connectionCount]).toEqual([[4000, 'enough'], 0]);
  });

  it('is closed by the server, with what was sent before', async () => {
    const { url } = await serve({
      ...server,
      open(socket) {
        socket.send('first');
        socket.close(4001, 'no');
      },
    });
    const socket = connect(url, options);
    const [message, closed] = await Promise.all([next<MessageEvent>(socket, 'message'), closeOf(socket)]);
    expect(message.data).toBe('first');
    expect(end(closed)).toEqual([4001, 'no', true]);
  });

  it('that the server drops ends with 1006, and says why', async () => {
    const { url, endpoint } = await serve({ ...server, message: (socket) => socket.terminate() });
    const socket = await open(url, options);
    const closed = closeOf(socket);
    socket.send('please');
    const { code, wasClean, failure } = await closed;
    expect([code, wasClean, failure?.code]).toEqual([1006, false, 'CONNECTION_LOST']);
    expect(failure?.cause).toMatchObject({ name: 'TunnelError', code: 'RESET' });
    expect(endpoint.connectionCount).toBe(0);
  });

  it('that the client drops is gone for the server, too', async () => {
    let gone: (code: number) => void = () => {};
    const closed = new Promise<number>((resolve) => {
      gone = resolve;
    });
    const { url } = await serve({ ...server, close: (_, code) => gone(code) });
    const socket = await open(url, options);
    socket.terminate();
    expect((await closeOf(socket)).failure?.code).toBe('TERMINATED');
    expect(await closed).toBe(1006);
  });
});

describe('a WebSocket over a tunnel', () => {
  const options = { transports: ['stream'] } as const;

  it('answers pings, and its own are answered', async () => {
    const { url, endpoint } = await serve();
    const socket = await open(url, options);
    socket.ping('mine');
    expect(Buffer.from((await next<MessageEvent>(socket, 'pong')).data).toString()).toBe('mine');
    const [peer] = endpoint.sockets;
    const ponged = once(socket, 'message');
    peer?.ping('yours');
    peer?.send('behind');
    await ponged;
  });

  it('counts what the server does not take, and takes no more than it reads', async () => {
    const { url, endpoint } = await serve({ tunnel: { window: 16_384 } });
    const collected = new Collected(await open(url, options));
    const [peer] = endpoint.sockets;
    peer?.pause();
    for (let i = 0; i < 100; i++) collected.socket.send('x'.repeat(10_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(collected.socket.bufferedAmount).toBeGreaterThan(700_000);
    peer?.resume();
    await collected.until(100);
    expect(collected.socket.bufferedAmount).toBe(0);
  });

  it('is a pair of streams with backpressure, too', async () => {
    const { url, endpoint } = await serve({ tunnel: { window: 16_384 } });
    const stream = new WebSocketStream(url, { ...options });
    afterThisTest(() => stream.close());
    const { readable, writable } = await stream.opened;
    const [peer] = endpoint.sockets;
    for (let i = 0; i < 100; i++) peer?.send('x'.repeat(10_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(peer?.bufferedAmount).toBeGreaterThan(500_000);
    const reader = readable.getReader();
    for (let i = 0; i < 100; i++) expect((await reader.read()).value).toHaveLength(10_000);
    const writer = writable.getWriter();
    for (let i = 0; i < 10; i++) await writer.write(new Uint8Array(50_000));
    for (let i = 0; i < 10; i++) expect((await reader.read()).value).toHaveLength(50_000);
    await writer.close();
    expect(await stream.closed).toMatchObject({ closeCode: 1005 });
  });

  it('is closed with 1001 when the endpoint drains', async () => {
    const { url, endpoint, server } = await serve();
    const socket = await open(url, options);
    const closed = closeOf(socket);
    await endpoint.drain({ reason: 'restart' });
    expect(end(await closed)).toEqual([1001, 'restart', true]);
    server.close();
    await once(server, 'close');
  });
});
