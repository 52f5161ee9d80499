import { once } from 'node:events';
import { type ClientHttp2Session, createServer, type IncomingHttpHeaders } from 'node:http2';
import type { UpgradeRequest } from '@tidewire/server';
import { BodyWriter, type Mode, RecordReader, type TunnelRecord } from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';
import { connectHttp2, listenHttp2, pageOf, resetOf, serveHttp2 } from '../support/http2-peer.ts';
import { closeFrame, frame, Opcode } from '../support/raw-peer.ts';
import { endpointFor, recordErrors, until } from '../support/serving.ts';
import { ack, bytesOf, data, done, opening } from '../support/tunnel-peer.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function begin(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}) {
  const fields = { ':method': 'POST', ':path': path, 'content-type': 'text/plain', ...headers };
  const stream = session.request(fields, { endStream: false });
  stream.on('error', () => {});
  return stream;
}

async function post(
  session: ClientHttp2Session,
  path: string,
  body: string | Uint8Array,
  headers?: Record<string, string>,
): Promise<Answer> {
  const stream = begin(session, path, headers);
  stream.end(body);
  const [answered] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { status: Number(answered[':status']), headers: answered, body: Buffer.concat(chunks) };
}

/** A session that was opened, and what its requests say. */
async function openTunnel(session: ClientHttp2Session, path = '/') {
  const { status, body } = await post(session, `${path}?tidewire-tunnel=open`, opening());
  if (status !== 200) throw new Error(`The status is ${status}: ${body}`);
  const { id, key } = JSON.parse(String(body));
  let number = 0;
  const say = (mode: Mode, ...records: TunnelRecord[]) => {
    if (mode !== 'SEND') number++;
    const writer = new BodyWriter();
    writer.add({ type: 'HEAD', version: 1, mode, number, knownLimit: 1_000_000, key: Buffer.from(key, 'hex') });
    for (const record of [...records, done]) writer.add(record);
    return writer.bytes();
  };
  return { path: `${path}?tidewire-tunnel=${id}`, say };
}

const hello = frame(Opcode.TEXT, 'hello');
const echoed = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('hello')]);

describe('a tunnel over HTTP/2', () => {
  it('is opened as others are', async () => {
    const seen: UpgradeRequest[] = [];
    const { port, endpoint } = await serveHttp2<string>({
      upgrade: (request) => {
        seen.push(request);
        const headers = ['a=1', 'b=2'].map((cookie) => ['Set-Cookie', cookie] as const);
        return { data: 'Ada', headers };
      },
    });
    const session = await connectHttp2(port);
    const asking = { cookie: 'session=s', origin: `http://localhost:${port}` };
    const { status, headers } = await post(session, '/room?x=1&tidewire-tunnel=open', opening(), asking);
    expect([status, headers['set-cookie'], headers['cache-control']]).toEqual([
      200,
      ['a=1', 'b=2'],
      'no-store, no-transform',
    ]);
    const [request] = seen;
    expect([request?.url.href, request?.incoming.url]).toEqual([`http://localhost:${port}/room?x=1`, '/room?x=1']);
    expect([request?.cookies.get('session'), request?.remoteAddress]).toEqual(['s', '127.0.0.1']);
    expect([...endpoint.sockets].map(({ data, url }) => [data, url])).toEqual([['Ada', '/room?x=1']]);
  });

  it('carries frames both ways, and closes in order', async () => {
    const { port, endpoint } = await serveHttp2({ message: (socket, message) => void socket.send(message) });
    const session = await connectHttp2(port);
    const { path, say } = await openTunnel(session);
    const reader = new RecordReader();
    const records: TunnelRecord[] = [];
    const stream = begin(session, path);
    stream.on('data', (chunk: Buffer) => records.push(...reader.push(chunk)));
    stream.end(say('STREAM', ack(0)));
    expect((await post(session, path, say('SEND', data(0, hello)))).status).toBe(200);
    await until(() => bytesOf(records).equals(echoed) && records.some(({ type }) => type === 'PROOF'));
    const close = closeFrame(4000);
    await post(session, path, say('SEND', data(hello.length, close)));
    await until(() => records.some(({ type }) => type === 'END'));
    const end = { type: 'END', offset: hello.length + close.length } as const;
    await post(session, path, say('SEND', ack(bytesOf(records).length + 1), end));
    await until(() => endpoint.connectionCount === 0);
    await until(() => reader.isWhole);
  });

  it('is refused, and goes on where a single request is', async () => {
    const { port } = await serveHttp2({
      tunnel: { maxBodySize: 4096 },
      closeTimeout: 200,
      upgrade: (request) => (request.path === '/no' ? request.reject(401, { body: 'Log in' }) : { data: undefined }),
    });
    const session = await connectHttp2(port);
    const refused = await post(session, '/no?tidewire-tunnel=open', opening());
    expect([refused.status, String(refused.body)]).toEqual([401, 'Log in']);
    const foreign = await post(session, '/?tidewire-tunnel=open', opening(), { origin: 'https://evil.example' });
    expect([foreign.status, JSON.parse(String(foreign.body)).error.code]).toEqual([403, 'FOREIGN_ORIGIN']);
    const { path, say } = await openTunnel(session);
    const large = await post(session, path, new Uint8Array(5000));
    expect([large.status, JSON.parse(String(large.body)).error.code]).toEqual([413, 'TOO_LARGE']);
    const endless = begin(session, path);
    const more = () => {
      while (!endless.destroyed && endless.write(new Uint8Array(65_536)));
    };
    endless.on('drain', more).resume();
    more();
    const [headers] = (await once(endless, 'response')) as [IncomingHttpHeaders];
    expect(headers[':status']).toBe(413);
    await until(() => endless.destroyed);
    expect((await post(session, path, say('SEND', ack(0)))).status).toBe(200);
  });

  it('survives a stream, and a connection, that is cut', async () => {
    const { port, endpoint } = await serveHttp2({ message: (socket, message) => void socket.send(message) });
    const first = await connectHttp2(port);
    const { path, say } = await openTunnel(first);
    const stream = begin(first, path);
    stream.end(say('STREAM', ack(0)));
    await once(stream, 'data');
    stream.close(8);
    first.destroy();
    const second = await connectHttp2(port);
    const { body } = await post(second, path, say('TAKE', ack(0), data(0, hello)));
    expect(bytesOf(new RecordReader().push(body))).toEqual(echoed);
    expect(endpoint.connectionCount).toBe(1);
  });

  it('is given up with its client', async () => {
    let aborted = false;
    const { port, endpoint } = await serveHttp2<undefined>({
      upgrade: async ({ signal }) => {
        await once(signal, 'abort');
        aborted = true;
        return { data: undefined };
      },
    });
    const session = await connectHttp2(port);
    const stream = begin(session, '/?tidewire-tunnel=open');
    stream.end(opening());
    await until(() => endpoint.connectionCount === 1);
    stream.close(8);
    await until(() => aborted);
    expect(endpoint.connectionCount).toBe(0);
  });

  it('is refused with 500 when the application chooses headers that HTTP/2 cannot have', async () => {
    const errors = recordErrors();
    const headers = ['"a"', '"b"'].map((tag) => ['ETag', tag] as const);
    const { port, endpoint } = await serveHttp2<undefined>({
      closeTimeout: 200,
      upgrade: (request) => (request.path === '/no' ? request.reject(403, { headers }) : { data: undefined, headers }),
    });
    const session = await connectHttp2(port);
    const { status, body } = await post(session, '/?tidewire-tunnel=open', opening());
    expect([status, JSON.parse(String(body)).error.code]).toEqual([500, 'UPGRADE_THREW']);
    const refused = begin(session, '/no?tidewire-tunnel=open');
    refused.end(opening());
    await resetOf(refused);
    expect([errors.length, endpoint.connectionCount]).toEqual([1, 0]);
  });

  it('finds the server as it was before, once it is detached', () => {
    const server = createServer();
    const { emit } = server;
    endpointFor({}).attach(server)();
    expect([server.emit, Object.hasOwn(server, 'emit')]).toEqual([emit, false]);
  });

  it('leaves all else to the server, whether it listens for requests, streams or nothing', async () => {
    const errors = recordErrors();
    const server = createServer();
    endpointFor({}).attach(server, { path: '/chat' });
    endpointFor({}).attach(server, {
      path: (path) => {
        if (path === '/throws') throw new Error('of the path');
        return false;
      },
    });
    const session = await connectHttp2(await listenHttp2(server));
    await openTunnel(session, '/chat');
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('by stream');
    });
    expect(await pageOf(session, '/chat?x')).toBe('by stream');
    expect(await pageOf(session, '/other?tidewire-tunnel=open')).toBe('by stream');
    const thrown = await post(session, '/throws?tidewire-tunnel=open', opening());
    expect([thrown.status, errors.length]).toEqual([503, 1]);
  });
});
