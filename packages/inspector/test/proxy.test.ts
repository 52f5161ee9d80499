import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ended, inspect, listen, messages, next, open, serve } from './support/inspecting.ts';

const MiB = 1024 * 1024;

describe('a proxy records', () => {
  test('text and binary in both directions, with lengths, and how it ended', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(`${proxy}/a?b=c`);
    client.send('tide');
    expect(await next(client)).toBe('tide');
    client.send(Buffer.from([1, 2, 3]));
    expect(await next(client)).toEqual(Buffer.from([1, 2, 3]));
    client.close(4000, 'enough');
    const connection = await ended(inspector);

    expect(connection).toMatchObject({ url: `${url}/a?b=c`, source: url, from: '127.0.0.1', subprotocol: '' });
    expect(connection.response?.status).toBe(101);
    expect(connection.end).toMatchObject({ code: 4000, reason: 'enough', wasClean: true, by: 'client' });
    const records = await messages(inspector, 6);
    expect(records.map(({ seq, direction, opcode, data }) => [seq, direction, opcode, data])).toEqual([
      [1, 'toServer', 1, 'tide'],
      [2, 'toClient', 1, 'tide'],
      [3, 'toServer', 2, new Uint8Array([1, 2, 3])],
      [4, 'toClient', 2, new Uint8Array([1, 2, 3])],
      [5, 'toServer', 8, expect.any(Uint8Array)],
      [6, 'toClient', 8, expect.any(Uint8Array)],
    ]);
    expect(records[0]).toMatchObject({ masked: true, wireLength: 10, length: 4, frames: 1, compressed: false });
    expect(records[1]).toMatchObject({ masked: false, wireLength: 6, length: 4, isCut: false, fate: 'forwarded' });
    expect(records[0]?.at).toBeGreaterThanOrEqual(connection.openedAt);
  });

  test.each([true, false])('compressed messages as they were before, context taken over: %s', async (takesOver) => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: { threshold: 0, serverNoContextTakeover: !takesOver, clientNoContextTakeover: !takesOver },
    });
    await once(server, 'listening');
    server.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    );
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen');
    const { url, inspector } = await inspect(`ws://127.0.0.1:${address.port}`);
    const client = await open(url, { perMessageDeflate: { threshold: 0 } });
    expect(client.extensions).toContain('permessage-deflate');
    const texts = Array.from({ length: 20 }, (_, i) => `${'the tide comes in '.repeat(i)}${i}`);
    for (const text of texts) {
      client.send(text);
      expect(await next(client)).toBe(text);
    }
    const records = await messages(inspector, 40);
    server.close();
    expect(records.filter(({ direction }) => direction === 'toServer').map(({ data }) => data)).toEqual(texts);
    expect(records.filter(({ direction }) => direction === 'toClient').map(({ data }) => data)).toEqual(texts);
    expect(records.every(({ compressed, problem }) => compressed && problem === undefined)).toBe(true);
    const last = records.at(-1);
    expect(last?.wireLength).toBeLessThan(last?.length ?? 0);
    // One that refers to those before it takes less.
    expect(last?.wireLength).toBeLessThan(takesOver ? 20 : 100);
  });

  test('fragments as one message, and the control frames between them by themselves', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    client.send('the ', { fin: false });
    client.ping('between');
    client.send('tide', { fin: true });
    expect(await next(client)).toBe('the tide');
    const records = await messages(inspector, 4);
    const toServer = records.filter(({ direction }) => direction === 'toServer');
    expect(toServer).toMatchObject([
      { opcode: 9, frames: 1, data: new Uint8Array(Buffer.from('between')) },
      { opcode: 1, frames: 2, data: 'the tide', wireLength: 20 },
    ]);
  });

  test('only the beginning of large messages, which go through whole', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url, {}, { bytesOfMessage: 1000 });
    const client = await open(proxy);
    const large = randomBytes(20 * MiB);
    client.send(large);
    const echoed = await next(client);
    expect(large.equals(Buffer.from(echoed))).toBe(true);
    const [first, second] = await messages(inspector, 2);
    expect(first).toMatchObject({ length: 20 * MiB, wireLength: 20 * MiB + 14, isCut: true });
    expect(first?.data).toEqual(new Uint8Array(large.subarray(0, 1000)));
    expect(second).toMatchObject({ length: 20 * MiB, wireLength: 20 * MiB + 10, isCut: true });
  });

  test('no half of a character where text is cut', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url, {}, { bytesOfMessage: 10 });
    const client = await open(proxy);
    client.send('ééééééé');
    client.send('€€€€');
    await next(client);
    const records = await messages(inspector, 3);
    expect(records.filter(({ direction }) => direction === 'toServer')).toMatchObject([
      { data: 'ééééé', length: 14, isCut: true },
      { data: '€€€', length: 12, isCut: true },
    ]);
  });

  test('every one of ten thousand messages, and what fell out of a small ring is counted', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url, {}, { messages: 500 });
    const client = await open(proxy);
    const count = 10_000;
    const seen: string[] = [];
    inspector.recorder.listen((batch) => {
      for (const { direction, data } of batch.messages) if (direction === 'toServer') seen.push(String(data));
    });
    let echoed = 0;
    const all = new Promise<void>((resolve) => {
      client.on('message', () => {
        if (++echoed === count) resolve();
      });
    });
    for (let i = 0; i < count; i++) client.send(`message ${i}`);
    await all;
    const records = await messages(inspector, 2 * count);
    expect(records.length).toBe(500);
    expect(inspector.recorder.fellOut).toBe(2 * count - 500);
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => `message ${i}`));
  });
});

describe('a proxy passes on', () => {
  test('what it is asked over plain HTTP, with bodies both ways', async () => {
    const { url } = await serve({}, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(201, { 'X-Host': request.headers.host, Location: `http://${request.headers.host}/next` });
        response.end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
      });
    });
    const { url: proxy } = await inspect(url);
    const http = proxy.replace('ws:', 'http:');
    const response = await fetch(`${http}/page?a=1`, { method: 'POST', body: 'hello' });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('POST /page?a=1 hello');
    expect(response.headers.get('x-host')).toBe(new URL(url).host);
    expect(response.headers.get('location')).toBe(`${http}/next`);
  });

  test('a refused handshake with its body, and records it', async () => {
    const port = await listen(
      createServer().on('upgrade', (_request, socket) => {
        socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 7\r\n\r\nkeep out');
      }),
    );
    const { url, inspector } = await inspect(`ws://127.0.0.1:${port}`);
    const client = new WebSocket(url);
    const [, response] = await once(client, 'unexpected-response');
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Basic');
    expect(String((await response.toArray())[0])).toBe('keep ou');
    const connection = await ended(inspector);
    expect(connection.response?.status).toBe(401);
    expect(connection.end).toMatchObject({ by: 'server', error: 'The server answered 401' });
  });

  test('nothing when the target is not there: 502, and the reason', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    const { url, inspector } = await inspect(`ws://localhost:${port}`);
    const client = new WebSocket(url);
    const [, response] = await once(client, 'unexpected-response');
    expect(response.statusCode).toBe(502);
    expect(String((await response.toArray())[0])).toMatch(
      /^The inspector got no answer from ws:\/\/localhost:\d+: .*ECONNREFUSED/,
    );
    expect((await ended(inspector)).end).toMatchObject({ code: 1006, error: expect.stringContaining('ECONNREFUSED') });
    expect((await fetch(url.replace('ws:', 'http:'))).status).toBe(502);
  });

  test('the host of the target, and its origin in place of its own', async () => {
    const seen: Record<string, string | undefined>[] = [];
    const { url } = await serve({
      origin: () => true,
      upgrade: (request) => {
        seen.push({ host: request.headers.get('host'), origin: request.headers.get('origin') });
        return { data: undefined };
      },
    });
    const { url: proxy } = await inspect(url);
    const own = proxy.replace('ws:', 'http:');
    const host = new URL(url).host;
    await open(proxy, { origin: own });
    await open(proxy, { origin: 'http://elsewhere.example' });
    // A foreign name that points here is not this proxy.
    const { port } = new URL(proxy);
    await open(proxy, { origin: `http://evil.example:${port}`, headers: { Host: `evil.example:${port}` } });
    const { url: keeping } = await inspect(url, { origin: 'keep' });
    const kept = keeping.replace('ws:', 'http:');
    await open(keeping, { origin: kept });
    const { url: fixed } = await inspect(url, { origin: { is: 'https://app.example' } });
    await open(fixed, { origin: 'http://whatever.example' });
    expect(seen).toEqual([
      { host, origin: `http://${host}` },
      { host, origin: 'http://elsewhere.example' },
      { host, origin: `http://evil.example:${port}` },
      { host, origin: kept },
      { host, origin: 'https://app.example' },
    ]);
  });
});
