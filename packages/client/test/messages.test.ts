import { WebSocket } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { BINARY, echoServer, frame, rawServer, TEXT } from './support/servers.ts';
import { closeOf, connect, messageOf, next, open } from './support/sockets.ts';

describe('sending', () => {
  test.each<[string, unknown, string]>([
    ['text', 'text', 'text'],
    ['empty text', '', ''],
    ['characters beyond the BMP', '🌊 å', '🌊 å'],
    ['a lone surrogate, as U+FFFD', 'a\ud800b', 'a\ufffdb'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 12, '12'],
    ['an object', { toString: () => 'mine' }, 'mine'],
    ['an array', [1, 2], '1,2'],
    ['shared memory, which is no BufferSource', new SharedArrayBuffer(2), '[object SharedArrayBuffer]'],
  ])('%s goes as text', async (_, value, text) => {
    const server = await echoServer();
    const socket = await open(server.url);
    const [peer] = server.wss.clients;
    const received = new Promise((resolve) =>
      peer?.on('message', (data, isBinary) => resolve([String(data), isBinary])),
    );
    socket.send(value as string);
    expect(await received).toEqual([text, false]);
  });

  test.each<[string, ArrayBuffer | ArrayBufferView | Blob, number[]]>([
    ['an ArrayBuffer', Uint8Array.of(1, 2, 3).buffer, [1, 2, 3]],
    ['an empty ArrayBuffer', new ArrayBuffer(0), []],
    ['a part of a buffer', Uint8Array.of(1, 2, 3, 4).subarray(1, 3), [2, 3]],
    ['a DataView', new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 2), [3, 4]],
    ['a Uint16Array', new Uint16Array(Uint8Array.of(1, 2, 3, 4).buffer, 2, 1), [3, 4]],
    ['a Blob', new Blob(['ab']), [97, 98]],
  ])('%s goes as binary', async (_, value, bytes) => {
    const server = await echoServer();
    const socket = await open(server.url);
    socket.binaryType = 'arraybuffer';
    socket.send(value);
    expect([...new Uint8Array((await messageOf(socket)) as ArrayBuffer)]).toEqual(bytes);
  });

  test('what cannot be converted throws, and sends nothing', async () => {
    const socket = await open((await echoServer()).url);
    const values = [
      Symbol('x'),
      { toString: () => ({}) },
      new Uint8Array(new SharedArrayBuffer(1)),
      Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]),
      new Uint8Array(Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }])),
    ];
    for (const value of values) expect(() => socket.send(value as string)).toThrow(TypeError);
    expect(() => Reflect.apply(socket.send, socket, [])).toThrow(TypeError);
    expect(socket.bufferedAmount).toBe(0);
    socket.send('after');
    expect(await messageOf(socket)).toBe('after');
  });

  test('while connecting throws an InvalidStateError, but an unconvertible value still a TypeError', () => {
    const socket = connect('ws://127.0.0.1:9');
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => socket.ping()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => socket.send(Symbol('x') as never)).toThrow(TypeError);
  });

  test('keeps the order around Blobs, whose bytes come later, and closes after all of them', async () => {
    const server = await echoServer();
    const socket = await open(server.url);
    const received: string[] = [];
    const [peer] = server.wss.clients;
    peer?.on('message', (data) => received.push(String(data)));
    const bytes = Uint8Array.of(99);
    socket.send('a');
    socket.send(new Blob(['b'.repeat(100_000)]));
    socket.send(bytes);
    bytes[0] = 0;
    socket.send(new Blob(['d']));
    socket.send('e');
    socket.close(1000, 'done');
    const { code, reason, wasClean } = await closeOf(socket);
    expect([code, reason, wasClean]).toEqual([1000, 'done', true]);
    expect(received).toEqual(['a', 'b'.repeat(100_000), 'c', 'd', 'e']);
  });

  test('bytes may change as soon as send has returned', async () => {
    const socket = await open((await echoServer()).url);
    socket.binaryType = 'arraybuffer';
    const bytes = new Uint8Array(100_000).fill(7);
    socket.send(bytes);
    bytes.fill(0);
    expect(new Set(new Uint8Array((await messageOf(socket)) as ArrayBuffer))).toEqual(new Set([7]));
  });

  test('a Blob that cannot be read fails the connection', async () => {
    const socket = await open((await echoServer()).url);
    class Unreadable extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new Error('gone'));
      }
    }
    socket.send(new Unreadable(['x']));
    socket.send('never');
    const { failure, code } = await closeOf(socket);
    expect(code).toBe(1006);
    expect(failure).toMatchObject({ code: 'BLOB_UNREADABLE', cause: { message: 'gone' } });
    expect(socket.bufferedAmount).toBe(6);
  });
});

describe('receiving', () => {
  test('binary messages are Blobs, or ArrayBuffers, by the binaryType of the moment of the event', async () => {
    const { port } = await rawServer((socket) => {
      socket.write(Buffer.concat([frame(BINARY, 'one'), frame(BINARY, 'two')]));
    });
    const socket = connect(`ws://127.0.0.1:${port}/`);
    const data: unknown[] = [];
    socket.addEventListener('message', (event) => {
      data.push(event.data);
      socket.binaryType = 'arraybuffer';
    });
    await next(socket, 'message');
    await next(socket, 'message');
    expect(await (data[0] as Blob).text()).toBe('one');
    expect(Buffer.from(data[1] as ArrayBuffer).toString()).toBe('two');
  });

  test('an ArrayBuffer holds the message and nothing of the memory around it', async () => {
    const { port } = await rawServer((socket) => socket.write(frame(BINARY, 'abc')));
    const socket = connect(`ws://127.0.0.1:${port}/`);
    socket.binaryType = 'arraybuffer';
    expect(((await messageOf(socket)) as ArrayBuffer).byteLength).toBe(3);
  });

  test('a MessageEvent says where it comes from', async () => {
    const { port } = await rawServer((socket) => socket.write(frame(TEXT, '\ufeffbom')));
    const socket = connect(`ws://127.0.0.1:${port}/path`);
    const event = await next<MessageEvent>(socket, 'message');
    expect(event).toBeInstanceOf(MessageEvent);
    expect(String(event)).toBe('[object MessageEvent]');
    expect([event.origin, event.data, event.bubbles, event.cancelable]).toEqual([
      `ws://127.0.0.1:${port}`,
      '\ufeffbom',
      false,
      false,
    ]);
  });

  test('what came with the answer to the handshake is not lost', async () => {
    const { port } = await rawServer((socket) => socket.write(frame(TEXT, 'at once')));
    expect(await messageOf(connect(`ws://127.0.0.1:${port}/`))).toBe('at once');
  });
});

describe('ping', () => {
  test('is answered with a pong event that has its payload', async () => {
    const socket = await open((await echoServer()).url);
    socket.ping('tide');
    const event = await next<MessageEvent>(socket, 'pong');
    expect(Buffer.from(event.data).toString()).toBe('tide');
    socket.ping();
    expect((await next<MessageEvent>(socket, 'pong')).data).toHaveProperty('byteLength', 0);
  });

  test.each<[unknown, ErrorConstructor]>([
    [200, TypeError],
    [new Float32Array(1), TypeError],
    ['x'.repeat(126), RangeError],
  ])('throws for a payload of %j and reveals no memory', async (payload, error) => {
    const socket = await open((await echoServer()).url);
    expect(() => socket.ping(payload as string)).toThrow(error);
  });

  test('does nothing once the connection is closing', async () => {
    const socket = await open((await echoServer()).url);
    socket.close();
    expect(() => socket.ping()).not.toThrow();
    expect((await closeOf(socket)).wasClean).toBe(true);
    expect(WebSocket.CLOSED).toBe(socket.readyState);
  });
});
