import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Handlers, Socket } from '@tidewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { closeOf, endpointFor, listen, nextMessage, open, recordErrors, serve, signal } from './support/serving.ts';

const failure = new Error('of the handler');
const throws = () => {
  throw failure;
};
const rejects = () => Promise.reject(failure);

describe('a handler that fails', () => {
  it.each<[string, Handlers<undefined>]>([
    ['open throws', { open: throws }],
    ['open rejects', { open: rejects }],
    ['message throws', { message: throws }],
    ['message rejects', { message: rejects }],
    ['ping throws', { ping: throws }],
    ['pong rejects', { open: (socket) => socket.ping(), pong: rejects }],
  ])('closes its socket with 1011 and is reported: %s', async (_name, handlers) => {
    const reported = signal<unknown>();
    const { url } = await serve({ ...handlers, error: (_socket, error) => reported.happen(error) });
    const client = await open(url);
    client.send('x');
    client.ping();
    expect((await closeOf(client)).code).toBe(1011);
    expect(await reported.happened).toBe(failure);
  });

  it('may be the error handler itself, asynchronously: a warning, and nothing worse', async () => {
    const warned = once(process, 'warning');
    const { url } = await serve({ message: throws, error: async () => throws() });
    const client = await open(url);
    client.send('x');
    expect((await closeOf(client)).code).toBe(1011);
    expect(String((await warned)[0])).toContain('of the handler');
  });

  it('may be a path: that request gets 500, and others are served', async () => {
    const errors = recordErrors();
    const server = createServer();
    endpointFor({ message: (socket, message) => socket.send(message) }).attach(server, {
      path: (path) => decodeURIComponent(path) === '/chat',
    });
    const { port, url } = await listen(server);
    const { response } = await RawPeer.ask(port, upgradeRequest('/%zz'));
    expect(response.status).toBe(500);
    const client = await open(`${url}/chat`);
    client.send('still here');
    expect(String(await nextMessage(client))).toBe('still here');
    expect(errors).toHaveLength(1);
  });

  it('lets other sockets go on', async () => {
    const { url } = await serve({
      message(socket, message) {
        if (message === 'bad') throw failure;
        socket.send(message);
      },
      error: () => {},
    });
    const good = await open(url);
    const bad = await open(url);
    bad.send('bad');
    await closeOf(bad);
    good.send('good');
    expect(await nextMessage(good)).toBe('good');
  });

  it('is reported, too, when it is the last that the socket calls', async () => {
    const reported = signal<unknown>();
    const { url } = await serve({ close: throws, error: (_socket, error) => reported.happen(error) });
    (await open(url)).close(1000);
    expect(await reported.happened).toBe(failure);
  });

  it('becomes a warning of the process where nobody listens', async () => {
    const { url } = await serve({ message: throws });
    const warned = once(process, 'warning');
    const client = await open(url);
    client.send('x');
    const [warning] = await warned;
    expect(warning).toMatchObject({
      name: 'WebSocketHandlerWarning',
      message: expect.stringContaining('of the handler'),
    });
  });

  it('is the error handler itself: a warning', async () => {
    const { url } = await serve({ message: throws, error: throws });
    const warned = once(process, 'warning');
    const client = await open(url);
    client.send('x');
    expect((await warned)[0]).toMatchObject({ name: 'WebSocketHandlerWarning' });
    await closeOf(client);
  });
});

describe('the handlers', () => {
  it('are called on the options, so that they may use each other', async () => {
    const handlers = {
      greeting: 'hello',
      message(this: { greeting: string }, socket: Socket) {
        socket.send(this.greeting);
      },
    };
    const { url } = await serve(handlers);
    const client = await open(url);
    client.send('hi');
    expect(await nextMessage(client)).toBe('hello');
  });
});

describe('diagnostics channels', () => {
  function record(names: readonly string[]): [string, Record<string, unknown>][] {
    const events: [string, Record<string, unknown>][] = [];
    for (const name of names) {
      const listener = (event: unknown) => events.push([name, event as Record<string, unknown>]);
      diagnostics.subscribe(`tidewire:server:${name}`, listener);
      onTestFinished(() => void diagnostics.unsubscribe(`tidewire:server:${name}`, listener));
    }
    return events;
  }

  it('tell of open, message, error, close and refused upgrades', async () => {
    const events = record(['open', 'message', 'error', 'close', 'refused']);
    const closed = signal();
    const { url, endpoint } = await serve({
      upgrade: (request) => (request.path === '/no' ? request.reject(401) : { data: undefined }),
      message: throws,
      close: () => closed.happen(),
    });
    const client = await open(url);
    const [socket] = [...endpoint.sockets];
    client.send('x');
    await closeOf(client);
    await closed.happened;
    await expect(open(`${url}/no`)).rejects.toThrow('401');
    const request = events.at(-1)?.[1].request;
    expect(request).toMatchObject({ url: '/no' });
    // The sockets of the tests before may end only now.
    expect(events.filter(([, event]) => event.endpoint === endpoint)).toEqual([
      ['open', { endpoint, socket }],
      ['message', { endpoint, socket, message: 'x' }],
      ['error', { endpoint, socket, request: undefined, error: failure }],
      ['close', { endpoint, socket, code: 1011, reason: '', wasClean: true, error: undefined }],
      ['refused', { endpoint, request, status: 401, reason: 'REJECTED' }],
    ]);
  });

  it('tell how long the answers to the heartbeat took, and of no Pong that answers none', async () => {
    const events = record(['pong']);
    const ponged = signal();
    const { url, endpoint } = await serve({
      heartbeat: { interval: 100, timeout: 5000 },
      pong: () => {
        if (events.length > 0) ponged.happen();
      },
    });
    const client = await open(url);
    const [socket] = [...endpoint.sockets];
    client.pong('12345678');
    client.pong(new Uint8Array(8));
    client.pong('x');
    await ponged.happened;
    expect(events).toEqual([['pong', { endpoint, socket, roundTrip: expect.any(Number) }]]);
    const [, event] = events[0] ?? [];
    expect(event?.roundTrip).toBeGreaterThanOrEqual(0);
    expect(event?.roundTrip).toBeLessThan(5000);
  });

  it('name the rule that a refused request broke', async () => {
    const events = record(['refused']);
    const { port } = await serve({}, { attach: { path: '/chat' } });
    await RawPeer.ask(port, upgradeRequest('/chat', { 'Sec-WebSocket-Key': 'x' }));
    await RawPeer.ask(port, upgradeRequest('/chat', { Origin: 'http://evil.example' }));
    await RawPeer.ask(port, upgradeRequest('/other'));
    expect(events.map(([, { status, reason }]) => [status, reason])).toEqual([
      [400, 'KEY'],
      [403, 'FOREIGN_ORIGIN'],
      [404, 'NO_ENDPOINT'],
    ]);
  });
});
