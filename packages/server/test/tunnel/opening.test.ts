import { once } from 'node:events';
import { createServer } from 'node:http';
import type { UpgradeRequest } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { endpointFor, recordErrors, serve, signal } from '../support/serving.ts';
import { ask, begin, codeOf, opening, openingPath, TunnelPeer } from '../support/tunnel-peer.ts';

const open = (port: number, path = '/', headers: Record<string, string | string[]> = {}) =>
  ask(port, openingPath(path), { headers, body: opening() });

describe('the opening of a tunnel', () => {
  it('is decided upon as a handshake is', async () => {
    const seen: UpgradeRequest[] = [];
    const { port, endpoint } = await serve<string>({
      subprotocols: ['b', 'a'],
      upgrade: (request) => {
        seen.push(request);
        return {
          data: 'Ada',
          headers: [
            ['Set-Cookie', 'one=1'],
            ['Set-Cookie', 'two=2'],
          ],
        };
      },
    });
    const { status, headers, body } = await ask(port, '/room?x=1&tidewire-tunnel=open', {
      headers: { Cookie: 'session=%73', Origin: `http://127.0.0.1:${port}` },
      body: opening(['a', 'b']),
    });
    expect([status, JSON.parse(body.toString()).subprotocol]).toEqual([200, 'b']);
    expect(headers).toMatchObject({ 'set-cookie': ['one=1', 'two=2'], 'cache-control': 'no-store, no-transform' });
    const [request] = seen;
    expect([request?.url.href, request?.path]).toEqual([`http://127.0.0.1:${port}/room?x=1`, '/room']);
    expect([request?.incoming.url, request?.remoteAddress]).toEqual(['/room?x=1', '127.0.0.1']);
    expect([request?.subprotocols, request?.cookies.get('session')]).toEqual([['a', 'b'], 's']);
    const [socket] = endpoint.sockets;
    expect([socket?.data, socket?.subprotocol, socket?.url]).toEqual(['Ada', 'b', '/room?x=1']);
    expect(endpoint.connectionCount).toBe(1);
  });

  it('is refused by the application with the answer that it has chosen', async () => {
    const { port, endpoint } = await serve({
      upgrade: (request) => {
        const headers = ['a=1', 'b=2'].map((cookie) => ['Set-Cookie', cookie] as const);
        return request.reject(401, { headers: [...headers, ['Content-Type', 'text/html']], body: '<p>Log in' });
      },
    });
    const { status, headers, body } = await open(port);
    expect([status, headers['content-type'], body.toString()]).toEqual([401, 'text/html', '<p>Log in']);
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(endpoint.connectionCount).toBe(0);
  });

  it('is refused without an Origin where one is required', async () => {
    const { port } = await serve({ requireOrigin: true });
    const response = await open(port);
    expect([response.status, codeOf(response)]).toEqual([403, 'ORIGIN_REQUIRED']);
  });

  it('is refused when there are too many sockets, and while the endpoint drains', async () => {
    const { port, endpoint } = await serve({ maxConnections: 1 });
    await TunnelPeer.open(port);
    const full = await open(port);
    expect([full.status, codeOf(full), full.headers['retry-after']]).toEqual([503, 'TOO_MANY_CONNECTIONS', '5']);
    void endpoint.drain();
    expect(codeOf(await open(port))).toBe('DRAINING');
  });

  it('gets 500 and no details when `upgrade` throws', async () => {
    const errors = recordErrors();
    const { port } = await serve({
      upgrade: () => {
        throw new Error('secret');
      },
    });
    const response = await open(port);
    expect([response.status, codeOf(response)]).toEqual([500, 'UPGRADE_THREW']);
    expect([errors.length, response.body.includes('secret')]).toEqual([1, false]);
  });

  it('is refused when the application chooses what a handshake cannot have either', async () => {
    const errors = recordErrors();
    const { port } = await serve({ upgrade: () => ({ data: undefined, subprotocol: 'unasked' }) });
    expect((await open(port)).status).toBe(500);
    expect(errors).toMatchObject([{ message: expect.stringContaining('unasked') }]);
  });

  it('is given up with its client', async () => {
    const aborted = signal();
    const asked = signal();
    const { port, endpoint } = await serve<undefined>({
      upgrade: async (request) => {
        asked.happen();
        await once(request.signal, 'abort');
        aborted.happen();
        return { data: undefined };
      },
    });
    const made = begin(port, openingPath('/'));
    made.end(opening());
    await asked.happened;
    made.destroy();
    await aborted.happened;
    expect(endpoint.connectionCount).toBe(0);
  });

  it('takes no longer than a handshake may', async () => {
    const { port } = await serve({ handshakeTimeout: 100, upgrade: () => new Promise(() => {}) });
    const response = await open(port);
    expect([response.status, codeOf(response)]).toEqual([503, 'HANDSHAKE_TIMEOUT']);
  });
});

describe('a malformed opening', () => {
  it.each([
    ['no JSON', 400, 'MALFORMED', { body: '{' }],
    ['another version', 400, 'VERSION', { body: '{"version":2,"subprotocols":[]}' }],
    ['a subprotocol twice', 400, 'MALFORMED', { body: opening(['a', 'a']) }],
    ['a large body', 413, 'TOO_LARGE', { body: ' '.repeat(9000) }],
    ['GET', 405, 'METHOD', { method: 'GET' }],
    ['another type', 415, 'CONTENT_TYPE', { headers: { 'Content-Type': 'application/json' }, body: opening() }],
    [
      'two origins',
      400,
      'MALFORMED',
      { headers: { Origin: ['http://a.example', 'http://b.example'] }, body: opening() },
    ],
  ] as const)('with %s gets %d %s', async (_, status, code, asking) => {
    const { port, endpoint } = await serve({});
    const response = await ask(port, openingPath('/'), asking as Parameters<typeof ask>[2]);
    expect([response.status, codeOf(response)]).toEqual([status, code]);
    expect(response.headers['content-type']).toBe('application/json');
    expect(endpoint.connectionCount).toBe(0);
  });

  it('with more headers than Node keeps is not read', async () => {
    const { port } = await serve({});
    const more = Object.fromEntries(Array.from({ length: 1010 }, (_, i) => [`x${i}`, '']));
    expect(codeOf(await open(port, '/', { Host: 'localhost', ...more }))).toBe('MALFORMED');
  });
});

describe('what is no tunnel', () => {
  const listener = (_: unknown, response: { end(text: string): void }) => response.end('the page');
  const textOf = async (port: number, path: string) => (await ask(port, path, { body: opening() })).body.toString();

  it('stays with the server', async () => {
    const { port, server } = await serve({}, { listener, attach: { path: '/chat' } });
    for (const path of [
      '/',
      '/chat',
      '/chat?tidewire-tunnel',
      '/other?tidewire-tunnel=open',
      '/chat?x-tidewire-tunnel=open',
    ]) {
      expect(await textOf(port, path)).toBe('the page');
    }
    expect(await textOf(port, '/chat?tidewire-tunnel=open&y')).toBe('the page');
    expect(server.listenerCount('request')).toBe(1);
  });

  it('is everything, if the endpoint has no tunnels', async () => {
    const { port } = await serve({ tunnel: false }, { listener });
    expect(await textOf(port, '/?tidewire-tunnel=open')).toBe('the page');
  });

  it('is everything again when the endpoint is detached', async () => {
    const { port, server } = await serve({}, { listener, attach: { path: '/a' } });
    const detach = endpointFor({}).attach(server, { path: '/b' });
    detach();
    expect(await textOf(port, '/b?tidewire-tunnel=open')).toBe('the page');
    expect(await textOf(port, '/a?tidewire-tunnel=open')).toContain('parameters');
  });

  it('finds the server as it was before', async () => {
    const { port, server } = await serve({ tunnel: false }, { listener, attach: { path: '/none' } });
    const emit = (...event: unknown[]): boolean => Reflect.apply(Object.getPrototypeOf(server).emit, server, event);
    for (const own of [undefined, emit]) {
      const other = createServer(listener);
      if (own !== undefined) Object.assign(other, { emit: own });
      const before = other.emit;
      endpointFor({}).attach(other)();
      expect(other.emit).toBe(before);
    }
    expect(await textOf(port, '/?tidewire-tunnel=open')).toBe('the page');
  });

  it('leaves a server as it is to whoever else has taken its events since', async () => {
    const { port, server } = await serve({ tunnel: false }, { listener, attach: { path: '/none' } });
    const detach = endpointFor({}).attach(server, { path: '/b' });
    const names: unknown[] = [];
    const between = server.emit;
    const later = (...event: unknown[]): boolean => {
      names.push(event[0]);
      return Reflect.apply(between, server, event);
    };
    Object.assign(server, { emit: later });
    detach();
    expect(await textOf(port, '/b?tidewire-tunnel=open')).toBe('the page');
    expect([server.emit, names.includes('request')]).toEqual([later, true]);
  });

  it('gets 503 when the function of the path throws', async () => {
    const errors = recordErrors();
    const path = () => {
      throw new Error('of the path');
    };
    const { port } = await serve({}, { attach: { path } });
    const response = await open(port);
    expect([response.status, codeOf(response), errors.length]).toEqual([503, 'UNAVAILABLE', 1]);
  });
});

describe('the option', () => {
  it.each([{ window: 1 }, { maxSessionsPerAddress: Number.NaN }])('%o is refused by name', (tunnel) => {
    expect(() => endpointFor({ tunnel })).toThrow(/^(?:window|tunnel\.maxSessionsPerAddress) must/);
  });
});
