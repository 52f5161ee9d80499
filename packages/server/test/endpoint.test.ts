import { once } from 'node:events';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';
import { WebSocket as UndiciWebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { closeOf, nextMessage, open, serve, signal } from './support/serving.ts';

const echoing = {
  message(socket: Socket, message: string | Uint8Array) {
    socket.send(message);
  },
};

describe('WebSocketEndpoint', () => {
  it('exchanges text and binary messages with the ws package', async () => {
    const { url } = await serve(echoing);
    const client = await open(url);
    client.send('grüße');
    expect(await nextMessage(client)).toBe('grüße');
    const bytes = Buffer.from([0, 1, 2, 255]);
    client.send(bytes);
    expect(await nextMessage(client)).toEqual(bytes);
  });

  it('exchanges messages with undici, of every size of header', async () => {
    const { url } = await serve(echoing);
    const client = new UndiciWebSocket(url);
    await once(client, 'open');
    for (const size of [0, 125, 126, 65_535, 65_536, 1_000_000]) {
      client.send('a'.repeat(size));
      const [event] = await once(client, 'message');
      expect(event.data.length).toBe(size);
    }
    client.close(1000, 'enough');
    const [closed] = await once(client, 'close');
    expect(closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('tells the close handler who closed, how, and that it was clean', async () => {
    const closed = signal<unknown[]>();
    const { url, endpoint } = await serve({
      close: (_socket, code, reason, details) => closed.happen([code, reason, details]),
    });
    const client = await open(url);
    expect(endpoint.sockets.size).toBe(1);
    client.close(3456, 'bye');
    expect(await closed.happened).toEqual([3456, 'bye', { wasClean: true, error: undefined }]);
    expect(endpoint.sockets.size).toBe(0);
  });

  it('closes from its side with code and reason', async () => {
    const { url } = await serve({ open: (socket) => socket.close(4001, 'not now') });
    const client = await open(url);
    expect(await closeOf(client)).toEqual({ code: 4001, reason: 'not now' });
  });

  it('hands pings and pongs to their handlers, and answers pings by itself', async () => {
    const ping = signal<string>();
    const pong = signal<string>();
    const { url } = await serve({
      open: (socket) => socket.ping('are you there'),
      ping: (_socket, payload) => ping.happen(Buffer.from(payload).toString()),
      pong: (_socket, payload) => pong.happen(Buffer.from(payload).toString()),
    });
    const client = await open(url);
    client.ping('hello');
    const [answer] = await once(client, 'pong');
    expect(String(answer)).toBe('hello');
    expect(await ping.happened).toBe('hello');
    expect(await pong.happened).toBe('are you there');
  });

  it('delivers messages in the order in which they were sent', async () => {
    const received: unknown[] = [];
    const all = signal();
    const { url } = await serve({
      message(_socket, message) {
        received.push(message);
        if (received.length === 1000) all.happen();
      },
    });
    const client = await open(url);
    for (let i = 0; i < 1000; i++) client.send(String(i));
    await all.happened;
    expect(received).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
  });

  it('carries the data that upgrade has attached', async () => {
    const { url, endpoint } = await serve<{ name: string }>({
      upgrade: (request) => ({ data: { name: request.query.get('name') ?? '' } }),
      message: (socket) => socket.send(socket.data.name),
    });
    const client = await open(`${url}/path?name=ada`);
    client.send('who am I');
    expect(await nextMessage(client)).toBe('ada');
    const [socket] = [...endpoint.sockets];
    expect(socket).toMatchObject({ url: '/path?name=ada', remoteAddress: '127.0.0.1', subprotocol: '' });
  });

  it('compresses both ways where that was asked for', async () => {
    const { url, endpoint } = await serve({ ...echoing, deflate: { threshold: 0 } });
    const client = await open(url);
    expect(client.extensions).toContain('permessage-deflate');
    const [socket] = [...endpoint.sockets];
    expect(socket?.deflate).toMatchObject({ serverNoContextTakeover: true, clientNoContextTakeover: true });
    for (const text of ['', 'a', 'abc'.repeat(10_000)]) {
      client.send(text);
      expect(await nextMessage(client)).toBe(text);
    }
  });

  it('takes over context where it is told to', async () => {
    const { url, endpoint } = await serve({
      ...echoing,
      deflate: {
        threshold: 0,
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 10,
      },
    });
    const client = await open(url);
    const [socket] = [...endpoint.sockets];
    expect(socket?.deflate).toMatchObject({ serverNoContextTakeover: false, serverMaxWindowBits: 10 });
    for (let i = 0; i < 5; i++) {
      client.send('the same again');
      expect(await nextMessage(client)).toBe('the same again');
    }
  });

  it('does not compress unless told to', async () => {
    const { url } = await serve(echoing);
    expect((await open(url)).extensions).toBe('');
  });

  it.each([
    [{ subprotocols: ['a b'] }, 'subprotocols'],
    [{ maxConnections: Number.NaN }, 'maxConnections'],
    [{ slowSubscriber: 'wait' }, 'slowSubscriber'],
    [{ tap: 'all' }, 'tap'],
    [{ deflate: { serverMaxWindowBits: 16 } }, 'serverMaxWindowBits'],
    [{ deflate: { threshold: -1 } }, 'compressionThreshold'],
    [{ limits: { maxMessageSize: -1 } }, 'maxMessageSize'],
    [{ heartbeat: { interval: 0 } }, 'heartbeat.interval'],
    [{ heartbeat: { timeout: '5' } }, 'heartbeat.timeout'],
    [{ idleTimeout: 1000 }, 'idleTimeout'],
    [{ closeTimeout: -5 }, 'closeTimeout'],
    [{ origin: ['https://example.com/'] }, 'origin'],
    [{ origin: 'example.com' }, 'origin'],
  ])('says which option makes no sense: %j', (options, name) => {
    // @ts-expect-error some of them have the wrong type on purpose
    expect(() => new WebSocketEndpoint(options)).toThrow(name);
  });
});
