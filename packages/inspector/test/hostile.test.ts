import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ended, inspect, messages, open, recorded, serve } from './support/inspecting.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (more = '', first = 'GET / HTTP/1.1') =>
  `${first}\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\n` +
  `Sec-WebSocket-Version: 13\r\n${more}\r\n`;

/** A target that answers the handshake with these headers, and is bare bytes from there on. Returns its URL. */
async function serveBytes(headers = ''): Promise<{ url: string; socket: Promise<Socket>; heard: () => Buffer }> {
  const chunks: Buffer[] = [];
  let begin: (socket: Socket) => void = () => {};
  const socket = new Promise<Socket>((resolve) => {
    begin = resolve;
  });
  const server: NetServer = createServer({ allowHalfOpen: true }, (stream) => {
    onTestFinished(() => void stream.destroy());
    stream.on('error', () => {});
    stream.once('data', () => {
      stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${headers}\r\n`);
      stream.on('data', (chunk) => chunks.push(chunk));
      begin(stream);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, socket, heard: () => Buffer.concat(chunks) };
}

/** A target that answers everything with these bytes, and leaves the connection open. Returns its URL. */
async function serveAnswer(bytes: string): Promise<string> {
  const server = createServer((stream) => {
    onTestFinished(() => void stream.destroy());
    stream.on('error', () => {});
    stream.once('data', () => stream.write(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client by bare bytes, with all that has come. */
function dial(url: string): { socket: Socket; heard: () => Buffer; closed: Promise<unknown> } {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => chunks.push(chunk));
  return { socket, heard: () => Buffer.concat(chunks), closed: once(socket, 'end') };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('bytes that are no frames', () => {
  test.each([
    ['a reserved opcode', Buffer.from('8380000000000102', 'hex'), /opcode is reserved/],
    ['a reserved bit', Buffer.from('a180000000000102', 'hex'), /reserved bit/],
    ['a continuation of nothing', Buffer.from('8080000000000102', 'hex'), /no message to continue/],
    ['a length that is too long a form', Buffer.from('81fe000100000000ff', 'hex'), /shortest form/],
    ['a fragmented control frame', Buffer.from('0980000000000102', 'hex'), /must not be fragmented/],
  ])('go on as they came, also one by one and gathered: %s', async (_what, bytes, problem) => {
    for (const gathers of [false, true]) {
      const { url, socket, heard } = await serveBytes();
      const { url: proxy, inspector } = await inspect(url);
      const match = { text: 'nobody' };
      if (gathers) inspector.rules.set([{ id: 1, match, action: { type: 'drop' }, isOn: true }]);
      const client = dial(proxy);
      client.socket.setNoDelay(true).write(upgrade());
      await socket;
      const all = Buffer.concat([
        Buffer.from('818200000000', 'hex'),
        Buffer.from('ok'),
        bytes,
        Buffer.from('and what follows'),
      ]);
      for (const byte of all) {
        client.socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await until(() => heard().length === all.length);
      expect(heard()).toEqual(all);
      const records = await messages(inspector, 2);
      expect(records).toMatchObject([{ data: 'ok' }, { problem: expect.stringMatching(problem) }]);
      expect(inspector.recorder.nextSeq).toBe(3);
    }
  });

  test('of an extension that is not known go on, and the record says so', async () => {
    const { url, socket, heard } = await serveBytes('Sec-WebSocket-Extensions: x-secret; level=3\r\n');
    const { url: proxy, inspector } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(upgrade('Sec-WebSocket-Extensions: x-secret\r\n'));
    await socket;
    client.socket.write('bytes of all kinds');
    await until(() => heard().length === 18);
    const [record] = await messages(inspector, 1);
    expect(record?.problem).toMatch(/extension x-secret is not known/);
    expect(inspector.recorder.connection(1)).toMatchObject({ extensions: 'x-secret; level=3' });
  });
});

describe('memory stays bounded', () => {
  test('whatever a message becomes when it is decompressed', async () => {
    const { url, socket } = await serveBytes('Sec-WebSocket-Extensions: permessage-deflate\r\n');
    const { url: proxy, inspector } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(upgrade('Sec-WebSocket-Extensions: permessage-deflate\r\n'));
    const server = await socket;
    const send = (size: number) => {
      const payload = deflateRawSync(Buffer.alloc(size)).subarray(0);
      const header = Buffer.from([0xc2, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(payload.length, 6);
      server.write(Buffer.concat([header, payload]));
    };
    send(65 * 1024 * 1024);
    send(70_000_000);
    const records = await messages(inspector, 2);
    expect(records[0]?.problem).toMatch(/too large to be decompressed/);
    expect(records[1]?.problem).toMatch(/one before it could not be/);
    expect(records.every(({ data }) => data.length < 1024 * 1024)).toBe(true);
  });

  test('when two hundred thousand fragments come, with and without a payload', async () => {
    const { url, endpoint } = await serve({ limits: { maxFragments: Number.POSITIVE_INFINITY } });
    const { url: proxy, inspector } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(upgrade());
    await until(() => endpoint.sockets.size === 1);
    const empty = Buffer.from('008000000000', 'hex');
    const one = Buffer.from('0081000000006f', 'hex');
    client.socket.write(Buffer.from('018000000000', 'hex'));
    for (let i = 0; i < 50; i++) client.socket.write(Buffer.concat(new Array(4000).fill(i % 2 === 0 ? empty : one)));
    client.socket.write(Buffer.from('808000000000', 'hex'));
    const [record] = await messages(inspector, 1);
    expect(record).toMatchObject({ frames: 200_002, length: 100_000 });
  });

  test('when one side does not read: the other is not read any more', async () => {
    const { url, socket } = await serveBytes();
    const { url: proxy } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(upgrade());
    (await socket).pause();
    const frame = Buffer.concat([Buffer.from('82fe800000000000', 'hex'), Buffer.alloc(0x8000)]);
    let written = 0;
    while (client.socket.write(frame) || written < 2000) {
      if (++written > 4000) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    // 64 MiB and more were written. What has left is in the buffers of the system.
    expect(client.socket.writableLength).toBeGreaterThan(16 * 1024 * 1024);
  });
});

describe('a request', () => {
  test.each([
    ['with a body announced by length', `${upgrade('Content-Length: 5\r\n')}hello`],
    ['with a body in chunks', `${upgrade('Transfer-Encoding: chunked\r\n')}0\r\n\r\n`],
    ['for another upgrade', upgrade().replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['with another method', upgrade('', 'POST / HTTP/1.1')],
    ['for something that is no path', upgrade('', 'GET ftp://elsewhere/ HTTP/1.1')],
  ])('for a WebSocket %s gets 400, and nobody hears of it', async (_what, request) => {
    let requests = 0;
    const { url } = await serve({}, () => requests++);
    const { url: proxy } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(`${request}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.closed;
    expect(String(client.heard())).toMatch(/^HTTP\/1.1 400 /);
    expect(String(client.heard()).match(/HTTP\/1.1/g)?.length).toBe(1);
    expect(requests).toBe(0);
  });

  test('goes to the target whatever host it names, and CONNECT nowhere', async () => {
    const { url } = await serve({}, (request, response) => response.end(`here ${request.url} ${request.headers.host}`));
    const { url: proxy } = await inspect(url);
    const client = dial(proxy);
    client.socket.write(
      'GET http://elsewhere.example/a?b HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n',
    );
    await client.closed;
    expect(String(client.heard())).toContain(`here /a?b ${new URL(url).host}`);
    const other = dial(proxy);
    other.socket.write('CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n');
    await other.closed;
    expect(String(other.heard())).not.toContain('200');
  });

  test('with a body in chunks by GET is one request for the target, too', async () => {
    const seen: string[] = [];
    const { url } = await serve({}, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push(`${request.method} ${request.url} ${body}`);
      response.end();
    });
    const { url: proxy } = await inspect(url);
    const client = dial(proxy);
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
    client.socket.write(
      `GET /a HTTP/1.1\r\nHost: a\r\nConnection: close, transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    );
    await client.closed;
    expect(seen).toEqual([`GET /a ${hidden}`]);
  });
});

test('a request for a WebSocket that Node does not send is refused: 400', async () => {
  const { url } = await serve();
  const { url: proxy } = await inspect(url);
  const client = dial(proxy);
  client.socket.write(upgrade('Trailer: Expires\r\n'));
  await client.closed;
  expect(String(client.heard())).toMatch(/^HTTP\/1.1 400 /);
});

test.each([
  ['a status line that cannot be written', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nhi'],
  ['another protocol', 'HTTP/1.1 101 Other\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'],
])('a target that answers a plain request with %s costs the client that request: 502', async (_what, answer) => {
  const { url: proxy } = await inspect(await serveAnswer(answer));
  const client = dial(proxy);
  client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.closed;
  expect(String(client.heard())).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
});

test('who leaves at any point takes nobody along', async () => {
  const { url } = await serve();
  const { url: proxy, inspector } = await inspect(url);
  const request = upgrade();
  const bytes = Buffer.concat([Buffer.from(request), Buffer.from('818500000000', 'hex'), Buffer.from('hello')]);
  for (let cut = 0; cut < bytes.length; cut += 7) {
    const client = dial(proxy);
    client.socket.write(bytes.subarray(0, cut), () => client.socket.resetAndDestroy());
    await once(client.socket, 'close');
  }
  const survivor = await open(proxy);
  survivor.send('still here');
  await recorded(inspector.recorder, () =>
    [...inspector.recorder.messages()].some(({ data }) => data === 'still here'),
  );
  survivor.close();
  const last = [...inspector.recorder.connections].at(-1);
  expect((await ended(inspector, last?.id)).end).toMatchObject({ wasClean: true });
});

test('a target that never answers costs the client a deadline: 502', async () => {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { url, inspector } = await inspect(`ws://127.0.0.1:${port}`, { timeout: 50 });
  const client = dial(url);
  client.socket.write(upgrade());
  await client.closed;
  expect(String(client.heard())).toMatch(/^HTTP\/1.1 502 [\s\S]*no answer came in time/);
  expect((await ended(inspector)).end?.error).toContain('no answer came in time');
});

test('an end of one side goes on, and what the other still says comes back', async () => {
  const { url, socket } = await serveBytes();
  const { url: proxy } = await inspect(url);
  const client = dial(proxy);
  client.socket.write(upgrade());
  const server = await socket;
  client.socket.end();
  await once(server, 'end');
  server.end(`${Buffer.from('8104', 'hex').toString('latin1')}last`, 'latin1');
  await client.closed;
  expect(String(client.heard())).toMatch(/last$/);
});
