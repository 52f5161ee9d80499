import { once } from 'node:events';
import type { Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer } from './support/raw-peer.ts';
import { closeOf, open, serve, signal, until } from './support/serving.ts';

describe('iterating over a socket', () => {
  it('gives every message from the first on, and ends when the socket closes', async () => {
    const done = signal<unknown[]>();
    const { url } = await serve({
      async open(socket) {
        const messages = [];
        for await (const message of socket) messages.push(message);
        done.happen(messages);
      },
      message: () => done.happen(['the handler got it']),
    });
    const client = await open(url);
    for (let i = 0; i < 2000; i++) client.send(String(i));
    client.close(1000);
    expect(await done.happened).toEqual(Array.from({ length: 2000 }, (_, i) => String(i)));
  });

  it('slows the peer down while the consumer works', async () => {
    const work = signal();
    let received = 0;
    const { port, server } = await serve({
      async open(socket) {
        for await (const message of socket) {
          received += message.length;
          await work.happened;
        }
      },
    });
    const accepted = once(server, 'connection');
    const peer = await RawPeer.open(port);
    const [stream] = await accepted;
    for (let i = 0; i < 64; i++) peer.send(frame(Opcode.BINARY, Buffer.alloc(1024 * 1024)));
    await until(() => received > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stream.bytesRead).toBeLessThan(4 * 1024 * 1024);
    expect(received).toBe(1024 * 1024);
    work.happen();
    await until(() => received === 64 * 1024 * 1024);
  });

  it('bounds what waits when tiny messages come in large chunks', async () => {
    const work = signal();
    let received = 0;
    const sockets: Socket[] = [];
    const { port } = await serve({
      async open(socket) {
        sockets.push(socket);
        for await (const _ of socket) {
          received++;
          await work.happened;
        }
      },
    });
    const peer = await RawPeer.open(port);
    const count = 100_000;
    peer.send(Buffer.concat(Array<Buffer>(count).fill(frame(Opcode.TEXT, 'a'))));
    await until(() => sockets[0]?.isPaused === true);
    expect(received).toBe(1);
    work.happen();
    await until(() => received === count);
    expect(sockets[0]?.isPaused).toBe(false);
  });

  it('closes the socket with 1000 when the consumer leaves the loop', async () => {
    const { url } = await serve({
      async open(socket) {
        for await (const message of socket) if (message === 'enough') break;
      },
    });
    const client = await open(url);
    for (const text of ['a', 'enough', 'b', 'c']) client.send(text);
    expect((await closeOf(client)).code).toBe(1000);
  });

  it('closes with 1011 when the consumer throws', async () => {
    const errors: unknown[] = [];
    const { url } = await serve({
      async open(socket) {
        for await (const message of socket) throw new Error(String(message));
      },
      error: (_socket, error) => errors.push(error),
    });
    const client = await open(url);
    client.send('oh');
    expect((await closeOf(client)).code).toBe(1011);
    expect(errors).toEqual([new Error('oh')]);
  });

  it('can still be answered when the Close frame comes right behind the messages', async () => {
    const { port } = await serve({
      async open(socket) {
        for await (const message of socket) {
          await new Promise((resolve) => setImmediate(resolve));
          socket.send(`re: ${message}`);
        }
      },
    });
    const peer = await RawPeer.open(port);
    peer.send(frame(Opcode.TEXT, 'a'), frame(Opcode.TEXT, 'b'), closeFrame(1000));
    expect(String((await peer.frame()).payload)).toBe('re: a');
    expect(String((await peer.frame()).payload)).toBe('re: b');
    expect(await peer.closeCode()).toBe(1000);
  });

  it('is no way to keep a socket for ever', async () => {
    const { port, endpoint } = await serve({
      closeTimeout: 100,
      async open(socket) {
        for await (const _ of socket) await new Promise(() => {});
      },
    });
    const peer = await RawPeer.open(port);
    peer.send(frame(Opcode.TEXT, 'a'), closeFrame(1000));
    await peer.rest();
    await until(() => endpoint.connectionCount === 0);
  });

  it('hears of the end while it waits, and after it', async () => {
    const done = signal<unknown>();
    const { url } = await serve({
      async open(socket) {
        const messages = socket[Symbol.asyncIterator]();
        const [first, second] = await Promise.all([messages.next(), messages.next()]);
        done.happen([first, second, await messages.next()]);
      },
    });
    const client = await open(url);
    client.terminate();
    const end = { done: true, value: undefined };
    expect(await done.happened).toEqual([end, end, end]);
  });

  it('can be done once', async () => {
    const opened = signal<Socket>();
    const { url } = await serve({ open: (socket) => opened.happen(socket) });
    const client = await open(url);
    const socket = await opened.happened;
    const messages = socket[Symbol.asyncIterator]();
    expect(() => socket[Symbol.asyncIterator]()).toThrow('iterated over already');
    client.close();
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  it('begun after the end gives nothing', async () => {
    const closed = signal<Socket>();
    const { url } = await serve({ close: (socket) => closed.happen(socket) });
    (await open(url)).close();
    const socket = await closed.happened;
    for await (const _ of socket) expect.unreachable();
  });
});
