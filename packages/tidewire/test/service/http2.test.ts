import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { generate } from 'selfsigned';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Peer } from '../support.ts';

let service: Service;
let ca: string;

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  ca = cert;
  service = await startService({ port: 0, tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
});
afterAll(() => service.stop());

function connection(): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${service.port}`, { ca, servername: 'localhost' });
  onTestFinished(() => session.destroy());
  return session;
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<[IncomingHttpHeaders, string]> {
  const stream = session.request(headers);
  const [answer] = await once(stream, 'response');
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += chunk;
  return [answer, body];
}

describe('a service with TLS', () => {
  test('serves its pages over HTTP/2, many over one connection', async () => {
    const session = connection();
    const paths = ['/', '/echo', '/chat', '/race', '/health'];
    const answers = await Promise.all(paths.map((path) => ask(session, { ':path': path })));
    for (const [headers, body] of answers) {
      expect(headers).toMatchObject({ ':status': 200, 'x-content-type-options': 'nosniff' });
      expect(Buffer.byteLength(body)).toBe(Number(headers['content-length']));
    }
    expect((await ask(session, { ':path': '/nothing' }))[0][':status']).toBe(404);
    const [refused] = await ask(session, { ':path': '/', ':method': 'POST' });
    expect(refused).toMatchObject({ ':status': 405, allow: 'GET, HEAD' });
    expect(refused.connection).toBeUndefined();
  });

  test('serves who speaks HTTP/1.1 as well', async () => {
    const asked = request({ host: '127.0.0.1', port: service.port, path: '/health', ca, servername: 'localhost' });
    const [response] = await once(asked.end(), 'response');
    expect(response.httpVersion).toBe('1.1');
    expect(response.statusCode).toBe(200);
    response.resume();
    const peer = await Peer.open(`wss://localhost:${service.port}/echo`, [], { tls: { ca } });
    peer.socket.send('hello');
    expect(await peer.next()).toBe('hello');
  });

  test('records the handshake of a WebSocket over HTTP/2, without what could let somebody in', async () => {
    const session = connection();
    await once(session, 'remoteSettings');
    const id = 'ab'.repeat(16);
    const headers = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': `/echo?handshake=${id}`, cookie: 'a=1' };
    const stream = session.request({ ...headers, 'sec-websocket-version': '13', 'sec-websocket-protocol': 'tide' });
    await once(stream, 'response');
    const [, body] = await ask(session, { ':path': `/api/handshakes/${id}` });
    const record = JSON.parse(body);
    expect(record).toMatchObject({
      method: 'CONNECT',
      url: `/echo?handshake=${id}`,
      httpVersion: '2.0',
      remoteAddress: '127.0.0.1',
      response: { status: 200, headers: [['sec-websocket-protocol', 'tide']] },
    });
    expect(record.request).toContainEqual([':protocol', 'websocket']);
    expect(record.request).toContainEqual(['cookie', '(not kept)']);
    stream.close();
  });

  test('stops though connections are open', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const stopping = await startService({ port: 0, tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
    const session = connect(`https://127.0.0.1:${stopping.port}`, { ca: cert, servername: 'localhost' });
    await once(session, 'remoteSettings');
    const closed = once(session, 'close');
    await Promise.all([stopping.stop(), closed]);
  });
});
