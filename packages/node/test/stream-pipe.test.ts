import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen, readings, SHARED, Side, setReading } from './support.ts';

let listener: Server;
let port: number;
let sockets: Socket[];

beforeEach(async () => {
  listener = createServer({ allowHalfOpen: true });
  port = await listen(listener);
  sockets = [];
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  listener.close();
});

async function socketPair(): Promise<[Socket, Socket]> {
  const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[far]] = (await Promise.all([once(listener, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  sockets.push(near, far);
  return [near, far];
}

async function pair(): Promise<{ client: Side; server: Side }> {
  const [near, far] = await socketPair();
  return { client: new Side('client', near), server: new Side('server', far) };
}

describe.each(readings)('a connection over TCP, with %s,', (reading) => {
  beforeEach(() => setReading(listener, reading));

  it('reads in that way', async () => {
    const { server } = await pair();
    expect(server.pipe.stream.listenerCount('data')).toBe(reading === SHARED ? 0 : 1);
  });

  it('carries messages both ways and closes cleanly, without a reset', async () => {
    const { client, server } = await pair();
    server.onMessage = (data) => server.connection.send(data);
    for (const size of [0, 1000, 500_000]) client.connection.send('x'.repeat(size));
    await client.untilReceived(3);
    expect(client.messages.map(({ length }) => length)).toEqual([0, 1000, 500_000]);
    client.connection.close(1000, 'done');
    expect(await server.closed).toMatchObject({ code: 1000, reason: 'done', wasClean: true });
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
    expect([...client.errors, ...server.errors]).toEqual([]);
  });

  it('writes what a turn and its promises send in one go', async () => {
    const [near, far] = await socketPair();
    const server = new Side('server', far);
    server.connection.send('one');
    await Promise.resolve();
    server.connection.send('two');
    queueMicrotask(() => server.connection.send('three'));
    const [chunk] = (await once(near, 'data')) as [Buffer];
    expect(chunk.toString('latin1')).toBe('\x81\x03one\x81\x03two\x81\x05three');
  });

  it('takes what was read before it', async () => {
    const [, far] = await socketPair();
    const side = new Side('client', far, Buffer.from('\x81\x05early', 'latin1'));
    expect(side.messages).toEqual(['early']);
  });

  it('stops reading while paused, so that the peer sees its window fill', async () => {
    const { client, server } = await pair();
    server.connection.pause();
    server.pipe.pause();
    const block = Buffer.alloc(1024 * 1024);
    let blocks = 0;
    while (client.connection.bufferedAmount < 4 * block.length) {
      client.connection.send(block);
      client.connection.flush();
      blocks++;
      await new Promise(setImmediate);
    }
    expect(server.messages).toEqual([]);
    server.connection.resume();
    server.pipe.resume();
    await server.untilReceived(blocks);
    expect(client.connection.bufferedAmount).toBe(0);
  });

  it('reads when neither its owner nor its connection has stopped it', async () => {
    const { client, server } = await pair();
    server.pipe.pause();
    server.pipe.hold(true);
    client.connection.send('x');
    for (const go of [() => server.pipe.hold(false), () => server.pipe.hold(true), () => server.pipe.resume()]) {
      go();
      expect(server.pipe.stream.isPaused()).toBe(true);
    }
    server.pipe.hold(false);
    await server.untilReceived(1);
  });

  it('tells when all that had to wait has left', async () => {
    const { client, server } = await pair();
    client.connection.send('small');
    await server.untilReceived(1);
    expect(client.drains).toBe(0);
    client.connection.send(Buffer.alloc(12_000_000));
    expect(client.connection.send('behind it')).toBe('written');
    await new Promise(setImmediate);
    expect(client.connection.send('waits')).toBe('buffered');
    await server.untilReceived(4);
    expect(client.drains).toBe(1);
  });

  it('survives a reset, and says so', async () => {
    const { client, server } = await pair();
    (client.pipe.stream as Socket).resetAndDestroy();
    expect(await server.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(server.errors[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(server.connection.send('late')).toBe('closed');
  });

  it('ends when the peer ends', async () => {
    const { client, server } = await pair();
    client.pipe.end();
    expect(await server.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('is gone at once on a stream that is gone already', async () => {
    const [near] = await socketPair();
    near.destroy();
    const side = new Side('server', near);
    expect(await side.closed).toMatchObject({ code: 1006 });
  });
});
