import { CloseEvent, WebSocket } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { closeFrame, echoServer, frame, rawServer, TEXT, tcpServer } from './support/servers.ts';
import { closeOf, connect, next, open } from './support/sockets.ts';

describe('the arguments of close', () => {
  test.each([0, 999, 1001, 1005, 2999, 5000, 65_536 + 1000, Number.NaN, null, 'text', -1])(
    'the code %j is an InvalidAccessError',
    (code) => {
      const socket = connect('ws://127.0.0.1:9/');
      expect(() => socket.close(code as number)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
      expect(socket.readyState).toBe(WebSocket.CONNECTING);
    },
  );

  test.each([
    [1000, 1000],
    [999.5, 1000],
    [1000.4, 1000],
    ['3000', 3000],
    [4998.5, 4998],
    [4999, 4999],
  ])('the code %j is clamped to %d', async (code, sent) => {
    const socket = await open((await echoServer()).url);
    socket.close(code as number);
    expect((await closeOf(socket)).code).toBe(sent);
  });

  test('a reason has 123 bytes of UTF-8 at most, whether or not the socket is open', () => {
    const socket = connect('ws://127.0.0.1:9/');
    expect(() => socket.close(1000, 'ä'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(() => socket.close(1000, 'x'.repeat(123))).not.toThrow();
    expect(() => socket.close(1000, 'x'.repeat(124))).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => socket.close(1n as never)).toThrow(TypeError);
  });

  test.each<[string, unknown[], number, string]>([
    ['nothing: an empty Close frame', [], 1005, ''],
    ['an undefined code and reason', [undefined, undefined], 1005, ''],
    ['a code', [3001], 3001, ''],
    ['a code and a reason', [4000, 'why'], 4000, 'why'],
    ['a lone surrogate in the reason', [1000, '\ud800'], 1000, '\ufffd'],
    ['a reason only, which needs a code', [undefined, 'why'], 1000, 'why'],
  ])('%s', async (_, args, code, reason) => {
    const socket = await open((await echoServer()).url);
    Reflect.apply(socket.close, socket, args);
    expect(socket.readyState).toBe(WebSocket.CLOSING);
    const event = await closeOf(socket);
    expect([event.code, event.reason, event.wasClean]).toEqual([code, reason, true]);
    expect(event).toBeInstanceOf(CloseEvent);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(event.failure).toBeUndefined();
  });
});

describe('closing', () => {
  test('while connecting reports later, with error and then close 1006, and reaches no server', async () => {
    const server = await tcpServer(() => {});
    const socket = connect(`ws://127.0.0.1:${server.port}/`);
    const order: string[] = [];
    for (const type of ['open', 'error', 'close']) socket.addEventListener(type, () => order.push(type));
    socket.close(4000, 'changed my mind');
    order.push('returned');
    expect(socket.readyState).toBe(WebSocket.CLOSING);
    const event = await closeOf(socket);
    expect(order).toEqual(['returned', 'error', 'close']);
    expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false]);
    expect(event.failure).toMatchObject({ code: 'CLOSED_BEFORE_OPEN' });
  });

  test('in the middle of the opening handshake ends the TCP connection', async () => {
    let ended: Promise<unknown> = Promise.resolve();
    const server = await tcpServer((socket) => {
      ended = new Promise((resolve) => socket.resume().on('end', resolve).on('close', resolve));
    });
    const socket = connect(`ws://127.0.0.1:${server.port}/`);
    while (server.count === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.close();
    expect((await closeOf(socket)).code).toBe(1006);
    await ended;
  });

  test('again, or in the close event, does nothing', async () => {
    const socket = await open((await echoServer()).url);
    let events = 0;
    socket.onclose = () => {
      events++;
      socket.close(3000);
      expect(socket.readyState).toBe(WebSocket.CLOSED);
    };
    socket.close(4001);
    socket.close(4002);
    expect((await closeOf(socket)).code).toBe(4001);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toBe(1);
  });

  test('drops the messages that come after close was called', async () => {
    const { port } = await rawServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([frame(TEXT, 'late'), closeFrame(1000)])));
    });
    const socket = await open(`ws://127.0.0.1:${port}/`);
    socket.onmessage = () => expect.unreachable('a message in CLOSING');
    socket.close();
    await closeOf(socket);
  });

  test('by the server sets CLOSING in a task of its own, after the messages before it', async () => {
    const { port } = await rawServer((socket) => {
      socket.write(Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b'), closeFrame(4001, 'later')]));
      socket.on('data', () => socket.end());
    });
    const socket = connect(`ws://127.0.0.1:${port}/`);
    const states: unknown[] = [];
    socket.onmessage = ({ data }) => states.push([data, socket.readyState]);
    const event = await closeOf(socket);
    expect(states).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect([event.code, event.reason, event.wasClean]).toEqual([4001, 'later', true]);
  });

  test('terminate drops an open connection at once', async () => {
    const socket = await open((await echoServer()).url);
    socket.terminate();
    expect(socket.readyState).toBe(WebSocket.CLOSING);
    const event = await closeOf(socket);
    expect([event.code, event.failure?.code]).toEqual([1006, 'TERMINATED']);
    expect(() => socket.terminate()).not.toThrow();
  });
});

describe('tasks', () => {
  test('promises go on between two events that came in one packet', async () => {
    const { port } = await rawServer((socket) => {
      socket.write(Buffer.concat([frame(TEXT, '1'), frame(TEXT, '2'), frame(TEXT, '3')]));
    });
    const socket = connect(`ws://127.0.0.1:${port}/`);
    const order: string[] = [];
    const third = new Promise<void>((resolve) => {
      socket.onmessage = async ({ data }) => {
        order.push(`event ${data}`);
        await undefined;
        order.push(`after ${data}`);
        if (data === '3') resolve();
      };
    });
    await third;
    expect(order).toEqual(['event 1', 'after 1', 'event 2', 'after 2', 'event 3', 'after 3']);
  });

  test('readyState, protocol and extensions change with the open event', async () => {
    const server = await echoServer({ perMessageDeflate: true });
    const socket = connect(server.url, { deflate: true }, ['chat']);
    await server.nextPeer();
    expect([socket.readyState, socket.protocol, socket.extensions]).toEqual([0, '', '']);
    await next(socket, 'open');
    expect([socket.readyState, socket.protocol, socket.extensions]).toEqual([1, 'chat', 'permessage-deflate']);
    expect(socket.handshake).toMatchObject({ status: 101, url: server.url });
    expect(socket.handshake?.headers.get('upgrade')).toBe('websocket');
  });

  test('the error event is a plain Event, and comes before close in the same state', async () => {
    const socket = connect('ws://127.0.0.1:9/');
    const seen: unknown[] = [];
    socket.onerror = (event) => seen.push([event.constructor, socket.readyState, event.failure]);
    const { failure } = await closeOf(socket);
    expect(seen).toEqual([[Event, WebSocket.CLOSED, failure]]);
  });
});
