import { createServer } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { describe, expect, it } from 'vitest';
import { middlebox } from '../support/middlebox.ts';
import { afterThisTest, answeringServer, certificateFor, tcpServer } from '../support/servers.ts';
import { closeOf, connect, failureOf, messageOf, open } from '../support/sockets.ts';
import { serve } from '../support/tunnels.ts';

const all = ['websocket', 'stream', 'poll'] as const;
const refusing = 'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone';

async function echoes(socket: WebSocket): Promise<unknown> {
  socket.send('hello');
  return await messageOf(socket);
}

describe('of several transports', () => {
  it('the first is taken if it gets through', async () => {
    const { url } = await serve();
    expect((await open(url)).transport).toBe('websocket');
    expect((await open(url, { transports: all })).transport).toBe('websocket');
    expect((await open(url, { transports: ['stream', 'websocket'] })).transport).toBe('stream');
    expect((await open(url, { transports: ['poll', 'stream'] })).transport).toBe('poll');
    expect((await open(url, { transports: ['interval'] })).transport).toBe('interval');
  });

  it('the next is taken if the handshake fails', async () => {
    const box = await middlebox((await serve()).url);
    const socket = connect(box.url, { transports: all });
    expect(socket.transport).toBeUndefined();
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    expect([socket.transport, await echoes(socket)]).toEqual(['stream', 'hello']);
  });

  it('the next is taken if the handshake stalls', async () => {
    const { port } = await serve();
    const box = await tcpServer((socket) => {
      // Upgrades get no answer, and all else passes.
      socket.once('data', (head: Buffer) => {
        if (head.includes('Upgrade: websocket')) return;
        const onward = connectTcp(port, '127.0.0.1');
        onward.on('error', () => {});
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
    });
    const url = `ws://127.0.0.1:${box.port}/echo`;
    const socket = await open(url, { transports: all, transportTimeout: 100 });
    expect([socket.transport, await echoes(socket)]).toEqual(['stream', 'hello']);
  });

  it('the handshake may come after a tunnel that the server does not have', async () => {
    const { url } = await serve({ tunnel: false }, { listener: (_, response) => response.writeHead(404).end() });
    expect((await open(url, { transports: ['poll', 'websocket'] })).transport).toBe('websocket');
  });

  it('none may get through: the failure says why for each', async () => {
    const server = await answeringServer(() => refusing);
    const failure = await failureOf(`ws://127.0.0.1:${server.port}/`, { transports: all });
    expect(failure.code).toBe('TRANSPORTS');
    expect(failure.message).toMatch(/^No transport got through: .*101.*404; The server opened no tunnel: 404$/);
    expect(failure.cause).toMatchObject({ errors: [{ code: 'STATUS' }, { code: 'TUNNEL_REFUSED' }] });
    expect([failure.response?.status, failure.response?.body]).toEqual([404, 'none']);
    expect(server.count).toBe(2);
  });

  it('none is tried on a port that is blocked', async () => {
    expect((await failureOf('ws://127.0.0.1:22/', { transports: all })).code).toBe('BLOCKED_PORT');
    expect((await failureOf('ws://127.0.0.1:22/', { transports: ['poll'] })).code).toBe('BLOCKED_PORT');
  });

  it('the last has what is left of handshakeTimeout', async () => {
    const server = await tcpServer(() => {});
    const options = { transports: all, transportTimeout: 100, handshakeTimeout: 300 };
    expect((await failureOf(`ws://127.0.0.1:${server.port}/`, options)).code).toBe('HANDSHAKE_TIMEOUT');
    expect(server.count).toBe(2);
  });

  it.each([[[]], ['stream'], [['stream', 'stream']], [['carrier pigeon']]])('%o are none', (transports) => {
    const options = { transports } as unknown as WebSocketOptions;
    expect(() => new WebSocket('ws://127.0.0.1/', [], options)).toThrow(/transports must be a list/);
  });
});

describe('the opening of a tunnel', () => {
  const transports = ['stream'] as const;

  it('says what a handshake says', async () => {
    const { url, endpoint } = await serve({
      subprotocols: ['b'],
      origin: ['https://app.example'],
      upgrade: ({ cookies, headers }) => ({
        data: undefined,
        headers: [['X-Seen', `${cookies.get('user')} ${headers.get('Authorization')}`]],
      }),
    });
    const target = url.replace('//', '//ada:secret@');
    const options = { transports, origin: 'https://app.example', headers: { Cookie: 'user=ada' } };
    const socket = await open(target, options, ['a', 'b']);
    expect([socket.protocol, socket.extensions, socket.handshake?.status]).toEqual(['b', '', 200]);
    expect(socket.handshake?.headers.get('x-seen')).toBe(`ada Basic ${btoa('ada:secret')}`);
    expect(socket.handshake?.url).toBe(`${url.replace('ws', 'http')}?tidewire-tunnel=open`);
    expect([...endpoint.sockets].map(({ url: of }) => of)).toEqual(['/echo']);
    expect(await echoes(socket)).toBe('hello');
  });

  it('that the application refuses fails with its answer', async () => {
    const { url } = await serve({ upgrade: (asked) => asked.reject(401, { body: 'Log in' }) });
    const { code, response } = await failureOf(url, { transports });
    expect([code, response?.status, response?.body]).toEqual(['TUNNEL_REFUSED', 401, 'Log in']);
  });

  it('fails where none of the subprotocols is chosen, and leaves no session behind', async () => {
    let closed: (code: number) => void = () => {};
    const gone = new Promise<number>((resolve) => {
      closed = resolve;
    });
    const { url } = await serve({ close: (_, code) => closed(code) });
    expect((await failureOf(url, { transports }, ['a'])).code).toBe('SUBPROTOCOL_MISSING');
    expect(await gone).toBe(1006);
  });

  it.each([
    ['a page', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>', 'TUNNEL_REFUSED'],
    ['a page without an end', `HTTP/1.1 200 OK\r\n\r\n${' '.repeat(100_000)}`, 'TUNNEL_REFUSED'],
    ['what is not HTTP', 'nothing of the kind\r\n\r\n', 'RESPONSE'],
  ])('that is answered with %s fails', async (_, answer, code) => {
    const server = await answeringServer(() => answer);
    expect((await failureOf(`ws://127.0.0.1:${server.port}/`, { transports })).code).toBe(code);
  });

  it('can be given up', async () => {
    const { url } = await serve({ upgrade: () => new Promise<never>(() => {}) });
    const socket = connect(url, { transports, signal: AbortSignal.timeout(100) });
    expect((await closeOf(socket)).failure?.code).toBe('ABORTED');
    const other = connect(url, { transports });
    other.close();
    expect((await closeOf(other)).failure?.code).toBe('CLOSED_BEFORE_OPEN');
  });

  it('fails where the connection is lost, or cannot be made', async () => {
    const server = await tcpServer((socket) => void socket.on('data', () => socket.destroy()));
    expect((await failureOf(`ws://127.0.0.1:${server.port}/`, { transports })).code).toBe('RESPONSE');
    const path = join(tmpdir(), 'tidewire-no-such.sock');
    expect((await failureOf('ws://localhost/', { transports, socketPath: path })).code).toBe('CONNECT');
  });
});

describe('a tunnel goes', () => {
  const transports = ['stream'] as const;

  it('over TLS that is verified', async () => {
    const certificate = await certificateFor('localhost');
    const { port } = await serve({}, { tls: certificate });
    const url = `wss://localhost:${port}/echo`;
    expect(await echoes(await open(url, { transports, tls: { ca: certificate.cert } }))).toBe('hello');
    expect((await failureOf(url, { transports })).code).toBe('TLS');
  });

  it('through a proxy', async () => {
    const { url } = await serve();
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url: server = '' }, stream: Socket) => {
      asked.push(server);
      const [host, port] = server.split(':');
      const onward = connectTcp(Number(port), host);
      stream.write('HTTP/1.1 200 OK\r\n\r\n');
      for (const each of [stream, onward]) each.on('error', () => {});
      onward.pipe(stream).pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    afterThisTest(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await echoes(await open(url, { transports, proxy: `http://127.0.0.1:${port}` }))).toBe('hello');
    expect(new Set(asked)).toEqual(new Set([new URL(url).host]));
  });

  it('over a Unix socket', async () => {
    const path = join(tmpdir(), `tidewire-tunnel-${process.pid}.sock`);
    await serve({}, { listen: { path } });
    expect(await echoes(await open('ws://localhost/echo', { transports, socketPath: path }))).toBe('hello');
  });

  it('over few connections, and none when it is closed', async () => {
    const { url, server } = await serve();
    const connections = new Set<Socket>();
    let count = 0;
    server.on('connection', (connection: Socket) => {
      count++;
      connections.add(connection);
      connection.on('close', () => connections.delete(connection));
    });
    const socket = await open(url, { transports });
    for (let i = 0; i < 20; i++) await echoes(socket);
    expect(count).toBeLessThan(6);
    const closed = closeOf(socket);
    socket.close();
    await closed;
    while (connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
