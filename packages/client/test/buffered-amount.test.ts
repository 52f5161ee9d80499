import { expect, test } from 'vitest';
import { echoServer, rawServer } from './support/servers.ts';
import { closeOf, connect, messageOf, open } from './support/sockets.ts';

const MiB = 1024 * 1024;

test('counts the payload, text as UTF-8, Blobs before they are read, and no frame headers', async () => {
  const socket = await open((await echoServer()).url);
  socket.send('å');
  expect(socket.bufferedAmount).toBe(2);
  socket.send(new Uint16Array(5));
  expect(socket.bufferedAmount).toBe(12);
  socket.send(new Blob(['abc']));
  expect(socket.bufferedAmount).toBe(15);
  socket.send('after the Blob');
  expect(socket.bufferedAmount).toBe(29);
});

test('does not go down while the task runs, nor in its microtasks, and is 0 once all is sent', async () => {
  const socket = await open((await echoServer()).url);
  socket.send('x'.repeat(1000));
  for (let turn = 0; turn < 10; turn++) await undefined;
  expect(socket.bufferedAmount).toBe(1000);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(socket.bufferedAmount).toBe(1000);
  await messageOf(socket);
  expect(socket.bufferedAmount).toBe(0);
});

test('stays up while the server does not read, and goes down message by message when it does', async () => {
  const server = await rawServer((socket) => socket.pause());
  const socket = await open(`ws://127.0.0.1:${server.port}/`);
  const amounts: number[] = [];
  for (let index = 0; index < 8; index++) {
    socket.send(new Uint8Array(4 * MiB));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(socket.bufferedAmount).toBeGreaterThan(8 * MiB);
  server.sockets[0]?.resume();
  while (socket.bufferedAmount > 0) {
    amounts.push(socket.bufferedAmount);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(amounts).toEqual([...amounts].sort((one, other) => other - one));
});

test('grows with every send after the close began, and is never taken back', async () => {
  const socket = await open((await echoServer()).url);
  socket.close();
  socket.send('abc');
  expect(socket.bufferedAmount).toBe(3);
  await closeOf(socket);
  expect(socket.bufferedAmount).toBe(3);
  socket.send(new Blob(['de']));
  socket.send(new Uint8Array(4));
  expect(socket.bufferedAmount).toBe(9);
  await new Promise((resolve) => setImmediate(resolve));
  expect(socket.bufferedAmount).toBe(9);
});

test('keeps what was never sent when the connection is lost', async () => {
  const server = await rawServer((socket) => socket.pause());
  const socket = await open(`ws://127.0.0.1:${server.port}/`);
  for (let index = 0; index < 10; index++) socket.send(new Uint8Array(4 * MiB));
  await new Promise((resolve) => setImmediate(resolve));
  const before = socket.bufferedAmount;
  server.sockets[0]?.resetAndDestroy();
  await closeOf(socket);
  expect(before).toBeGreaterThan(4 * MiB);
  expect(socket.bufferedAmount).toBeGreaterThan(0);
  expect(socket.bufferedAmount).toBeLessThanOrEqual(before);
});

test('beyond maxBufferedAmount the connection fails, and the program is told why', async () => {
  const server = await rawServer((socket) => socket.pause());
  const socket = await open(`ws://127.0.0.1:${server.port}/`, {
    limits: { maxBufferedAmount: MiB },
    closeTimeout: 200,
  });
  for (let index = 0; index < 20; index++) socket.send(new Uint8Array(MiB));
  const { failure, code, wasClean } = await closeOf(socket);
  expect([code, wasClean, failure?.code]).toEqual([1006, false, 'OUTPUT_LIMIT']);
});

test('Blobs that wait to be read count into the limit, too', async () => {
  const socket = await open((await echoServer()).url, { limits: { maxBufferedAmount: 1000 } });
  const blob = new Blob(['x'.repeat(600)]);
  for (let index = 0; index < 5; index++) socket.send(blob);
  expect((await closeOf(socket)).failure).toMatchObject({ code: 'OUTPUT_LIMIT' });
});

test('is 0 for a socket that never opened', async () => {
  const socket = connect('ws://127.0.0.1:9/');
  await closeOf(socket);
  expect(socket.bufferedAmount).toBe(0);
});
