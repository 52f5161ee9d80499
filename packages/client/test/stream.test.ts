import {
  type WebSocketCloseInfo,
  WebSocketError,
  WebSocketStream,
  type WebSocketStreamOptions,
} from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { afterThisTest, BINARY, closeFrame, echoServer, frame, rawServer, TEXT, tcpServer } from './support/servers.ts';

const MiB = 1024 * 1024;

function connect(url: string, options?: WebSocketStreamOptions): WebSocketStream {
  const stream = new WebSocketStream(url, options);
  afterThisTest(() => stream.close());
  return stream;
}

describe('opening', () => {
  test('resolves to streams, the subprotocol and the extensions', async () => {
    const { url } = await echoServer({ perMessageDeflate: true });
    const stream = connect(url, { protocols: ['chat'], deflate: true, headers: { 'X-Test': '1' } });
    const info = await stream.opened;
    expect([stream.url, info.protocol, info.extensions, info.handshake.status]).toEqual([
      url,
      'chat',
      'permessage-deflate',
      101,
    ]);
    const writer = info.writable.getWriter();
    const reader = info.readable.getReader();
    await writer.write('text');
    await writer.write(Uint8Array.of(1, 2));
    await writer.write(12 as never);
    expect((await reader.read()).value).toBe('text');
    const { value } = await reader.read();
    expect(value?.constructor).toBe(Uint8Array);
    expect(value).toEqual(Uint8Array.of(1, 2));
    expect((await reader.read()).value).toBe('12');
  });

  test.each<[string, unknown[], string]>([
    ['no URL', [], 'TypeError'],
    ['an invalid URL', ['relative'], 'SyntaxError'],
    ['options that are no object', ['ws://127.0.0.1', true], 'TypeError'],
    ['protocols that are no sequence', ['ws://127.0.0.1', { protocols: 'chat' }], 'TypeError'],
    ['a subprotocol twice', ['ws://127.0.0.1', { protocols: ['a', 'a'] }], 'SyntaxError'],
    ['an unknown option', ['ws://127.0.0.1', { heders: {} }], 'TypeError'],
  ])('throws for %s', (_, args, name) => {
    expect(() => Reflect.construct(WebSocketStream, args)).toThrow(expect.objectContaining({ name }));
  });

  test('rejects both promises with a WebSocketError that says why', async () => {
    const stream = connect('ws://127.0.0.1:9/', { allowBlockedPorts: true });
    const error = await stream.opened.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebSocketError);
    expect(error).toMatchObject({ name: 'WebSocketError', closeCode: 1006, failure: { code: 'CONNECT' } });
    await expect(stream.closed).rejects.toBe(error);
  });

  test('rejects with the reason of the signal, which does nothing once open', async () => {
    const { port } = await tcpServer(() => {});
    const reason = new Error('enough');
    const aborted = connect(`ws://127.0.0.1:${port}/`, { signal: AbortSignal.abort(reason) });
    await expect(aborted.opened).rejects.toBe(reason);
    await expect(aborted.closed).rejects.toBe(reason);
    const controller = new AbortController();
    const stream = connect((await echoServer()).url, { signal: controller.signal });
    const { writable, readable } = await stream.opened;
    controller.abort();
    await writable.getWriter().write('on');
    expect((await readable.getReader().read()).value).toBe('on');
  });

  test('closed before it is open rejects as a failure', async () => {
    const stream = new WebSocketStream((await echoServer()).url);
    stream.close();
    await expect(stream.opened).rejects.toMatchObject({ failure: { code: 'CLOSED_BEFORE_OPEN' } });
    await expect(stream.closed).rejects.toBeInstanceOf(WebSocketError);
  });
});

describe('closing', () => {
  test.each<[unknown, Required<WebSocketCloseInfo>]>([
    [undefined, { closeCode: 1005, reason: '' }],
    [{}, { closeCode: 1005, reason: '' }],
    [{ reason: '' }, { closeCode: 1005, reason: '' }],
    [{ reason: 'why' }, { closeCode: 1000, reason: 'why' }],
    [
      { closeCode: 3456, reason: 'why' },
      { closeCode: 3456, reason: 'why' },
    ],
  ])('close(%j)', async (given, wanted) => {
    const stream = connect((await echoServer()).url);
    const { readable, writable } = await stream.opened;
    stream.close(given as WebSocketCloseInfo);
    expect(await stream.closed).toEqual(wanted);
    expect((await readable.getReader().read()).done).toBe(true);
    await expect(writable.getWriter().write('x')).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  test.each<[unknown, string]>([
    [true, 'TypeError'],
    [{ closeCode: 70_000 }, 'TypeError'],
    [{ closeCode: 1001 }, 'InvalidAccessError'],
    [{ reason: 'x'.repeat(124) }, 'SyntaxError'],
  ])('close(%j) throws', async (given, name) => {
    const stream = connect((await echoServer()).url);
    await stream.opened;
    expect(() => stream.close(given as never)).toThrow(expect.objectContaining({ name }));
    expect(() => new WebSocketError('', given as never)).toThrow(expect.objectContaining({ name }));
  });

  test('the writable, or aborting and cancelling, closes as a WebSocketError says, or with an empty frame', async () => {
    const { url } = await echoServer();
    const ended = async (act: (stream: Awaited<WebSocketStream['opened']>) => unknown) => {
      const stream = connect(url);
      void act(await stream.opened);
      return stream.closed;
    };
    const empty = { closeCode: 1005, reason: '' };
    const error = new WebSocketError('', { closeCode: 3333, reason: 'set' });
    expect(await ended(({ writable }) => writable.close())).toEqual(empty);
    expect(await ended(({ writable }) => writable.abort())).toEqual(empty);
    expect(await ended(({ writable }) => writable.abort({ closeCode: 3333 }))).toEqual(empty);
    expect(await ended(({ writable }) => writable.abort(error))).toEqual({ closeCode: 3333, reason: 'set' });
    expect(await ended(({ readable }) => readable.cancel())).toEqual(empty);
    expect(await ended(({ readable }) => readable.cancel(error))).toEqual({ closeCode: 3333, reason: 'set' });
  });

  test('by the server lets what came before be read', async () => {
    const { port } = await rawServer((socket) => {
      socket.write(Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b'), closeFrame(4001)]));
      socket.on('data', () => socket.end());
    });
    const stream = connect(`ws://127.0.0.1:${port}/`);
    const { readable } = await stream.opened;
    const messages: unknown[] = [];
    for await (const message of readable) messages.push(message);
    expect(messages).toEqual(['a', 'b']);
  });

  test('abruptly errors everything with the same WebSocketError', async () => {
    const { port } = await rawServer((socket) => setImmediate(() => socket.resetAndDestroy()));
    const stream = connect(`ws://127.0.0.1:${port}/`);
    const { readable, writable } = await stream.opened;
    const error = await stream.closed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ closeCode: 1006, failure: { code: 'CONNECTION_LOST' } });
    await expect(readable.getReader().read()).rejects.toBe(error);
    await expect(writable.getWriter().ready).rejects.toBe(error);
  });

  test('by the server before it has all that is being written is not clean, and the write fails', async () => {
    const { port } = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write(closeFrame(4567));
        socket.on('data', () => {});
        socket.on('end', () => socket.end());
        setTimeout(() => socket.end(), 50);
      });
    });
    const stream = connect(`ws://127.0.0.1:${port}/`);
    const { writable } = await stream.opened;
    const writing = writable.getWriter().write(new Uint8Array(32 * MiB));
    await expect(writing).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(stream.closed).rejects.toMatchObject({ closeCode: 4567 });
  });
});

describe('backpressure', () => {
  test('a reader that does not read stops the server', async () => {
    const message = frame(BINARY, new Uint8Array(64 * 1024));
    const messageSize = message.length;
    let sent = 0;
    const server = await rawServer((socket) => {
      const pump = () => {
        while (sent < 64 * MiB && socket.writableLength === 0) {
          sent += messageSize;
          socket.write(message);
        }
      };
      socket.on('drain', pump);
      pump();
    });
    const stream = connect(`ws://127.0.0.1:${server.port}/`, { closeTimeout: 100 });
    const { readable } = await stream.opened;
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(sent).toBeLessThan(32 * MiB);
    const reader = readable.getReader();
    for (let got = 0; got < sent; got += messageSize) await reader.read();
    expect(sent).toBeGreaterThan(before);
  });

  test('a write waits until the network has taken it', async () => {
    const server = await rawServer((socket) => socket.pause());
    const stream = connect(`ws://127.0.0.1:${server.port}/`, { closeTimeout: 100 });
    const writer = (await stream.opened).writable.getWriter();
    let isWritten = false;
    const writing = writer.write(new Uint8Array(32 * MiB)).then(() => {
      isWritten = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isWritten).toBe(false);
    server.sockets[0]?.resume();
    await writing;
  });

  test('many small messages come through in order, however slowly they are read', async () => {
    const count = 20_000;
    const { port } = await rawServer((socket) => {
      const frames = Array.from({ length: count }, (_, index) => frame(TEXT, String(index)));
      socket.write(Buffer.concat([...frames, closeFrame(1000)]));
      socket.on('data', () => socket.end());
    });
    const stream = connect(`ws://127.0.0.1:${port}/`);
    let expected = 0;
    for await (const message of (await stream.opened).readable) expect(message).toBe(String(expected++));
    expect(expected).toBe(count);
    expect(await stream.closed).toEqual({ closeCode: 1000, reason: '' });
  });

  test('what cannot be sent rejects the write', async () => {
    const stream = connect((await echoServer()).url);
    const { writable } = await stream.opened;
    await expect(writable.getWriter().write(new Uint8Array(new SharedArrayBuffer(1)))).rejects.toThrow(TypeError);
  });
});
