import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocketStream } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { Client, startGateway, tcpServer } from './support.ts';

// A reader that stands still must stop the other side, and not fill the memory. What the process itself holds is looked at:
// gateway, server and client share it, so that it is more than the gateway's own.

const MEBI = 1024 * 1024;
const TOTAL = 200 * MEBI;

/** Bytes outside of the heap and in it. */
function memory(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Resolves when `read` has been the same for so long, in milliseconds. */
async function still(read: () => number, time = 300): Promise<void> {
  for (let last = -1; read() !== last; await new Promise((resolve) => setTimeout(resolve, time))) last = read();
}

describe('200 MiB with a reader that stands still', () => {
  test('on the side of the client: the server has to wait, and all of it comes', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    const port = await tcpServer((socket: Socket) => {
      const pump = () => {
        while (sent < TOTAL) {
          sent += chunk.length;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.on('drain', pump);
      pump();
    });
    const { url } = await startGateway([{ name: 'it', host: '127.0.0.1', port }]);
    const before = memory();
    const stream = new WebSocketStream(`${url}/it`);
    const { readable } = await stream.opened;
    await still(() => sent);
    expect(sent).toBeLessThan(40 * MEBI);
    expect(memory() - before).toBeLessThan(40 * MEBI);
    let received = 0;
    let most = 0;
    for await (const piece of readable) {
      received += piece.length;
      most = Math.max(most, memory() - before);
    }
    expect(received).toBe(TOTAL);
    expect(most).toBeLessThan(120 * MEBI);
    expect(await stream.closed).toMatchObject({ closeCode: 1000 });
  });

  test('on the side of the server: the client has to wait, and all of it comes', async () => {
    let taken: (socket: Socket) => void = () => {};
    const connection = new Promise<Socket>((resolve) => {
      taken = resolve;
    });
    const port = await tcpServer((socket) => taken(socket));
    const { url } = await startGateway([{ name: 'it', host: '127.0.0.1', port }]);
    const before = memory();
    const stream = new WebSocketStream(`${url}/it`);
    const { writable } = await stream.opened;
    const socket = await connection;
    const writer = writable.getWriter();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    const sending = (async () => {
      for (; sent < TOTAL; sent += chunk.length) await writer.write(chunk);
    })();
    await still(() => sent);
    expect(sent).toBeLessThan(40 * MEBI);
    expect(memory() - before).toBeLessThan(40 * MEBI);
    let received = 0;
    let most = 0;
    socket.on('data', ({ length }) => {
      received += length;
      most = Math.max(most, memory() - before);
    });
    await sending;
    const ended = once(socket, 'end');
    stream.close({ closeCode: 1000 });
    await ended;
    socket.end();
    expect(received).toBe(TOTAL);
    expect(most).toBeLessThan(120 * MEBI);
  });
});

describe('a server that never reads', () => {
  test('does not keep its client from being closed, nor a drain from its end', async () => {
    const port = await tcpServer(() => {});
    const { url, gateway } = await startGateway([{ name: 'it', host: '127.0.0.1', port }], { closeTimeout: 300 });
    const client = await Client.open(`${url}/it`);
    for (let index = 0; index < 100; index++) client.socket.send(Buffer.alloc(MEBI));
    const [bridge] = gateway.connections;
    await still(() => bridge?.sentToServer ?? 0);
    expect(bridge?.sentToServer).toBeLessThan(40 * MEBI);
    // What is still to be read of the client stands before its answer to the Close.
    await gateway.drain({ timeout: 300 });
    expect(gateway.connections.size).toBe(0);
    await client.closed;
  });

  test('and resets is told to a client that has to wait', async () => {
    let taken: (socket: Socket) => void = () => {};
    const connection = new Promise<Socket>((resolve) => {
      taken = resolve;
    });
    const port = await tcpServer((socket) => taken(socket));
    const { url, gateway, told } = await startGateway([{ name: 'it', host: '127.0.0.1', port }]);
    const client = await Client.open(`${url}/it`);
    for (let index = 0; index < 30; index++) client.socket.send(Buffer.alloc(MEBI));
    const [bridge] = gateway.connections;
    await still(() => bridge?.sentToServer ?? 0);
    (await connection).resetAndDestroy();
    expect(await client.closed).toMatchObject({ code: 1011 });
    await told(/^closed it 1011/);
  });
});

test('a flood of clients is held at the limit, and the server sees no more than that', async () => {
  let connections = 0;
  const port = await tcpServer((socket) => {
    connections += 1;
    socket.resume().on('end', () => socket.end());
  });
  const { url, gateway, events } = await startGateway([{ name: 'it', host: '127.0.0.1', port }], {
    maxConnections: 20,
  });
  const attempts = await Promise.allSettled(Array.from({ length: 300 }, () => Client.open(`${url}/it`)));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  expect(connections).toBe(20);
  expect(gateway.connections.size).toBe(20);
  expect(events.filter((event) => event.endsWith('503 TOO_MANY_CONNECTIONS'))).toHaveLength(280);
});
