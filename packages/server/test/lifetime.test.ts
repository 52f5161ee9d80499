import { once } from 'node:events';
import { deflateRawSync } from 'node:zlib';
import type { EndpointOptions, Socket, TimeoutError } from '@tidewire/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { serve, signal } from './support/serving.ts';
import { occupyThreads } from './support/threads.ts';

/** The network needs real time, however little. */
const realSetTimeout = setTimeout;
const realDelay = (milliseconds: number) => new Promise((resolve) => realSetTimeout(resolve, milliseconds));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface End {
  readonly code: number;
  readonly error: string | undefined;
}

/** An open socket: the peer as raw bytes, the server's side, and how it ends. */
async function connected(options: EndpointOptions<undefined> = {}, request?: string) {
  const opened = signal<Socket>();
  const ended = signal<End>();
  const { port, endpoint } = await serve<undefined>({
    ...options,
    open: (socket) => opened.happen(socket),
    close: (_socket, code, _reason, { error }) =>
      ended.happen({ code, error: error && 'code' in error ? String(error.code) : error?.message }),
  });
  const peer = await RawPeer.open(port, request);
  return { peer, endpoint, socket: await opened.happened, ended: ended.happened };
}

/** Lets time pass, in steps between which the network has its turn. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    await vi.advanceTimersByTimeAsync(100);
    await network();
  }
}

/** What is under way between the two ends arrives. */
async function network(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the heartbeat', () => {
  it('pings a peer that has been silent for the interval', async () => {
    const { peer } = await connected();
    await pass(29_500);
    expect(peer.received).toHaveLength(0);
    await pass(700);
    expect(await peer.frame()).toMatchObject({ opcode: Opcode.PING });
  });

  it('cuts a peer that does not answer within the timeout', async () => {
    const { peer, ended, endpoint } = await connected();
    await pass(49_500);
    expect(endpoint.connectionCount).toBe(1);
    await pass(1000);
    expect(await ended).toEqual({ code: 1006, error: 'HEARTBEAT_TIMEOUT' });
    await peer.rest();
  });

  it.each([
    ['a Pong', frame(Opcode.PONG)],
    ['a message', frame(Opcode.TEXT, 'x')],
    ['a part of a frame', frame(Opcode.BINARY, Buffer.alloc(1000)).subarray(0, 100)],
  ])('takes %s for life', async (_name, bytes) => {
    const { peer, endpoint } = await connected();
    await pass(45_000);
    peer.send(bytes);
    await pass(29_000);
    expect(endpoint.connectionCount).toBe(1);
    expect((await peer.frame()).opcode).toBe(Opcode.PING);
    expect(peer.received).toHaveLength(0);
    await pass(2000);
    expect((await peer.frame()).opcode).toBe(Opcode.PING);
    await pass(21_000);
    expect(endpoint.connectionCount).toBe(0);
  });

  it('does not ping a peer that talks', async () => {
    const { peer } = await connected();
    for (let i = 0; i < 10; i++) {
      await pass(10_000);
      peer.send(frame(Opcode.TEXT, 'x'));
    }
    expect(peer.received).toHaveLength(0);
  });

  it('has the times that it is given', async () => {
    const { peer, ended } = await connected({ heartbeat: { interval: 1000, timeout: 500 } });
    await pass(1200);
    expect((await peer.frame()).opcode).toBe(Opcode.PING);
    await pass(800);
    expect((await ended).error).toBe('HEARTBEAT_TIMEOUT');
  });

  it('does not blame a peer for the silence of a paused socket, but still finds out that it is gone', async () => {
    const { peer, socket, endpoint, ended } = await connected();
    socket.pause();
    await pass(120_000);
    expect(endpoint.connectionCount).toBe(1);
    expect(peer.received.length).toBeGreaterThanOrEqual(4);
    peer.reset();
    await pass(60_000);
    expect((await ended).code).toBe(1006);
  });

  it.skipIf(process.platform === 'win32')(
    'does not blame a peer whose message is long in being decompressed',
    async () => {
      const goOn = occupyThreads();
      const received = signal<number>();
      const request = upgradeRequest('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
      const message = (_socket: Socket, text: string | Uint8Array) => received.happen(text.length);
      const { peer, endpoint } = await connected({ deflate: true, message }, request);
      peer.send(frame(Opcode.TEXT, deflateRawSync(Buffer.alloc(300_000, 'x')), { rsv: 4 }));
      await pass(120_000);
      goOn();
      expect(await received.happened).toBe(300_000);
      expect(endpoint.connectionCount).toBe(1);
      // It is to be silent no longer than any other from here on.
      await pass(51_000);
      expect(endpoint.connectionCount).toBe(0);
    },
  );

  it('reads what has waited while the process was busy before it judges', async () => {
    vi.useRealTimers();
    const { peer, endpoint } = await connected({ heartbeat: { interval: 100, timeout: 300 } });
    expect((await peer.frame()).opcode).toBe(Opcode.PING);
    peer.send(frame(Opcode.PONG));
    // The process does nothing else for longer than the timeout; when it goes on, its timers come first.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(endpoint.connectionCount).toBe(1);
  });
});

describe('the idle timeout', () => {
  it('closes a silent socket with 1001 where the heartbeat is off', async () => {
    const { peer, ended, endpoint } = await connected({ heartbeat: false });
    await pass(119_500);
    expect(endpoint.connectionCount).toBe(1);
    await pass(1000);
    expect(await peer.closeCode()).toBe(1001);
    peer.send(closeFrame(1001));
    peer.socket.end();
    expect(await ended).toEqual({ code: 1001, error: 'IDLE_TIMEOUT' });
  });

  it('begins anew with everything that comes', async () => {
    const { peer, endpoint } = await connected({ heartbeat: false, idleTimeout: 5000 });
    for (let i = 0; i < 5; i++) {
      await pass(4000);
      peer.send(frame(Opcode.PONG));
    }
    await pass(4000);
    expect(endpoint.connectionCount).toBe(1);
    await pass(2000);
    expect(await peer.closeCode()).toBe(1001);
  });

  it('can be off, as all else can', async () => {
    const { peer, endpoint } = await connected({
      heartbeat: false,
      idleTimeout: false,
      closeTimeout: false,
      writeTimeout: false,
      handshakeTimeout: false,
    });
    expect(vi.getTimerCount()).toBe(0);
    await pass(600_000);
    expect(endpoint.connectionCount).toBe(1);
    expect(peer.received).toHaveLength(0);
  });
});

describe('the close timeout', () => {
  it('frees a peer that does not answer the Close frame', async () => {
    const { peer, socket, ended, endpoint } = await connected();
    socket.close(1000);
    expect(await peer.closeCode()).toBe(1000);
    await pass(9500);
    expect(endpoint.connectionCount).toBe(1);
    await pass(1000);
    expect(await ended).toEqual({ code: 1006, error: 'CLOSE_TIMEOUT' });
  });

  it('frees a peer that has closed but does not end its side', async () => {
    const { peer, ended, endpoint } = await connected({ closeTimeout: 2000 });
    peer.send(closeFrame(1000));
    expect(await peer.closeCode()).toBe(1000);
    await pass(1500);
    expect(endpoint.connectionCount).toBe(1);
    await pass(1000);
    expect(await ended).toEqual({ code: 1000, error: 'CLOSE_TIMEOUT' });
  });

  it('frees a peer that broke a rule and goes on sending', async () => {
    const { peer, ended } = await connected({ closeTimeout: 2000 });
    peer.send(frame(3, 'reserved'));
    expect(await peer.closeCode()).toBe(1002);
    for (let i = 0; i < 3; i++) {
      peer.send(Buffer.alloc(1000));
      await pass(1000);
    }
    expect(await ended).toEqual({ code: 1002, error: 'RESERVED_OPCODE' });
  });

  it('frees a peer that has ended its side without a Close frame', async () => {
    const { peer, ended } = await connected();
    peer.socket.end();
    await pass(11_000);
    expect(await ended).toEqual({ code: 1006, error: undefined });
  });
});

describe('the write timeout', () => {
  const MiB = 1024 * 1024;

  it('cuts a peer that never reads, though it goes on sending', async () => {
    const { peer, socket, ended, endpoint } = await connected();
    peer.socket.pause();
    socket.send(Buffer.alloc(64 * MiB));
    for (let i = 0; i < 29; i++) {
      peer.send(frame(Opcode.PING));
      await pass(1000);
    }
    expect(endpoint.connectionCount).toBe(1);
    await pass(3000);
    expect(await ended).toEqual({ code: 1006, error: 'WRITE_TIMEOUT' });
  });

  it('spares a peer that reads slowly, even one large message for a long time without a word', async () => {
    const { peer, socket, endpoint } = await connected({ writeTimeout: 5000 });
    peer.socket.pause();
    socket.send(Buffer.alloc(64 * MiB));
    for (let i = 0; i < 10; i++) {
      await pass(4000);
      expect(endpoint.connectionCount).toBe(1);
      const before = peer.socket.bytesRead;
      peer.socket.resume();
      while (peer.socket.bytesRead < before + 4 * MiB) await once(peer.socket, 'data');
      peer.socket.pause();
      await realDelay(50);
    }
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    await pass(120_000);
    expect(endpoint.connectionCount).toBe(0);
  });

  it('is forgotten when everything has left', async () => {
    const { peer, socket, endpoint } = await connected({ writeTimeout: 5000, heartbeat: { interval: 60_000 } });
    peer.socket.pause();
    socket.send(Buffer.alloc(16 * MiB));
    await pass(3000);
    peer.socket.resume();
    expect((await peer.frame()).payload).toHaveLength(16 * MiB);
    await pass(50_000);
    expect(endpoint.connectionCount).toBe(1);
  });
});

it('leaves nothing behind, not even of a socket that is resumed when it is gone', async () => {
  const { peer, socket, ended } = await connected();
  socket.pause();
  peer.socket.destroy();
  socket.terminate();
  await ended;
  expect(vi.getTimerCount()).toBe(0);
  socket.resume();
  expect(vi.getTimerCount()).toBe(0);
});

it('has one timer for all sockets of an endpoint', async () => {
  const { port } = await serve({});
  const before = vi.getTimerCount();
  for (let i = 0; i < 20; i++) await RawPeer.open(port);
  expect(vi.getTimerCount()).toBe(before + 1);
});

it('has errors that say what happened', async () => {
  const { TimeoutError } = await import('@tidewire/server');
  const error: TimeoutError = new TimeoutError('CLOSE_TIMEOUT');
  expect(error).toMatchObject({
    name: 'TimeoutError',
    code: 'CLOSE_TIMEOUT',
    message: 'The peer did not finish the close',
  });
});
