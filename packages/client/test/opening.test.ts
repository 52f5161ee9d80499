import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from '@tidewire/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { afterThisTest, answeringServer, echoServer, onRequest, switching, tcpServer } from './support/servers.ts';
import { closeOf, connect, failureOf, messageOf, next, open } from './support/sockets.ts';

afterEach(() => {
  vi.useRealTimers();
});

const useFakeTimers = () =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });

describe('the request', () => {
  test('is what RFC 6455 asks for, with nothing that was not asked for', async () => {
    let request = '';
    const { port } = await answeringServer((text) => {
      request = text;
      return switching(text);
    });
    await open(`ws://127.0.0.1:${port}/path?query`);
    const [line, ...headers] = request.trim().split('\r\n');
    expect(line).toBe('GET /path?query HTTP/1.1');
    expect(headers.map((header) => header.replace(/(Key: ).*/, '$1')).sort()).toEqual([
      'Connection: Upgrade',
      `Host: 127.0.0.1:${port}`,
      'Sec-WebSocket-Key: ',
      'Sec-WebSocket-Version: 13',
      'Upgrade: websocket',
    ]);
  });

  test('has the headers and the origin of the options', async () => {
    const server = await echoServer();
    await open(server.url, { headers: { Cookie: 'a=1', 'X-Many': ['1', '2'] }, origin: 'https://host.invalid' });
    await open(server.url, { headers: new Headers({ 'X-Web': 'yes' }) });
    const [first, second] = server.requests;
    expect(first?.headers).toMatchObject({ cookie: 'a=1', 'x-many': '1, 2', origin: 'https://host.invalid' });
    expect(second?.headers['x-web']).toBe('yes');
  });

  test('of version 8 calls the origin Sec-WebSocket-Origin', async () => {
    const server = await echoServer();
    await open(server.url, { version: 8, origin: 'https://host.invalid' });
    expect(server.requests[0]?.headers).toMatchObject({
      'sec-websocket-version': '8',
      'sec-websocket-origin': 'https://host.invalid',
    });
  });

  test.each(['Host', 'upgrade', 'Connection', 'Sec-WebSocket-Key', 'Content-Length', 'Origin'])(
    'cannot have its %s changed by the headers option',
    (name) => {
      expect(() => new WebSocket('ws://127.0.0.1', [], { headers: { [name]: 'x' } })).toThrow(TypeError);
    },
  );
});

describe('a refusal', () => {
  test('tells the status, the headers and the body', async () => {
    const { port } = await answeringServer(
      () => 'HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Length: 7\r\n\r\nno way!',
    );
    const { code, message, response } = await failureOf(`ws://127.0.0.1:${port}/`);
    expect({ code, status: response?.status, why: response?.headers.get('x-why'), body: response?.body }).toEqual({
      code: 'STATUS',
      status: 403,
      why: 'because',
      body: 'no way!',
    });
    expect(message).toContain('403');
  });

  test('with a body in chunks, or until the end of the connection, is read as well', async () => {
    const chunked = await answeringServer(
      () => 'HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect((await failureOf(`ws://127.0.0.1:${chunked.port}/`)).response?.body).toBe('abcde');
    const ended = await tcpServer((socket) =>
      onRequest(socket, () => socket.end('HTTP/1.1 500 No\r\nConnection: close\r\n\r\nall of it')),
    );
    expect((await failureOf(`ws://127.0.0.1:${ended.port}/`)).response?.body).toBe('all of it');
  });

  test('with a body that does not end still says what it says when the time is over', async () => {
    const { port } = await answeringServer(() => 'HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\npart');
    const failure = await failureOf(`ws://127.0.0.1:${port}/`, { handshakeTimeout: 300 });
    expect([failure.code, failure.response?.status, failure.response?.body]).toEqual(['STATUS', 401, 'part']);
  });

  test.each([
    ['nothing', '', 'RESPONSE'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', 'RESPONSE'],
    ['half a head', 'HTTP/1.1 101 Switching', 'RESPONSE'],
  ])('by %s is a failure that says so', async (_, answer, code) => {
    const server = await tcpServer((socket) => onRequest(socket, () => socket.end(answer)));
    expect(await failureOf(`ws://127.0.0.1:${server.port}/`)).toMatchObject({ code });
  });

  test('by nobody at all has the error of the system as its cause', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    const failure = await failureOf(`ws://127.0.0.1:${port}/`);
    expect(failure).toMatchObject({ code: 'CONNECT', cause: { code: 'ECONNREFUSED' } });
  });

  test('by the name service has its error as the cause', async () => {
    expect(await failureOf('ws://host.invalid/')).toMatchObject({ code: 'CONNECT', cause: { syscall: 'getaddrinfo' } });
  });
});

describe('deadlines', () => {
  test('a server that does not answer is given up after handshakeTimeout', async () => {
    useFakeTimers();
    const server = await tcpServer(() => {});
    const socket = connect(`ws://127.0.0.1:${server.port}/`, { handshakeTimeout: 5000 });
    while (server.count === 0) await new Promise((resolve) => setImmediate(resolve));
    let isOver = false;
    const closed = closeOf(socket).finally(() => {
      isOver = true;
    });
    vi.advanceTimersByTime(4900);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(300);
    expect((await closed).failure).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  test('the default is 30 seconds', async () => {
    useFakeTimers();
    const server = await tcpServer(() => {});
    const socket = connect(`ws://127.0.0.1:${server.port}/`);
    while (server.count === 0) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(29_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    vi.advanceTimersByTime(1200);
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });
});

describe('the signal', () => {
  test('that is aborted already lets nothing reach the server', async () => {
    const server = await tcpServer(() => {});
    const socket = connect(`ws://127.0.0.1:${server.port}/`, { signal: AbortSignal.abort('no more') });
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'ABORTED', cause: 'no more' });
    expect(server.count).toBe(0);
  });

  test('aborts the opening handshake, and does nothing later', async () => {
    const server = await tcpServer(() => {});
    const controller = new AbortController();
    const socket = connect(`ws://127.0.0.1:${server.port}/`, { signal: controller.signal });
    while (server.count === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });

    const later = new AbortController();
    const opened = await open((await echoServer()).url, { signal: later.signal });
    later.abort();
    opened.send('still here');
    expect(await messageOf(opened)).toBe('still here');
  });
});

describe('one connection at a time', () => {
  /** Answers each handshake when it is told to. */
  async function slowServer() {
    const waiting: (() => void)[] = [];
    const server = await tcpServer((socket) =>
      onRequest(socket, (request) => waiting.push(() => socket.write(switching(request)))),
    );
    const arrived = async (count: number) => {
      while (server.count < count || waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    return { server, waiting, arrived, url: `ws://127.0.0.1:${server.port}/` };
  }

  test('is connecting to an address and port; the next waits until it is open', async () => {
    const { server, waiting, arrived, url } = await slowServer();
    const sockets = [connect(url), connect(url), connect(url)];
    const order: number[] = [];
    for (const [index, socket] of sockets.entries()) socket.onopen = () => order.push(index);
    for (let count = 1; count <= 3; count++) {
      await arrived(count);
      expect(server.count).toBe(count);
      waiting.shift()?.();
    }
    await next(sockets[2] as WebSocket, 'open');
    expect(order).toEqual([0, 1, 2]);
  });

  test('waits for a name of the same address, too, and goes on when the one before fails', async () => {
    const { server, arrived, waiting, url } = await slowServer();
    const first = connect(url);
    const second = connect(url.replace('127.0.0.1', '127.0.0.1.'));
    const third = connect(url);
    await arrived(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.count).toBe(1);
    third.close();
    expect((await closeOf(third)).failure).toMatchObject({ code: 'CLOSED_BEFORE_OPEN' });
    first.close();
    waiting.shift();
    await arrived(2);
    waiting.shift()?.();
    await next(second, 'open');
  });

  test('the time in the queue does not count for handshakeTimeout', async () => {
    const { arrived, waiting, url } = await slowServer();
    const first = connect(url);
    const second = connect(url, { handshakeTimeout: 200 });
    await arrived(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(second.readyState).toBe(WebSocket.CONNECTING);
    waiting.shift()?.();
    await next(first, 'open');
    expect((await closeOf(second)).failure).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  test('unless connectInParallel is asked for', async () => {
    const { arrived, server, url } = await slowServer();
    const options = { connectInParallel: true };
    const sockets = [connect(url, options), connect(url, options), connect(url, options)];
    await arrived(3);
    expect(server.count).toBe(sockets.length);
  });
});

test('socketPath connects to a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-'));
  const path = join(folder, 'socket');
  const server = createServer();
  const wss = new WebSocketServer({ server });
  wss.on('connection', (peer, request) => peer.send(`${request.headers.host}${request.url}`));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  afterThisTest(() => {
    wss.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  expect(await messageOf(connect('ws://name.invalid/path', { socketPath: path }))).toBe('name.invalid/path');
});
