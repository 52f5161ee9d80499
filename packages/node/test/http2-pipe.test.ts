import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen, Side } from './support.ts';

// What stream-pipe.test.ts asks of a pipe over TCP, of one over a stream of HTTP/2.

let server: ReturnType<typeof createServer>;
let session: ClientHttp2Session;

beforeEach(async () => {
  server = createServer();
  session = connect(`http://127.0.0.1:${await listen(server)}`);
});

afterEach(() => {
  session.destroy();
  server.close();
});

async function pair(): Promise<{ client: Side; server: Side; near: ClientHttp2Stream; far: ServerHttp2Stream }> {
  const near = session.request({ ':method': 'POST' }, { endStream: false });
  const [far] = (await once(server, 'stream')) as [ServerHttp2Stream];
  far.respond();
  return { client: new Side('client', near), server: new Side('server', far), near, far };
}

describe('a connection over a stream of HTTP/2', () => {
  it('carries messages both ways and closes cleanly, without a reset', async () => {
    const { client, server, near } = await pair();
    server.onMessage = (data) => server.connection.send(data);
    for (const size of [0, 1000, 500_000]) client.connection.send('x'.repeat(size));
    await client.untilReceived(3);
    expect(client.messages.map(({ length }) => length)).toEqual([0, 1000, 500_000]);
    client.connection.close(1000, 'done');
    expect(await server.closed).toMatchObject({ code: 1000, reason: 'done', wasClean: true });
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
    expect([...client.errors, ...server.errors]).toEqual([]);
    expect(near.rstCode).toBe(0);
  });

  it('stops reading while paused, so that the peer sees its window close', async () => {
    const { client, server } = await pair();
    server.connection.pause();
    server.pipe.pause();
    const block = Buffer.alloc(200_000);
    for (let i = 0; i < 5; i++) client.connection.send(block);
    client.connection.flush();
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(server.messages).toEqual([]);
    expect(client.connection.bufferedAmount).toBeGreaterThan(500_000);
    server.connection.resume();
    server.pipe.resume();
    await server.untilReceived(5);
    while (client.connection.bufferedAmount > 0) await new Promise(setImmediate);
    expect(client.drains).toBe(1);
  });

  it('is dropped with CANCEL by either side', async () => {
    const one = await pair();
    one.client.pipe.destroy();
    expect(await one.server.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(one.far.rstCode).toBe(8);
    const other = await pair();
    other.server.pipe.destroy();
    expect(await other.client.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(other.near.rstCode).toBe(8);
    expect([...one.server.errors, ...other.client.errors]).toEqual([]);
  });

  it('is freed at once when dropped, though the peer takes nothing', async () => {
    const { client, server, near } = await pair();
    near.pause();
    server.connection.send(Buffer.alloc(5_000_000));
    server.connection.flush();
    server.pipe.destroy();
    expect(await server.closed).toMatchObject({ code: 1006 });
    client.pipe.destroy();
  });

  it('ends when the peer ends', async () => {
    const { client, server } = await pair();
    client.pipe.end();
    expect(await server.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('says why when the peer resets it over an error', async () => {
    const { near, server } = await pair();
    near.close(1);
    expect(await server.closed).toMatchObject({ code: 1006 });
    expect(server.errors).toMatchObject([{ code: 'ERR_HTTP2_STREAM_ERROR' }]);
  });
});
