import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BodyWriter } from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer, upgradeRequest } from '../support/raw-peer.ts';
import { open as openSocket, serve, until } from '../support/serving.ts';
import { ack, ask, begin, codeOf, data, done, opening, openingPath, TunnelPeer } from '../support/tunnel-peer.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const hello = frame(Opcode.TEXT, 'hello');
const subprotocols = ['tidewire-tunnel.v1'];

/** The head of a request by bare bytes. */
function post(path: string, length: number | 'chunked'): string {
  const about = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${about}\r\n\r\n`;
}

function whole(path: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(post(path, body.length)), body]);
}

const connect = (port: number) => RawPeer.connect({ port, host: '127.0.0.1' });

/** Bytes that are in use, in buffers or not. */
function used(): number {
  for (let i = 0; i < 3; i++) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const MiB = 1024 * 1024;

describe('an opening', () => {
  it.each([
    ['a host that has a path', 400, 'HOST', openingPath('/chat'), { Host: 'localhost/other?' }],
    ['a host that has a user', 400, 'HOST', openingPath('/chat'), { Host: 'admin@localhost' }],
    ['a target of another scheme', 400, 'REQUEST_TARGET', 'ftp://localhost/chat?tidewire-tunnel=open', {}],
  ])('with %s is refused as a handshake is', async (_, status, code, path, headers) => {
    const seen: string[] = [];
    const { port } = await serve({
      upgrade: ({ url }) => {
        seen.push(url.href);
        return { data: undefined };
      },
    });
    const response = await ask(port, path, { headers, body: opening() });
    expect([response.status, seen]).toEqual([status, []]);
    expect(codeOf(response)).toBe(code);
  });
});

describe('whoever knows the id of a session, but not its key', () => {
  const foreign = {
    type: 'HEAD',
    version: 1,
    mode: 'SEND',
    number: 0,
    knownLimit: 0,
    key: new Uint8Array(16),
  } as const;

  it('holds none of the places for requests that are on their way in', async () => {
    const { port, server } = await serve({});
    let connections = 0;
    server.on('connection', () => connections++);
    const peer = await TunnelPeer.open(port);
    const head = new BodyWriter().add(foreign).bytes();
    for (const bytes of [head, head, head, head, Buffer.alloc(0), Buffer.from('x'), head.subarray(0, 9), head]) {
      const made = begin(port, peer.path, { headers: { 'Content-Length': '100000' } });
      made.flushHeaders();
      made.write(bytes);
    }
    await until(() => connections >= 8);
    for (let i = 0; i < 30; i++) expect((await peer.post(peer.body('SEND', data(0, hello)))).status).toBe(200);
  });

  it('learns that it is unknown when the request is whole, however large it is', async () => {
    const { port } = await serve({});
    const peer = await TunnelPeer.open(port);
    const writer = new BodyWriter().add(foreign);
    for (let i = 0; i < 10; i++) writer.add(data(i * 16_384, new Uint8Array(16_384)));
    const response = await peer.post(writer.add(done).bytes());
    expect([response.status, codeOf(response)]).toEqual([404, 'UNKNOWN_SESSION']);
    const longHead = await peer.post(Buffer.concat([Buffer.from([1, 0x40, 200]), Buffer.alloc(200)]));
    expect(longHead.status).toBe(400);
    expect((await peer.ask('SEND')).at(1)).toMatchObject({ type: 'ACK', received: 0 });
  });

  it('gives way with its WebSockets to whoever knows it', async () => {
    const { port } = await serve({ message: (socket, message) => void socket.send(message) });
    const peer = await TunnelPeer.open(port);
    const url = `ws://127.0.0.1:${port}${peer.path}`;
    const strangers = [await openSocket(url, subprotocols), await openSocket(url, subprotocols)];
    const cut = Promise.race(strangers.map((stranger) => once(stranger, 'close')));
    const socket = await openSocket(url, subprotocols);
    await cut;
    socket.send(Buffer.concat([Buffer.alloc(4), peer.body('TAKE', ack(0), data(0, hello))]));
    const [answer] = await once(socket, 'message');
    expect(String(answer)).toContain('hello');
    expect(strangers.filter((stranger) => stranger.readyState === 1)).toHaveLength(1);
  });
});

describe('requests that are pipelined behind an answer that is held', () => {
  it('take no place any more when their connection is gone', async () => {
    const { port } = await serve({});
    const [peer, other] = [await TunnelPeer.open(port), await TunnelPeer.open(port)];
    for (let i = 0; i < 4; i++) {
      const raw = await connect(port);
      const begun = peer.body('SEND', data(0, hello)).subarray(0, -1);
      raw.send(whole(other.path, other.body('STREAM', ack(0))), post(peer.path, 1000), begun);
      await raw.response();
      raw.socket.destroy();
      await raw.gone();
    }
    while ((await peer.post(peer.body('SEND'))).status !== 200);
  }, 5000);

  it('have no answers kept for them beyond a few', async () => {
    const { port, endpoint } = await serve({});
    const [peer, other] = [await TunnelPeer.open(port), await TunnelPeer.open(port)];
    for (const socket of endpoint.sockets) socket.send(new Uint8Array(250_000));
    const before = used();
    const raw = await connect(port);
    const takes = Array.from({ length: 300 }, () => whole(peer.path, peer.body('TAKE', ack(0))));
    raw.send(whole(other.path, other.body('STREAM', ack(0, 0))), ...takes);
    for (let i = 0; i < 20; i++) await ask(port, '/?tidewire-tunnel=0', { body: '' });
    expect((used() - before) / MiB).toBeLessThan(25);
  });
});

describe('a client that sends little at a time', () => {
  it('cannot have the server keep much for a body that is on its way in', async () => {
    const { port } = await serve({});
    const peer = await TunnelPeer.open(port);
    const raw = await connect(port);
    const begun = peer.body('SEND').subarray(0, -2);
    const before = used();
    raw.send(
      post(peer.path, 'chunked'),
      `${begun.length.toString(16)}\r\n`,
      begun,
      '\r\n',
      '1\r\nx\r\n'.repeat(100_000),
    );
    await until(() => raw.socket.writableLength === 0);
    for (let i = 0; i < 20; i++) await peer.ask('SEND');
    expect((used() - before) / MiB).toBeLessThan(8);
  });

  it('cannot have the server keep bodies of which little is new, while the application does not read', async () => {
    const { port, endpoint } = await serve({});
    const peer = await TunnelPeer.open(port);
    for (const socket of endpoint.sockets) socket.pause();
    const known = data(0, new Uint8Array(4096));
    await peer.ask('SEND', known);
    const before = used();
    const padding = Array.from({ length: 60 }, () => known);
    for (let i = 0; i < 300; i++) await peer.ask('SEND', ...padding, data(4096 + i, Uint8Array.of(1)));
    expect((used() - before) / MiB).toBeLessThan(30);
  });
});

describe('an endpoint that has closed', () => {
  it('waits for no WebSocket over which a tunnel had its requests', async () => {
    const { port, server, endpoint } = await serve({});
    const peer = await TunnelPeer.open(port);
    const raw = await RawPeer.open(port, upgradeRequest(peer.path, { 'Sec-WebSocket-Protocol': subprotocols }));
    await endpoint.close({ timeout: 0 });
    server.close();
    await once(server, 'close');
    raw.socket.destroy();
  }, 5000);
});
