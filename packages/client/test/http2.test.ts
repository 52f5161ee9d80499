import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect as connectTcpTo, createServer as createTcpServer, type Socket } from 'node:net';
import { type WebSocketOptions, WebSocketStream } from '@tidewire/client';
import { type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { afterThisTest, type Certificate, certificateFor, echoServer } from './support/servers.ts';
import { closeOf, connect, failureOf, messageOf, open } from './support/sockets.ts';

interface Serving {
  readonly url: string;
  readonly server: Http2Server | Http2SecureServer;
  readonly sessions: ServerHttp2Session[];
  readonly connections: Socket[];
  readonly versions: string[];
  readonly endpoint: WebSocketEndpoint<undefined>;
}

/** An endpoint on a server of HTTP/2 that answers with what it gets. */
async function serve(
  server: Http2Server | Http2SecureServer = createServer(),
  options: EndpointOptions<undefined> = {},
): Promise<Serving> {
  const serving = { sessions: [] as ServerHttp2Session[], connections: [] as Socket[], versions: [] as string[] };
  const isSecure = 'addContext' in server;
  server.on('session', (session) => serving.sessions.push(session));
  server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => serving.connections.push(socket));
  const endpoint = new WebSocketEndpoint<undefined>({
    upgrade(request) {
      serving.versions.push(request.incoming.httpVersion);
      return { data: undefined };
    },
    message: (socket, message) => socket.send(message),
    ...options,
  });
  endpoint.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterThisTest(() => {
    server.close();
    for (const socket of serving.connections) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { ...serving, server, endpoint, url: isSecure ? `wss://localhost:${port}/` : `ws://127.0.0.1:${port}/` };
}

async function echoed(socket: Awaited<ReturnType<typeof open>>, text = 'hello'): Promise<void> {
  socket.send(text);
  expect(await messageOf(socket)).toBe(text);
}

describe('with the option http2, WebSockets', () => {
  it('share one connection, which ends with the last of them', async () => {
    const { url, sessions, connections, versions } = await serve();
    const [one, other] = await Promise.all([open(url, { http2: true }), open(`${url}other?x=1`, { http2: true })]);
    const later = await open(url, { http2: true });
    for (const socket of [one, other, later]) await echoed(socket);
    await echoed(other, 'x'.repeat(300_000));
    expect(versions).toEqual(['2.0', '2.0', '2.0']);
    expect(connections).toHaveLength(1);
    for (const socket of [one, other]) {
      socket.close(1000, 'done');
      expect(await closeOf(socket)).toMatchObject({ code: 1000, wasClean: true });
    }
    expect(sessions[0]?.destroyed).toBe(false);
    const ended = once(sessions[0] ?? expect.fail(), 'close');
    later.close();
    await ended;
    await echoed(await open(url, { http2: true }));
    expect(connections).toHaveLength(2);
  });

  it('negotiate subprotocols and compression, and send headers and the origin', async () => {
    const { url } = await serve(undefined, {
      subprotocols: ['tide'],
      deflate: { threshold: 0 },
      origin: ['https://example.com'],
      upgrade(request) {
        const { headers, cookies } = request;
        const said = `${headers.get('X-One')} ${cookies.get('a')} ${headers.get('Authorization')}`;
        return { data: undefined, headers: [['X-Said', said]] };
      },
    });
    const options = {
      http2: true,
      deflate: true,
      origin: 'https://example.com',
      headers: { 'X-One': '1', Cookie: 'a=2' },
    };
    const socket = await open(url.replace('//', '//user:pass@'), options, ['wave', 'tide']);
    expect(socket).toMatchObject({ protocol: 'tide', extensions: expect.stringContaining('permessage-deflate') });
    expect(socket.handshake?.status).toBe(200);
    expect(socket.handshake?.headers.get('x-said')).toBe('1 2 Basic dXNlcjpwYXNz');
    await echoed(socket, 'x'.repeat(10_000));
  });

  it('fail alone: what ends one leaves the others', async () => {
    const { url } = await serve(undefined, {
      message(socket, message) {
        if (message === 'cut') socket.terminate();
        else socket.send(message);
      },
    });
    const [one, other] = await Promise.all([open(url, { http2: true }), open(url, { http2: true })]);
    one.send('cut');
    expect(await closeOf(one)).toMatchObject({ code: 1006, wasClean: false, failure: { code: 'CONNECTION_LOST' } });
    await echoed(other);
    other.terminate();
    expect(await closeOf(other)).toMatchObject({ failure: { code: 'TERMINATED' } });
  });

  it('tell what a refusal says', async () => {
    const { url, endpoint } = await serve(undefined, { upgrade: (request) => request.reject(401, { body: 'Who?' }) });
    expect(await failureOf(url, { http2: true })).toMatchObject({
      code: 'STATUS',
      response: { status: 401, body: 'Who?' },
    });
    expect(endpoint.connectionCount).toBe(0);
  });

  it('follow redirects', async () => {
    const target = await serve();
    const { url } = await serve(undefined, {
      upgrade: (request) => request.reject(302, { headers: [['Location', `${target.url}moved`]] }),
    });
    const socket = await open(url, { http2: true, redirects: 1 });
    expect(socket.handshake?.url).toBe(`${target.url}moved`);
    await echoed(socket);
  });

  it('can be aborted while the server decides', async () => {
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { url, endpoint } = await serve(undefined, {
      upgrade({ signal }) {
        asked();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const controller = new AbortController();
    const closed = failureOf(url, { http2: true, signal: controller.signal });
    await isAsked;
    controller.abort();
    expect(await closed).toMatchObject({ code: 'ABORTED' });
    while (endpoint.connectionCount > 0) await new Promise(setImmediate);
  });

  it('open further connections where one takes no more streams', async () => {
    const { url, connections } = await serve(createServer({ settings: { maxConcurrentStreams: 2 } }));
    const sockets = await Promise.all([1, 2, 3, 4, 5].map(() => open(url, { http2: true })));
    for (const socket of sockets) await echoed(socket);
    expect(connections).toHaveLength(3);
  });

  it('go on when the server says goodbye to the connection, and others take a new one', async () => {
    const { url, connections, sessions } = await serve();
    const one = await open(url, { http2: true });
    sessions[0]?.close();
    await echoed(one);
    const other = await open(url, { http2: true });
    await Promise.all([echoed(one), echoed(other)]);
    expect(connections).toHaveLength(2);
  });

  it('fail with the connection', async () => {
    const { url, connections } = await serve();
    const sockets = await Promise.all([open(url, { http2: true }), open(url, { http2: true })]);
    const closes = sockets.map(closeOf);
    connections[0]?.destroy();
    for (const close of await Promise.all(closes)) expect(close).toMatchObject({ code: 1006, wasClean: false });
  });

  it('are held back by the window of their stream', async () => {
    const { url } = await serve(undefined, { open: (socket) => socket.pause() });
    const socket = await open(url, { http2: true });
    socket.send(Buffer.alloc(1_000_000));
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(socket.bufferedAmount).toBeGreaterThan(500_000);
  });

  it('are streams as well', async () => {
    const { url, versions } = await serve();
    const stream = new WebSocketStream(url, { http2: true });
    const { readable, writable } = await stream.opened;
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    await writer.write('hello');
    expect(await reader.read()).toMatchObject({ value: 'hello' });
    stream.close({ closeCode: 1000, reason: '' });
    await stream.closed;
    expect(versions).toEqual(['2.0']);
  });
});

describe('with a session of node:http2 as the option, WebSockets', () => {
  async function sessionTo(url: string): Promise<ClientHttp2Session> {
    const session = connectHttp2(url.replace('ws', 'http'));
    session.on('error', () => {});
    afterThisTest(() => session.destroy());
    return session;
  }

  it('use it, even before its settings have come, and leave it open', async () => {
    const { url, connections } = await serve();
    const session = await sessionTo(url);
    const sockets = await Promise.all([open(url, { http2: session }), open(url, { http2: session })]);
    for (const socket of sockets) {
      await echoed(socket);
      socket.close();
      await closeOf(socket);
    }
    expect(connections).toHaveLength(1);
    expect(session.destroyed).toBe(false);
  });

  it('have another connection once it is closed', async () => {
    const { url, connections, versions } = await serve();
    const session = await sessionTo(url);
    await once(session, 'connect');
    session.close();
    await echoed(await open(url, { http2: session }));
    expect(connections).toHaveLength(2);
    expect(versions).toEqual(['2.0']);
  });
});

describe('HTTP/1.1 it is all the same', () => {
  it('over ws: where the server speaks nothing else', async () => {
    const { url } = await echoServer();
    await echoed(await open(url, { http2: true }));
  });

  it('over ws: where the server ends what it does not understand', async () => {
    let count = 0;
    const target = await echoServer();
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      if (count++ === 0) socket.end();
      else socket.pipe(connectTcpTo(target.port, '127.0.0.1').on('error', () => {})).pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterThisTest(() => server.close());
    await echoed(await open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, { http2: true }));
  });

  describe('over wss:', () => {
    let certificate: Certificate;
    let options: WebSocketOptions;

    beforeEach(async () => {
      certificate = await certificateFor('localhost');
      options = { http2: true, tls: { ca: certificate.cert } };
    });

    it('it is HTTP/2 where the server can, on one connection for equal options', async () => {
      const { url, connections, versions } = await serve(
        createSecureServer({ key: certificate.key, cert: certificate.cert, allowHTTP1: true }),
      );
      await Promise.all([
        open(url, options).then(echoed),
        open(url, { ...options, tls: { ...options.tls } }).then(echoed),
      ]);
      await echoed(await open(url, { ...options, tls: { ...options.tls, minVersion: 'TLSv1.3' } }));
      await echoed(await open(url, { ...options, http2: false }));
      expect(versions).toEqual(['2.0', '2.0', '2.0', '1.1']);
      expect(connections).toHaveLength(3);
    });

    it('on the same connection where the server chooses HTTP/1.1 by ALPN', async () => {
      const server = await echoServer({}, certificate);
      let count = 0;
      server.wss.options.server?.on('secureConnection', () => count++);
      await echoed(await open(server.url, options));
      expect(count).toBe(1);
      await Promise.all([open(server.url, options).then(echoed), open(server.url, options).then(echoed)]);
      expect(count).toBe(3);
    });

    it('on another connection where HTTP/2 takes no WebSockets', async () => {
      const { url, connections, versions, server } = await serve(
        createSecureServer({ key: certificate.key, cert: certificate.cert, allowHTTP1: true }),
      );
      server.updateSettings({ enableConnectProtocol: false });
      await echoed(await open(url, options));
      expect(versions).toEqual(['1.1']);
      expect(connections).toHaveLength(2);
    });

    it('on another connection where the server asks for that', async () => {
      const { url, versions, server } = await serve(
        createSecureServer({ key: certificate.key, cert: certificate.cert, allowHTTP1: true }),
      );
      const { emit } = server;
      server.emit = (name: string | symbol, ...rest: unknown[]): boolean => {
        if (name !== 'stream') return Reflect.apply(emit, server, [name, ...rest]);
        const stream = rest[0] as ServerHttp2Stream;
        stream.on('error', () => {});
        stream.close(0xd);
        return true;
      };
      await echoed(await open(url, options));
      expect(versions).toEqual(['1.1']);
    });

    it('but never without the right certificate', async () => {
      const { url } = await serve(createSecureServer({ key: certificate.key, cert: certificate.cert }));
      expect(await failureOf(url, { http2: true })).toMatchObject({ code: 'TLS' });
    });
  });
});

describe('the option http2', () => {
  it('must be a boolean or a session', () => {
    const wrong = { http2: 'yes' } as unknown as WebSocketOptions;
    expect(() => connect('ws://localhost/', wrong)).toThrow(
      'The option http2 must be a boolean or a ClientHttp2Session',
    );
  });

  it('does not hide that nobody is there', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(`ws://127.0.0.1:${port}/`, { http2: true })).toMatchObject({ code: 'CONNECT' });
  });
});
