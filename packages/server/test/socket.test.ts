import { on, once } from 'node:events';
import type { ClosedSocket, EndpointOptions, SendResult, Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer } from './support/raw-peer.ts';
import { closeOf, nextMessage, open, serve, signal, until } from './support/serving.ts';

/** A server whose only socket is at hand. */
async function serveOne(options: EndpointOptions<undefined> = {}) {
  const opened = signal<Socket>();
  const serving = await serve<undefined>({ ...options, open: (socket) => opened.happen(socket) });
  return { ...serving, opened: opened.happened };
}

const MiB = 1024 * 1024;

describe('send', () => {
  it('writes while the peer reads, buffers when it does not, refuses at the limit, and drains', async () => {
    const drained = signal<Socket>();
    const { port, opened } = await serveOne({
      limits: { maxBufferedAmount: 4 * MiB },
      drain: (socket) => drained.happen(socket),
    });
    const peer = await RawPeer.open(port);
    const socket = await opened;
    expect(socket.bufferedAmount).toBe(0);
    expect(socket.send('a')).toBe('written');
    await peer.frame();
    peer.socket.pause();
    const results = new Set<SendResult>();
    let sent = 0;
    for (;;) {
      const result = socket.send(Buffer.alloc(MiB));
      results.add(result);
      if (result === 'refused') break;
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(results).toEqual(new Set(['written', 'buffered', 'refused']));
    expect(socket.bufferedAmount).toBeGreaterThan(4 * MiB);
    expect(socket.bufferedAmount).toBeLessThan(6 * MiB);
    peer.socket.resume();
    for (let i = 0; i < sent; i++) await peer.frame();
    expect(await drained.happened).toBe(socket);
    expect(socket.bufferedAmount).toBe(0);
    expect(socket.send('b')).toBe('written');
    expect(String((await peer.frame()).payload)).toBe('b');
  });

  it('drains after a refusal in the turn that had filled the buffer', async () => {
    const drained = signal();
    const { port, opened } = await serveOne({ limits: { maxBufferedAmount: 1000 }, drain: () => drained.happen() });
    await RawPeer.open(port);
    const socket = await opened;
    expect(socket.send('a'.repeat(2000))).toBe('written');
    expect(socket.send('b')).toBe('refused');
    await drained.happened;
    expect(socket.send('b')).toBe('written');
  });

  it('says closed once the socket has begun to close', async () => {
    const { url, opened } = await serveOne();
    const client = await open(url);
    const socket = await opened;
    socket.close(1000);
    expect(socket.send('late')).toBe('closed');
    expect(socket.readyState).toBe(2);
    await once(client, 'close');
    await socket.closed;
    expect(socket.readyState).toBe(3);
    expect(socket.send('too late')).toBe('closed');
  });

  it.each([1, null, undefined, {}, [1, 2]])('throws for %j', async (value) => {
    const { url, opened } = await serveOne();
    await open(url);
    const socket = await opened;
    // @ts-expect-error neither text nor bytes
    expect(() => socket.send(value)).toThrow(TypeError);
    // @ts-expect-error neither text nor bytes
    expect(() => socket.ping(value ?? 1)).toThrow(TypeError);
    // @ts-expect-error no code for a Close frame
    expect(() => socket.close(value ?? '1000')).toThrow(RangeError);
  });
});

describe('startMessage', () => {
  it('streams a message, with pings between its fragments and messages after it', async () => {
    const { url, opened } = await serveOne();
    const client = await open(url);
    const socket = await opened;
    const writer = socket.startMessage('text');
    const pinged = once(client, 'ping');
    writer.write('one ');
    socket.ping('between');
    expect(String((await pinged)[0])).toBe('between');
    expect(socket.send('after')).toBe('buffered');
    const messages = on(client, 'message');
    writer.write('zwei \ud83c');
    writer.write('\udf0a ');
    writer.end('drei');
    expect(String((await messages.next()).value[0])).toBe('one zwei 🌊 drei');
    expect(String((await messages.next()).value[0])).toBe('after');
  });

  it('drains for a writer that was refused', async () => {
    const drained = signal();
    const { url, opened } = await serveOne({ limits: { maxBufferedAmount: 10_000 }, drain: () => drained.happen() });
    const client = await open(url);
    const writer = (await opened).startMessage('binary');
    const message = nextMessage(client);
    expect(writer.write(Buffer.alloc(20_000, 1))).toBe('buffered');
    expect(writer.write(Buffer.alloc(20_000, 2))).toBe('refused');
    await drained.happened;
    expect(writer.end(Buffer.alloc(20_000, 2))).toBe('buffered');
    expect(await message).toEqual(Buffer.concat([Buffer.alloc(20_000, 1), Buffer.alloc(20_000, 2)]));
  });
});

describe('pause', () => {
  it('stops the TCP window of the peer until resume', async () => {
    let received = 0;
    const { port, opened, server } = await serveOne({ message: () => received++ });
    const accepted = once(server, 'connection');
    const peer = await RawPeer.open(port);
    const [stream] = await accepted;
    const socket = await opened;
    socket.pause();
    expect(socket.isPaused).toBe(true);
    for (let i = 0; i < 64; i++) peer.send(frame(Opcode.BINARY, Buffer.alloc(MiB)));
    await expect.poll(() => stream.bytesRead, { interval: 100 }).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stream.bytesRead).toBeLessThan(MiB);
    expect(peer.socket.writableLength).toBeGreaterThan(MiB);
    expect(received).toBe(0);
    socket.resume();
    await until(() => received === 64);
  });

  it('holds even what is in the same chunk', async () => {
    const received: unknown[] = [];
    const { port, opened } = await serveOne({
      message(socket, message) {
        received.push(message);
        socket.pause();
      },
    });
    const peer = await RawPeer.open(port);
    peer.send(frame(Opcode.TEXT, '1'), frame(Opcode.TEXT, '2'), frame(Opcode.TEXT, '3'));
    const socket = await opened;
    await until(() => received.length === 1);
    socket.resume();
    expect(received).toEqual(['1', '2']);
    socket.resume();
    expect(received).toEqual(['1', '2', '3']);
    peer.send(frame(Opcode.TEXT, '4'));
    socket.resume();
    await until(() => received.length === 4);
  });

  it('in the open handler holds the first message', async () => {
    const received = signal<unknown>();
    const opened = signal<Socket>();
    const { url } = await serve({
      open(socket) {
        socket.pause();
        opened.happen(socket);
      },
      message: (_socket, message) => received.happen(message),
    });
    const client = await open(url);
    client.send('first');
    const socket = await opened.happened;
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resume();
    expect(await received.happened).toBe('first');
  });
});

describe('close', () => {
  it('delivers what was sent before it, however much', async () => {
    const { port, opened } = await serveOne();
    const peer = await RawPeer.open(port);
    const socket = await opened;
    socket.send(Buffer.alloc(8 * MiB));
    socket.close(1000, 'done');
    expect((await peer.frame()).payload).toHaveLength(8 * MiB);
    expect(await peer.frame()).toMatchObject({ opcode: Opcode.CLOSE });
    peer.send(closeFrame(1000));
    expect(await peer.rest()).toHaveLength(0);
    peer.socket.end();
    expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('keeps receiving until the peer has closed too', async () => {
    const received: unknown[] = [];
    const { port, opened } = await serveOne({ message: (_socket, message) => received.push(message) });
    const peer = await RawPeer.open(port);
    const socket = await opened;
    socket.close(1000);
    await peer.closeCode();
    peer.send(frame(Opcode.TEXT, 'last words'), closeFrame(1000));
    peer.socket.end();
    await socket.closed;
    expect(received).toEqual(['last words']);
  });
});

describe('terminate', () => {
  it('drops the connection at once', async () => {
    const { url, opened } = await serveOne();
    const client = await open(url);
    const socket = await opened;
    socket.terminate();
    expect((await closeOf(client)).code).toBe(1006);
    const expected: ClosedSocket = { code: 1006, reason: '', wasClean: false, error: undefined };
    expect(await socket.closed).toEqual(expected);
    expect(await socket.closed).toEqual(expected);
  });

  it('works in the open handler', async () => {
    const closed = signal<number>();
    const { url } = await serve({
      open: (socket) => socket.terminate(),
      close: (_socket, code) => closed.happen(code),
    });
    const client = await open(url);
    expect(await closed.happened).toBe(1006);
    expect((await closeOf(client)).code).toBe(1006);
  });
});

describe('terminate', () => {
  it('is the end: nothing that came with the message is delivered after it', async () => {
    const messages: unknown[] = [];
    const results: SendResult[] = [];
    const { port, opened } = await serveOne({
      message(socket, message) {
        messages.push(message);
        socket.terminate();
        results.push(socket.send('late'));
      },
    });
    const peer = await RawPeer.open(port);
    const socket = await opened;
    peer.send(Buffer.concat([frame(Opcode.TEXT, 'one'), frame(Opcode.TEXT, 'two')]));
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(messages).toEqual(['one']);
    expect(results).toEqual(['closed']);
  });
});

describe('a pause after the closing handshake', () => {
  it('does not keep the socket from being closed', async () => {
    const { port, opened } = await serveOne({ closeTimeout: 60_000 });
    const peer = await RawPeer.open(port);
    const socket = await opened;
    peer.send(closeFrame(1000));
    await peer.closeCode();
    socket.pause();
    peer.socket.end();
    expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, error: undefined });
  });
});

describe('drain', () => {
  it('waits for what waits behind a fragmented message', async () => {
    const drained = signal<number>();
    const { port, opened } = await serveOne({ drain: (socket) => drained.happen(socket.bufferedAmount) });
    const peer = await RawPeer.open(port);
    const socket = await opened;
    const writer = socket.startMessage('text');
    writer.write('part');
    expect(socket.send('behind it')).toBe('buffered');
    await peer.frame();
    writer.write('more');
    await peer.frame();
    writer.end();
    expect(await drained.happened).toBe(0);
  });
});
