import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { type HttpServer, type Tap, type TapOpening, WebSocketEndpoint } from '@tidewire/server';
import { describe, expect, onTestFinished, test } from 'vitest';

/** Carries everything between the client and the endpoint, and remembers it. */
class Recorder {
  readonly openings: TapOpening[] = [];
  readonly fromClient: Buffer[] = [];
  readonly fromServer: Buffer[] = [];

  readonly tap: Tap = (client, opening) => {
    this.openings.push(opening);
    const [near, far]: readonly Duplex[] = duplexPair();
    if (near === undefined || far === undefined) throw new Error('There is no pair');
    far.write(opening.head);
    this.fromClient.push(Buffer.from(opening.head));
    client.on('data', (chunk) => this.fromClient.push(chunk)).pipe(far);
    far.on('data', (chunk) => this.fromServer.push(chunk)).pipe(client);
    for (const stream of [client, far]) stream.on('error', () => {});
    return near;
  };
}

async function serve(tap: Tap | undefined, server: HttpServer = createServer()) {
  const closes: number[] = [];
  const endpoint = new WebSocketEndpoint<undefined>({
    tap,
    subprotocols: ['chat'],
    deflate: true,
    message: (socket, message) => void socket.send(message),
    close: (_socket, code) => void closes.push(code),
  });
  endpoint.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(async () => {
    server.close();
    await endpoint.close({ timeout: 0 });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/a?b=c`, closes };
}

/** Has a message sent back, and closes. */
async function converse(url: string, options: WebSocketOptions = {}): Promise<{ data: unknown; code: number }> {
  const socket = new WebSocket(url, ['chat'], options);
  const data = await new Promise((resolve, reject) => {
    socket.onopen = () => socket.send('hello');
    socket.onmessage = (event) => resolve(event.data);
    socket.onerror = () => reject(socket.failure);
  });
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  socket.close(4000, 'bye');
  return { data, code: await closed };
}

const done = { data: 'hello', code: 4000 };

describe('a tap', () => {
  test('has the bytes of a WebSocket go over its stream, without those of the handshake', async () => {
    const recorder = new Recorder();
    const { url, closes } = await serve(recorder.tap);
    expect(await converse(url, { headers: { 'X-Who': 'me' }, deflate: true })).toEqual(done);
    await expect.poll(() => closes).toEqual([4000]);
    const [opening] = recorder.openings;
    expect(opening).toMatchObject({ url, status: 101 });
    expect(opening?.incoming.headers['x-who']).toBe('me');
    expect(new Map(opening?.headers)).toEqual(
      new Map([
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', expect.any(String)],
        ['Sec-WebSocket-Protocol', 'chat'],
        ['Sec-WebSocket-Extensions', expect.stringMatching(/^permessage-deflate/)],
      ]),
    );
    // RFC 6455, 5.2: a whole text message, masked and not; then a Close frame.
    expect(Buffer.concat(recorder.fromServer).subarray(0, 7).toString('latin1')).toBe('\x81\x05hello');
    expect(Buffer.concat(recorder.fromClient)[0]).toBe(0x81);
    expect(Buffer.concat(recorder.fromClient)[11]).toBe(0x88);
  });

  test('sees a WebSocket over HTTP/2, and over a tunnel', async () => {
    const recorder = new Recorder();
    const { url } = await serve(recorder.tap, createHttp2Server({ settings: { enableConnectProtocol: true } }));
    expect(await converse(url, { http2: true })).toEqual(done);
    const plain = await serve(recorder.tap);
    expect(await converse(plain.url, { transports: ['stream'] })).toEqual(done);
    expect(recorder.openings.map(({ url: to, status, headers }) => [to, status, headers])).toEqual([
      [url, 200, [['Sec-WebSocket-Protocol', 'chat']]],
      [plain.url, 200, [['Sec-WebSocket-Protocol', 'chat']]],
    ]);
    expect(Buffer.concat(recorder.fromServer).toString('latin1').split('\x81\x05hello')).toHaveLength(3);
  });

  test('that returns the same stream, or throws, changes nothing', async () => {
    let calls = 0;
    const same = await serve((stream) => {
      calls += 1;
      return stream;
    });
    expect(await converse(same.url)).toEqual(done);
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const throwing = await serve(() => {
      throw new Error('no tap');
    });
    expect(await converse(throwing.url)).toEqual(done);
    expect(calls).toBe(1);
    await expect.poll(() => warnings.map(({ message }) => message).join()).toContain('no tap');
  });
});
