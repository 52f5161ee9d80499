import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { nodePlatform, StreamPipe, type StreamPipeOwner } from '@tidewire/node';
import {
  Connection,
  type ConnectionClose,
  type ConnectionHandler,
  ConnectionSettings,
  type Role,
} from '@tidewire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

class Side implements ConnectionHandler, StreamPipeOwner {
  readonly pipe: StreamPipe;
  readonly connection: Connection;
  readonly messages: (string | Uint8Array)[] = [];
  readonly errors: Error[] = [];
  drains = 0;
  onMessage: ((data: string | Uint8Array) => void) | undefined;
  readonly closed: Promise<ConnectionClose>;
  #resolve: (close: ConnectionClose) => void = () => {};

  constructor(role: Role, socket: Socket, head: Uint8Array = new Uint8Array(0)) {
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.pipe = new StreamPipe(socket, this);
    this.connection = new Connection(new ConnectionSettings({ role, platform: nodePlatform }), this, this.pipe);
    this.connection.open();
    this.pipe.start(this.connection, head);
  }

  message(data: string | Uint8Array): void {
    this.messages.push(data);
    this.onMessage?.(data);
  }

  drained(): void {
    this.drains++;
  }

  failed(error: Error): void {
    this.errors.push(error);
  }

  close(close: ConnectionClose): void {
    this.#resolve(close);
  }

  untilReceived(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.messages.length >= count) resolve();
      };
      this.onMessage = check;
      check();
    });
  }
}

let listener: Server;
let sockets: Socket[];

beforeEach(async () => {
  listener = createServer({ allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  sockets = [];
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  listener.close();
});

async function socketPair(): Promise<[Socket, Socket]> {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const near = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [[far]] = (await Promise.all([once(listener, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  sockets.push(near, far);
  return [near, far];
}

async function pair(): Promise<{ client: Side; server: Side }> {
  const [near, far] = await socketPair();
  return { client: new Side('client', near), server: new Side('server', far) };
}

describe.each(['one buffer for all reads', 'a buffer for each read'])('a connection over TCP, with %s,', (reading) => {
  beforeEach(() => {
    // Without its handle's leave, `data` events are what is left.
    listener.on('connection', (socket: Socket) => {
      if (reading === 'a buffer for each read')
        Object.assign(Reflect.get(socket, '_handle'), { useUserBuffer: undefined });
    });
  });

  it('reads in that way', async () => {
    const { server } = await pair();
    expect(server.pipe.stream.listenerCount('data')).toBe(reading === 'a buffer for each read' ? 1 : 0);
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
