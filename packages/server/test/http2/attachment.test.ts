import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askHttp2, connectHttp2, listenHttp2, openHttp2, pageOf, resetOf, serveHttp2 } from '../support/http2-peer.ts';
import { frame, Opcode } from '../support/raw-peer.ts';
import { echo } from '../support/serving.ts';

describe('a server of HTTP/2', () => {
  it('announces WebSockets only while an endpoint is attached, and never takes it back', async () => {
    const server = createServer((_request, response) => response.end('page'));
    const port = await listenHttp2(server);
    const before = await connectHttp2(port);
    const detach = echo().attach(server);
    expect(before.remoteSettings.enableConnectProtocol).toBe(false);
    const during = await connectHttp2(port);
    expect(during.remoteSettings.enableConnectProtocol).toBe(true);
    const { peer } = await openHttp2(during);
    detach();
    expect((await connectHttp2(port)).remoteSettings.enableConnectProtocol).toBe(false);
    expect((await openHttp2(during)).status).toBe(405);
    expect(during.remoteSettings.enableConnectProtocol).toBe(true);
    peer.send(frame(Opcode.TEXT, 'still open'));
    expect(String((await peer.frame()).payload)).toBe('still open');
  });

  it('tells a connection from before with the next request on it', async () => {
    const server = createServer((_request, response) => response.end('page'));
    const session = await connectHttp2(await listenHttp2(server));
    echo().attach(server);
    const told = once(session, 'remoteSettings');
    expect(await pageOf(session)).toBe('page');
    expect(await told).toMatchObject([{ enableConnectProtocol: true }]);
    expect((await openHttp2(session)).status).toBe(200);
  });

  it('serves several endpoints by path, and refuses other paths with 404', async () => {
    const server = createServer();
    echo('a').attach(server, { path: '/a' });
    echo('b').attach(server, { path: /^\/b/ });
    const session = await connectHttp2(await listenHttp2(server));
    for (const name of ['a', 'b']) {
      const { peer } = await openHttp2(session, `/${name}?query`);
      peer.send(frame(Opcode.TEXT, 'x'));
      expect(String((await peer.frame()).payload)).toBe(`${name}x`);
    }
    expect((await openHttp2(session, '/c')).status).toBe(404);
  });

  it("gives the application what is left to it, and the application's own protocols", async () => {
    const server = createServer();
    echo().attach(server, { path: '/chat', otherwise: 'leave' });
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers[':protocol']} ${headers[':path']}`);
    });
    const session = await connectHttp2(await listenHttp2(server));
    expect(String(await (await openHttp2(session, '/mine')).peer.rest())).toBe('websocket /mine');
    expect(String(await (await openHttp2(session, '/chat', { ':protocol': 'tide' })).peer.rest())).toBe('tide /chat');
  });

  it('answers a protocol that nobody serves with 405 or 501', async () => {
    const { port } = await serveHttp2(echo());
    expect((await openHttp2(await connectHttp2(port), '/', { ':protocol': 'tide' })).status).toBe(405);
    const server = createServer();
    echo().attach(server);
    const session = await connectHttp2(await listenHttp2(server));
    expect((await openHttp2(session, '/', { ':protocol': 'tide' })).status).toBe(501);
  });

  it('sends the WebSockets of another library, which are for its `upgrade` listener, to HTTP/1.1', async () => {
    const server = createServer();
    server.on('upgrade', () => {});
    echo().attach(server, { path: '/chat' });
    const session = await connectHttp2(await listenHttp2(server));
    expect(await resetOf(askHttp2(session, '/other'))).toBe(0xd);
    expect((await openHttp2(session, '/chat')).status).toBe(200);
  });
});

describe('a request over HTTP/2 without pseudo-headers that it must have', () => {
  const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

  function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
    const header = Buffer.alloc(9);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type;
    header[4] = flags;
    header.writeUInt32BE(stream, 5);
    return Buffer.concat([header, payload]);
  }

  /** RFC 7541, 6.2.2: literal fields without indexing, of new names, without Huffman code. */
  function fields(headers: Record<string, string>): Buffer {
    const literals = Object.entries(headers).flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]);
    return Buffer.concat(literals);
  }

  const HEADERS = 1;
  const RST_STREAM = 3;
  const SETTINGS = 4;
  const END_HEADERS = 4;
  const PROTOCOL_ERROR = 1;

  /** Reads frames up to one of `type`, and returns its stream and payload. */
  async function until(socket: Socket, type: number): Promise<{ stream: number; payload: Buffer }> {
    let buffer: Buffer = Buffer.alloc(0);
    for await (const [chunk] of on(socket)) {
      buffer = Buffer.concat([buffer, chunk]);
      while (buffer.length >= 9 && buffer.length >= 9 + buffer.readUIntBE(0, 3)) {
        const end = 9 + buffer.readUIntBE(0, 3);
        const found = { stream: buffer.readUInt32BE(5), payload: buffer.subarray(9, end) };
        const is = buffer[3] === type;
        buffer = buffer.subarray(end);
        if (is) return found;
      }
    }
    throw new Error('The connection has ended');
  }

  async function* on(socket: Socket): AsyncGenerator<[Buffer]> {
    while (!socket.destroyed) yield (await once(socket, 'data')) as [Buffer];
  }

  const valid = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':path': '/',
    ':authority': 'localhost',
    'sec-websocket-version': '13',
  };

  it.each([':scheme', ':path', ':authority', ':method'])(
    'such as %s is reset as malformed, the next is served',
    async (name) => {
      const { port } = await serveHttp2(echo());
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      const settings = until(socket, SETTINGS);
      socket.write(Buffer.concat([Buffer.from(PREFACE), http2Frame(SETTINGS, 0, 0)]));
      await settings;
      const { [name as keyof typeof valid]: _, ...rest } = valid;
      socket.write(http2Frame(HEADERS, END_HEADERS, 1, fields(rest)));
      const reset = await until(socket, RST_STREAM);
      expect(reset.stream).toBe(1);
      expect(reset.payload.readUInt32BE(0)).toBe(PROTOCOL_ERROR);
      socket.write(http2Frame(HEADERS, END_HEADERS, 3, fields(valid)));
      expect((await until(socket, HEADERS)).stream).toBe(3);
    },
  );
});
