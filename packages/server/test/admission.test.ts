import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketEndpoint } from '@tidewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { closeFrame, frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { nextMessage, open, recordErrors, serve, signal } from './support/serving.ts';

describe('upgrade', () => {
  it('sees the request', async () => {
    const { url } = await serve<object>({
      subprotocols: ['x'],
      upgrade: (request) => ({
        data: {
          method: request.method,
          path: request.path,
          query: request.query.getAll('q'),
          host: request.host,
          origin: request.origin,
          agent: request.headers.get('user-agent'),
          tags: request.headers.all('X-Tag'),
          cookies: Object.fromEntries(request.cookies),
          subprotocols: request.subprotocols,
          remoteAddress: request.remoteAddress,
          encrypted: request.encrypted,
          certificate: request.certificate ?? null,
          incoming: request.incoming.httpVersion,
        },
      }),
      open: (socket) => socket.send(JSON.stringify(socket.data)),
    });
    const client = new WebSocket(`${url}/a%20b?q=1&q=2`, ['x', 'y'], {
      headers: { 'X-Tag': ['one', 'two'], Cookie: 'id=7; theme="dark%20blue"', 'User-Agent': 'test' },
      origin: url.replace('ws', 'http'),
    });
    onTestFinished(() => client.terminate());
    const host = url.slice('ws://'.length);
    expect(JSON.parse(String(await nextMessage(client)))).toEqual({
      method: 'GET',
      path: '/a%20b',
      query: ['1', '2'],
      host,
      origin: `http://${host}`,
      agent: 'test',
      tags: ['one', 'two'],
      cookies: { id: '7', theme: 'dark blue' },
      subprotocols: ['x', 'y'],
      remoteAddress: '127.0.0.1',
      encrypted: false,
      certificate: null,
      incoming: '1.1',
    });
  });

  it('loses nothing that arrives while it decides', async () => {
    const asked = signal();
    const decide = signal();
    const received: unknown[] = [];
    const complete = signal();
    const { port } = await serve({
      upgrade: async () => {
        asked.happen();
        await decide.happened;
        return { data: undefined };
      },
      message(_socket, message) {
        received.push(message);
        if (received.length === 3) complete.happen();
      },
    });
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(upgradeRequest(), frame(Opcode.TEXT, 'with the request'));
    await asked.happened;
    const late = frame(Opcode.TEXT, 'while deciding');
    peer.send(late.subarray(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.send(late.subarray(5), frame(Opcode.TEXT, 'and more'));
    decide.happen();
    expect((await peer.response()).status).toBe(101);
    await complete.happened;
    expect(received).toEqual(['with the request', 'while deciding', 'and more']);
  });

  it('bounds what arrives while it decides', async () => {
    const asked = signal();
    const decide = signal();
    const all = signal();
    let length = 0;
    const { port, server } = await serve({
      upgrade: async () => {
        asked.happen();
        await decide.happened;
        return { data: undefined };
      },
      message(_socket, message) {
        length += message.length;
        if (length === 32 * 1024 * 1024) all.happen();
      },
    });
    const accepted = once(server, 'connection');
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    const [socket] = await accepted;
    peer.send(upgradeRequest());
    await asked.happened;
    const chunk = frame(Opcode.BINARY, Buffer.alloc(1024 * 1024));
    for (let i = 0; i < 32; i++) peer.send(chunk);
    let before = -1;
    while (socket.bytesRead !== before) {
      before = socket.bytesRead;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(socket.bytesRead).toBeLessThan(256 * 1024);
    decide.happen();
    await all.happened;
  });

  it('is told by its signal that the client has gone away', async () => {
    const asked = signal();
    const aborted = signal<unknown>();
    const { port, endpoint } = await serve({
      upgrade: (request) =>
        new Promise(() => {
          request.signal.addEventListener('abort', () => aborted.happen(request.signal.reason));
          asked.happen();
        }),
    });
    for (const leave of [(peer: RawPeer) => peer.reset(), (peer: RawPeer) => peer.socket.end()]) {
      const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
      peer.send(upgradeRequest());
      await asked.happened;
      leave(peer);
      expect(await aborted.happened).toBeInstanceOf(Error);
    }
    await expect.poll(() => endpoint.connectionCount).toBe(0);
  });

  it('may let its signal abort what it waits for, which is no error', async () => {
    const errors = recordErrors();
    const { port, endpoint } = await serve({
      upgrade: async ({ path, signal }) => {
        if (path === '/reason')
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        else await delay(60_000, undefined, { signal });
        return { data: undefined };
      },
    });
    for (const path of ['/reason', '/cause']) {
      const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
      peer.send(upgradeRequest(path));
      await expect.poll(() => endpoint.connectionCount).toBe(1);
      peer.reset();
      await expect.poll(() => endpoint.connectionCount).toBe(0);
    }
    expect(errors).toEqual([]);
  });

  it('answers 503 when it takes longer than the deadline, and what it decides later does nothing', async () => {
    const decide = signal();
    let opened = 0;
    const { port } = await serve({
      handshakeTimeout: 50,
      upgrade: async () => {
        await decide.happened;
        return { data: undefined };
      },
      open: () => opened++,
    });
    const { peer, response } = await RawPeer.ask(port);
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5', connection: 'close' } });
    decide.happen();
    expect(await peer.rest()).toHaveLength(0);
    expect(opened).toBe(0);
  });

  it('answers 500 without details when it throws or rejects', async () => {
    const { port } = await serve({
      upgrade: (request) => {
        if (request.path === '/sync') throw new Error('secret');
        return Promise.reject(new Error('secret'));
      },
    });
    const warning = once(process, 'warning');
    for (const path of ['/sync', '/async']) {
      const { response } = await RawPeer.ask(port, upgradeRequest(path));
      expect(response).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
    }
    const [{ name, message }] = await warning;
    expect(name).toBe('WebSocketHandlerWarning');
    expect(message).toContain('secret');
  });

  it('adds headers to the response', async () => {
    const { port } = await serve({
      upgrade: () => ({ data: undefined, headers: [['Set-Cookie', 'id=8; HttpOnly']] }),
    });
    const { response } = await RawPeer.ask(port);
    expect(response).toMatchObject({
      status: 101,
      headers: { 'set-cookie': 'id=8; HttpOnly', 'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' },
    });
  });

  it('takes clients of version 8, with Sec-WebSocket-Origin', async () => {
    const origins: unknown[] = [];
    const { port } = await serve({
      upgrade: (request) => {
        origins.push(request.origin);
        return { data: undefined };
      },
    });
    const changes = { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://localhost' };
    const { response } = await RawPeer.ask(port, upgradeRequest('/', changes));
    expect(response.status).toBe(101);
    expect(origins).toEqual(['http://localhost']);
  });
});

describe('the subprotocol', () => {
  it('is the first of the endpoint that the client asked for', async () => {
    const { url } = await serve({ subprotocols: ['v2', 'v1'] });
    expect((await open(url, ['v1', 'v2'])).protocol).toBe('v2');
    expect((await open(url, ['v1'])).protocol).toBe('v1');
    expect((await open(url)).protocol).toBe('');
  });

  it('is none if there is none in common', async () => {
    const { port } = await serve({ subprotocols: ['v2'] });
    const { response } = await RawPeer.ask(port, upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'other' }));
    expect(response.status).toBe(101);
    expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
  });

  it('is what upgrade says, and an error if the client had not asked for that', async () => {
    const errors = recordErrors();
    const { port } = await serve({
      subprotocols: ['v2'],
      upgrade: () => ({ data: undefined, subprotocol: 'v1' }),
      open: (socket) => socket.send(socket.subprotocol),
    });
    const asksForIt = upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'v2, v1' });
    const { peer, response } = await RawPeer.ask(port, asksForIt);
    expect(response.headers['sec-websocket-protocol']).toBe('v1');
    expect(String((await peer.frame()).payload)).toBe('v1');
    expect((await RawPeer.ask(port)).response.status).toBe(500);
    expect(errors).toEqual([expect.any(TypeError)]);
  });
});

describe('a refusal', () => {
  it('is a whole response with the status, headers and body wanted, and ends the connection', async () => {
    const { port } = await serve({
      closeTimeout: false,
      upgrade: (request) => request.reject(401, { headers: [['WWW-Authenticate', 'Bearer']], body: 'Who are you? ü' }),
    });
    const { peer, response } = await RawPeer.ask(port);
    expect(response).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate': 'Bearer',
        'content-length': '15',
        'content-type': 'text/plain; charset=utf-8',
        connection: 'close',
      },
      body: 'Who are you? ü',
    });
    expect(await peer.rest()).toHaveLength(0);
  });

  it('holds even if what reject returned is not returned', async () => {
    const { port } = await serve({
      upgrade: (request) => {
        request.reject(403);
        return { data: undefined };
      },
    });
    expect((await RawPeer.ask(port)).response).toMatchObject({ status: 403, body: 'Forbidden\n' });
  });

  it('is understood by HTTP clients', async () => {
    const { port } = await serve({ upgrade: (request) => request.reject(302, { headers: [['Location', '/login']] }) });
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': 13,
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    }).end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(302);
    expect(response.headers.location).toBe('/login');
    response.resume();
    await once(response, 'end');
  });

  it.each([
    ['another method', upgradeRequest('/', {}, 'POST / HTTP/1.1'), 405],
    ['HTTP/1.0', upgradeRequest('/', {}, 'GET / HTTP/1.0'), 400],
    ['version 7', upgradeRequest('/', { 'Sec-WebSocket-Version': '7' }), 426],
    ['no key', upgradeRequest('/', { 'Sec-WebSocket-Key': undefined }), 400],
    ['a bad key', upgradeRequest('/', { 'Sec-WebSocket-Key': 'abc' }), 400],
    ['a repeated subprotocol', upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'a, a' }), 400],
    ['two origins', upgradeRequest('/', { Origin: ['http://localhost', 'http://other'] }), 400],
  ])('answers a handshake with %s', async (_name, request, status) => {
    const { port } = await serve({});
    const { peer, response } = await RawPeer.ask(port, request);
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.allow).toBe('GET');
    if (status === 426) expect(response.headers['sec-websocket-version']).toBe('13, 8');
    await peer.rest();
  });

  it('answers 503 beyond maxConnections, upgrades under way included', async () => {
    const decide = signal();
    const { port, endpoint, url } = await serve({
      maxConnections: 2,
      upgrade: async (request) => {
        if (request.path === '/slow') await decide.happened;
        return { data: undefined };
      },
    });
    const first = await open(url);
    const second = await RawPeer.connect({ port, host: '127.0.0.1' });
    second.send(upgradeRequest('/slow'));
    await expect.poll(() => endpoint.connectionCount).toBe(2);
    expect((await RawPeer.ask(port)).response.status).toBe(503);
    first.close();
    await expect.poll(() => endpoint.connectionCount).toBe(1);
    expect((await RawPeer.ask(port)).response.status).toBe(101);
    decide.happen();
  });

  it('lets go of a client that closes its side, whatever it has pipelined', async () => {
    const { port, server } = await serve({ closeTimeout: false });
    const malformed = upgradeRequest('/', { 'Sec-WebSocket-Key': 'x' });
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(malformed, Buffer.alloc(4 * 1024 * 1024));
    expect((await peer.response()).status).toBe(400);
    peer.socket.end();
    await peer.gone();
    await expect.poll(() => connectionsOf(server)).toBe(0);
  });

  it('frees a client that does not close its side', async () => {
    const { port, server } = await serve({ closeTimeout: 50, upgrade: (request) => request.reject(403) });
    const { peer } = await RawPeer.ask(port);
    await peer.rest();
    await expect.poll(() => connectionsOf(server)).toBe(0);
  });
});

describe('cookies', () => {
  it.each([
    ['a=1; b=2', { a: '1', b: '2' }],
    ['a=1; a=2', { a: '1' }],
    ['a="quoted"; b=x=y; c=', { a: 'quoted', b: 'x=y', c: '' }],
    ['a=%20; b=%zz', { a: ' ', b: '%zz' }],
    ['novalue; =noname; ;;', {}],
    ['__proto__=x', { ['__proto__']: 'x' }],
  ])('are parsed without trust: %s', async (Cookie, expected) => {
    const seen = signal<Record<string, string>>();
    const { port } = await serve({
      upgrade: (request) => {
        seen.happen(Object.fromEntries(request.cookies));
        return { data: undefined };
      },
    });
    const peer = await RawPeer.open(port, upgradeRequest('/', { Cookie }));
    peer.send(closeFrame(1000));
    expect(await seen.happened).toEqual(expected);
  });
});

async function connectionsOf(server: { getConnections(callback: (error: unknown, count: number) => void): unknown }) {
  return await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
}

it('has types that demand upgrade where there is data', () => {
  new WebSocketEndpoint<undefined>({});
  new WebSocketEndpoint<string | undefined>({});
  // @ts-expect-error data has to come from somewhere
  new WebSocketEndpoint<string>({});
  const inferred = new WebSocketEndpoint({
    upgrade: () => ({ data: { count: 1 } }),
    open: (socket) => socket.data.count.toFixed(),
  });
  expect(inferred.sockets.size).toBe(0);
});
