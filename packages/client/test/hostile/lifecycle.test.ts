import { WebSocket, WebSocketStream } from '@tidewire/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  CLOSE,
  certificateFor,
  closeFrame,
  echoServer,
  frame,
  onRequest,
  rawServer,
  switching,
  TEXT,
  tcpServer,
} from '../support/servers.ts';
import { closeOf, connect, open } from '../support/sockets.ts';

// A connection may break at any moment with nobody listening: the process goes on, and so do the other connections.

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('uncaughtException', note).on('unhandledRejection', note);
});

afterEach(() => {
  vi.useRealTimers();
  process.off('uncaughtException', note).off('unhandledRejection', note);
});

async function untilClosed(socket: WebSocket): Promise<void> {
  while (socket.readyState !== WebSocket.CLOSED) await new Promise((resolve) => setTimeout(resolve, 2));
  await new Promise((resolve) => setTimeout(resolve, 10));
}

const cut = Buffer.concat([frame(TEXT, 'one'), frame(TEXT, 'half')]).subarray(0, -2);
const moments: [string, () => Promise<{ readonly port: number }>][] = [
  ['on connecting', () => tcpServer((socket) => socket.resetAndDestroy())],
  ['on the request', () => tcpServer((socket) => onRequest(socket, () => socket.resetAndDestroy()))],
  [
    'in the middle of the answer',
    () =>
      tcpServer((socket) => onRequest(socket, () => socket.write('HTTP/1.1 101 Sw', () => socket.resetAndDestroy()))),
  ],
  [
    'right after the answer',
    () =>
      tcpServer((socket) =>
        onRequest(socket, (request) => socket.write(switching(request), () => socket.resetAndDestroy())),
      ),
  ],
  ['in the middle of a message', () => rawServer((socket) => socket.write(cut, () => socket.resetAndDestroy()))],
  ['after a Close frame', () => rawServer((socket) => socket.write(frame(CLOSE), () => socket.resetAndDestroy()))],
  ['after a bad frame', () => rawServer((socket) => socket.write(frame(0x83), () => socket.resetAndDestroy()))],
  ['on the first byte that we send', () => rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()))],
];

describe('a reset with no listener', () => {
  test.each(moments)('%s does no harm', async (_, start) => {
    const { port } = await start();
    const witness = await open((await echoServer()).url);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const stream = new WebSocketStream(`ws://127.0.0.1:${port}/`);
    stream.opened.then(({ writable }) => writable.getWriter().write('x')).catch(() => {});
    const sending = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(new Uint8Array(100_000));
        socket.send(new Blob(['x']));
      }
    }, 1);
    await untilClosed(socket);
    clearInterval(sending);
    await stream.closed.catch(() => {});
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(unhandled).toEqual([]);
    expect(witness.readyState).toBe(WebSocket.OPEN);
  });

  test('nor over TLS, at the handshake or later', async () => {
    const { url } = await echoServer({}, await certificateFor('localhost'));
    const refused = new WebSocket(url);
    await untilClosed(refused);
    const opened = await open(url, { tls: { rejectUnauthorized: false } });
    opened.terminate();
    await untilClosed(opened);
    const { port } = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await untilClosed(new WebSocket(`wss://127.0.0.1:${port}/`));
    expect(unhandled).toEqual([]);
  });

  test('a listener that throws is reported to the process, and the other events still come', async () => {
    const socket = connect((await echoServer()).url);
    socket.onopen = () => {
      socket.close();
      throw new Error('mine');
    };
    await closeOf(socket);
    expect(unhandled).toEqual([expect.objectContaining({ message: 'mine' })]);
  });
});

describe('a server that never finishes the close is cut off after closeTimeout', () => {
  test('when it does not answer our Close frame', async () => {
    const { port } = await rawServer((socket) => socket.resume());
    const socket = await open(`ws://127.0.0.1:${port}/`, { closeTimeout: 200 });
    socket.close(1000);
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'CLOSE_TIMEOUT' });
  });

  test('when it goes on sending instead', async () => {
    const { port } = await rawServer((socket) => {
      const flood = setInterval(() => socket.write(frame(TEXT, 'more')), 5);
      socket.on('close', () => clearInterval(flood)).resume();
    });
    const socket = await open(`ws://127.0.0.1:${port}/`, { closeTimeout: 200 });
    socket.close();
    expect((await closeOf(socket)).code).toBe(1006);
  });

  test('when it keeps the TCP connection after both Close frames: that is a clean close', async () => {
    const { port } = await rawServer((socket) => socket.once('data', () => socket.write(closeFrame(1000))));
    const socket = await open(`ws://127.0.0.1:${port}/`, { closeTimeout: 200 });
    socket.close(1000);
    expect(await closeOf(socket)).toMatchObject({ code: 1000, wasClean: true });
  });

  test('when it has ended its side only, and reads nothing any more', async () => {
    const { port } = await rawServer((socket) => socket.end());
    const event = await closeOf(connect(`ws://127.0.0.1:${port}/`, { closeTimeout: 300 }));
    expect(event).toMatchObject({
      code: 1006,
      failure: { code: expect.stringMatching(/CONNECTION_LOST|CLOSE_TIMEOUT/) },
    });
  });

  test('when it does not take what is still to be sent', async () => {
    const { port } = await rawServer((socket) => socket.pause());
    const socket = await open(`ws://127.0.0.1:${port}/`, { closeTimeout: 300 });
    socket.send(new Uint8Array(32 * 1024 * 1024));
    socket.close();
    expect((await closeOf(socket)).failure).toMatchObject({ code: 'CLOSE_TIMEOUT' });
    expect(socket.bufferedAmount).toBeGreaterThan(0);
  });

  test('but not as long as it takes what was sent before the close', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    // More than the system keeps, again and again.
    const [size, step] = [64 * 1024 * 1024, 12 * 1024 * 1024];
    let received = 0;
    const { port, sockets } = await rawServer((peer) => {
      peer.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > size) peer.end(frame(CLOSE));
      });
      peer.pause();
    });
    const socket = await open(`ws://127.0.0.1:${port}/`, { closeTimeout: 1000 });
    socket.send(new Uint8Array(size));
    const closed = closeOf(socket);
    socket.close();
    let seconds = 0;
    for (let goal = step; ; goal += step) {
      sockets[0]?.resume();
      while (received < goal && socket.bufferedAmount > 0) await new Promise(setImmediate);
      // From here on what is missing is with the system, and time would count.
      if (socket.bufferedAmount === 0) break;
      sockets[0]?.pause();
      vi.advanceTimersByTime(1000);
      seconds++;
    }
    expect((await closed).wasClean).toBe(true);
    expect(received).toBeGreaterThan(size);
    expect(seconds).toBeGreaterThan(1);
  });
});
