import { once } from 'node:events';
import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import type { UpgradeRequest } from '@tidewire/server';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { askHttp2, connectHttp2, listenHttp2, openHttp2, pageOf, resetOf, serveHttp2 } from '../support/http2-peer.ts';
import { frame, Opcode } from '../support/raw-peer.ts';
import { echo, endpointFor, nextMessage, open, recordErrors, signal } from '../support/serving.ts';

describe('over HTTP/2 a WebSocket', () => {
  it('opens by extended CONNECT and carries messages', async () => {
    const { port } = await serveHttp2(echo());
    const session = await connectHttp2(port);
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
    const { status, peer } = await openHttp2(session, '/chat');
    expect(status).toBe(200);
    peer.send(frame(Opcode.TEXT, 'hello'));
    expect(String((await peer.frame()).payload)).toBe('hello');
  });

  it('shares one connection with others and with the pages of the server', async () => {
    const { port, endpoint } = await serveHttp2(echo());
    const session = await connectHttp2(port);
    const one = await openHttp2(session);
    const other = await openHttp2(session);
    expect(await pageOf(session)).toBe('page');
    one.peer.send(frame(Opcode.TEXT, 'one'));
    other.peer.send(frame(Opcode.TEXT, 'other'));
    expect(String((await one.peer.frame()).payload)).toBe('one');
    expect(String((await other.peer.frame()).payload)).toBe('other');
    expect(endpoint.connectionCount).toBe(2);
  });

  it('shows the application the same request as HTTP/1.1 does', async () => {
    const asked = signal<UpgradeRequest>();
    const { port } = await serveHttp2<undefined>({
      subprotocols: ['tide'],
      upgrade(request) {
        asked.happen(request);
        return {
          data: undefined,
          headers: [
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
          ],
        };
      },
    });
    const session = await connectHttp2(port);
    const { headers } = await openHttp2(session, '/a%20b?x=1', {
      ':authority': 'example.test:1234',
      origin: 'https://example.test:1234',
      cookie: ['one=1', 'two=2'],
      'sec-websocket-protocol': 'wave, tide',
    });
    const request = await asked.happened;
    expect(request).toMatchObject({
      host: 'example.test:1234',
      origin: 'https://example.test:1234',
      subprotocols: ['wave', 'tide'],
      method: 'CONNECT',
      path: '/a%20b',
      remoteAddress: '127.0.0.1',
      encrypted: false,
      certificate: undefined,
    });
    expect(request.url.href).toBe('http://example.test:1234/a%20b?x=1');
    expect([...request.cookies]).toEqual([
      ['one', '1'],
      ['two', '2'],
    ]);
    expect(request.headers.get('Host')).toBe('example.test:1234');
    expect(request.incoming.httpVersion).toBe('2.0');
    expect(request.incoming.headers).toMatchObject({ host: 'example.test:1234', cookie: 'one=1; two=2' });
    expect(Object.keys(request.incoming.headers).filter((name) => name.startsWith(':'))).toEqual([]);
    expect(headers).toMatchObject({ 'sec-websocket-protocol': 'tide', 'set-cookie': ['a=1', 'b=2'] });
    expect(headers['sec-websocket-accept']).toBeUndefined();
  });

  it('is compressed if that was negotiated', async () => {
    const { port } = await serveHttp2({ deflate: { threshold: 0 }, open: (socket) => socket.send('x'.repeat(1000)) });
    const session = await connectHttp2(port);
    const { headers, peer } = await openHttp2(session, '/', { 'sec-websocket-extensions': 'permessage-deflate' });
    expect(headers['sec-websocket-extensions']).toContain('permessage-deflate');
    const { rsv, payload } = await peer.frame();
    expect(rsv).toBe(4);
    expect(payload.length).toBeLessThan(100);
  });

  it('comes over TLS to the same endpoint and port as one over HTTP/1.1', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const versions: [string, boolean][] = [];
    const endpoint = endpointFor<undefined>({
      upgrade(request) {
        versions.push([request.incoming.httpVersion, request.encrypted]);
        return { data: undefined };
      },
      message: (socket, message) => socket.send(message),
    });
    const server = createSecureServer({ key, cert, allowHTTP1: true });
    endpoint.attach(server);
    const port = await listenHttp2(server);

    const older = await open(`wss://localhost:${port}`, [], { ca: cert });
    older.send('HTTP/1.1');
    expect(await nextMessage(older)).toBe('HTTP/1.1');

    const session = await connectHttp2(port, { ca: cert });
    const { peer } = await openHttp2(session, '/', { ':scheme': 'https' });
    peer.send(frame(Opcode.TEXT, 'HTTP/2'));
    expect(String((await peer.frame()).payload)).toBe('HTTP/2');
    expect(versions).toEqual([
      ['1.1', true],
      ['2.0', true],
    ]);
  });

  it('waits for a decision that takes its time, and loses nothing that comes meanwhile', async () => {
    const decide = signal();
    const { port } = await serveHttp2<undefined>({
      async upgrade() {
        await decide.happened;
        return { data: undefined };
      },
      message: (socket, message) => socket.send(message),
    });
    const session = await connectHttp2(port);
    const opening = openHttp2(session);
    const stream = askHttp2(session);
    stream.write(frame(Opcode.TEXT, 'early'));
    decide.happen();
    const { peer } = await opening;
    peer.send(frame(Opcode.TEXT, 'later'));
    expect(String((await peer.frame()).payload)).toBe('later');
    const [data] = (await once(stream, 'data')) as [Buffer];
    expect(data.subarray(2).toString()).toBe('early');
  });

  it('tells the application that decides when the client cancels', async () => {
    const asked = signal<UpgradeRequest>();
    const { port, endpoint } = await serveHttp2<undefined>({
      upgrade(request) {
        asked.happen(request);
        return new Promise(() => {});
      },
    });
    const session = await connectHttp2(port);
    const stream = askHttp2(session);
    const request = await asked.happened;
    const aborted = once(request.signal, 'abort');
    stream.close(8);
    await aborted;
    expect(endpoint.connectionCount).toBe(0);
    expect(request.remoteAddress).toBe('127.0.0.1');
    session.destroy();
    await once(session, 'close');
    expect(request.certificate).toBeUndefined();
  });
});

describe('over HTTP/2 a request is refused, and the connection lives on,', () => {
  it.each<[string, number, Parameters<typeof askHttp2>[2]]>([
    ['with a version that is not spoken', 400, { 'sec-websocket-version': '14' }],
    ['without a version', 400, { 'sec-websocket-version': undefined }],
    ['with a scheme that is none', 400, { ':scheme': 'ftp' }],
    ['with another host than authority', 400, { host: 'example.org' }],
    ['with a malformed subprotocol', 400, { 'sec-websocket-protocol': 'a b' }],
    ['with a foreign origin', 403, { origin: 'https://example.org' }],
  ])('%s', async (_, status, headers) => {
    const { port } = await serveHttp2(echo());
    const session = await connectHttp2(port);
    const answer = await openHttp2(session, '/', headers);
    expect(answer.status).toBe(status);
    expect(String(await answer.peer.rest())).not.toBe('');
    expect(await resetOf(answer.stream)).toBe(0);
    expect((await openHttp2(session)).status).toBe(200);
  });

  it('saying which versions there are, without the headers of HTTP/1.1', async () => {
    const { port } = await serveHttp2(echo());
    const { headers } = await openHttp2(await connectHttp2(port), '/', { 'sec-websocket-version': '7' });
    expect(headers['sec-websocket-version']).toBe('13, 8');
    expect(headers).not.toHaveProperty('upgrade');
    expect(headers).not.toHaveProperty('connection');
  });

  it('with the status, headers and body that the application chose', async () => {
    const { port } = await serveHttp2<undefined>({
      upgrade: (request) =>
        request.path === '/gone'
          ? request.reject(304)
          : request.reject(401, {
              body: 'Lög in'.repeat(30_000),
              headers: [
                ['WWW-Authenticate', 'Basic'],
                ['Keep-Alive', 'x'],
              ],
            }),
    });
    const session = await connectHttp2(port);
    const { status, headers, peer } = await openHttp2(session);
    expect(status).toBe(401);
    expect(headers).toMatchObject({ 'www-authenticate': 'Basic', 'content-type': 'text/plain; charset=utf-8' });
    expect(String(await peer.rest())).toBe('Lög in'.repeat(30_000));
    const empty = await openHttp2(session, '/gone');
    expect(empty.status).toBe(304);
    expect(await resetOf(empty.stream)).toBe(0);
  });

  it('though the application chose headers that Node does not take', async () => {
    const { port } = await serveHttp2<undefined>({
      upgrade: (request) =>
        request.reject(401, {
          headers: [
            ['Content-Type', 'a/b'],
            ['Content-Type', 'c/d'],
          ],
        }),
    });
    const session = await connectHttp2(port);
    expect(await resetOf(askHttp2(session))).toBe(2);
    expect(await pageOf(session)).toBe('page');
  });

  it('with 500 when `upgrade` or `path` throws', async () => {
    const errors = recordErrors();
    const { port } = await serveHttp2<undefined>(
      {
        upgrade() {
          throw new Error('upgrade');
        },
      },
      {
        path(path) {
          if (path === '/path') throw new Error('path');
          return true;
        },
      },
    );
    const session = await connectHttp2(port);
    expect((await openHttp2(session)).status).toBe(500);
    expect((await openHttp2(session, '/path')).status).toBe(500);
    expect(errors).toMatchObject([{ message: 'upgrade' }, { message: 'path' }]);
  });

  it('with 503 while the endpoint drains', async () => {
    const { port, endpoint } = await serveHttp2(echo());
    const session = await connectHttp2(port);
    await endpoint.drain();
    expect((await openHttp2(session)).status).toBe(503);
  });

  it('and a client that resets many at once leaves nothing behind', async () => {
    const { port, endpoint } = await serveHttp2<undefined>({ upgrade: () => new Promise(() => {}) });
    const session = await connectHttp2(port);
    const streams = Array.from({ length: 200 }, () => askHttp2(session));
    for (const stream of streams) stream.close(8);
    await Promise.all(streams.map(resetOf));
    expect(await pageOf(session)).toBe('page');
    expect(endpoint.connectionCount).toBe(0);
  });
});

describe('a server that has served HTTP/2 by itself before', () => {
  it('gives its own listeners no stream that an endpoint takes', async () => {
    const server = createServer();
    const seen: unknown[] = [];
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      seen.push(headers[':path']);
      stream.respond({ ':status': 200 });
      stream.end('mine');
    });
    echo().attach(server, { path: '/chat' });
    const session = await connectHttp2(await listenHttp2(server));
    expect((await openHttp2(session, '/chat')).status).toBe(200);
    expect((await openHttp2(session, '/other')).status).toBe(404);
    expect(await pageOf(session, '/page')).toBe('mine');
    expect(seen).toEqual(['/page']);
  });
});
