import type { Socket } from '@tidewire/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectHttp2, openHttp2, pageOf, resetOf, serveHttp2 } from '../support/http2-peer.ts';
import { closeFrame, codeOf, frame, Opcode } from '../support/raw-peer.ts';
import { signal, until } from '../support/serving.ts';

/** RFC 9113, 7. */
const CANCEL = 8;

interface End {
  readonly code: number;
  readonly wasClean: boolean;
  readonly error: string | undefined;
}

/** An open socket over HTTP/2 from both sides, and how it ends on the server's. */
async function connected(options: Parameters<typeof serveHttp2<undefined>>[0] & object = {}) {
  const opened = signal<Socket>();
  const ended = signal<End>();
  const { port, endpoint, server } = await serveHttp2<undefined>({
    message: (socket, message) => socket.send(message),
    ...options,
    open: (socket) => opened.happen(socket),
    close: (_socket, code, _reason, { wasClean, error }) =>
      ended.happen({ code, wasClean, error: error && 'code' in error ? String(error.code) : error?.message }),
  });
  const session = await connectHttp2(port);
  const { stream, peer } = await openHttp2(session);
  return { session, stream, peer, endpoint, server, socket: await opened.happened, ended: ended.happened };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a socket over HTTP/2', () => {
  it('carries messages of any size, in order', async () => {
    const { peer } = await connected();
    const texts = [0, 1, 70_000, 1_000_000, 5].map((size) => 'x'.repeat(size));
    peer.send(...texts.map((text) => frame(Opcode.TEXT, text)));
    for (const text of texts) expect((await peer.frame()).payload.length).toBe(text.length);
  });

  it('closes cleanly: after both Close frames the server ends the stream first, without a reset', async () => {
    const { peer, stream, session, ended } = await connected();
    peer.send(closeFrame(1000));
    expect(codeOf(await peer.frame())).toBe(1000);
    await peer.rest();
    stream.end();
    expect(await ended).toEqual({ code: 1000, wasClean: true, error: undefined });
    expect(await resetOf(stream)).toBe(0);
    expect(await pageOf(session)).toBe('page');
  });

  it('closes from the server as well', async () => {
    const { peer, stream, socket, ended } = await connected();
    socket.close(4001, 'enough');
    const close = await peer.frame();
    peer.send(frame(Opcode.CLOSE, close.payload));
    await peer.rest();
    stream.end();
    expect(codeOf(close)).toBe(4001);
    expect(await ended).toMatchObject({ code: 4001, wasClean: true });
  });

  it('fails with 1006 when the client resets the stream', async () => {
    const { stream, session, ended } = await connected();
    stream.close(CANCEL);
    expect(await ended).toEqual({ code: 1006, wasClean: false, error: undefined });
    expect(await pageOf(session)).toBe('page');
  });

  it('fails with 1006 and says why when the client resets it over an error', async () => {
    const { stream, ended } = await connected();
    stream.close(1);
    expect(await ended).toEqual({ code: 1006, wasClean: false, error: 'ERR_HTTP2_STREAM_ERROR' });
  });

  it('fails with 1006 when the client ends the stream without a Close frame', async () => {
    const { stream, peer, ended } = await connected();
    stream.end();
    await peer.rest();
    expect(await ended).toMatchObject({ code: 1006, wasClean: false });
  });

  it('is cut with CANCEL, and the connection lives on', async () => {
    const { stream, session, socket, ended } = await connected();
    socket.terminate();
    expect(await resetOf(stream)).toBe(CANCEL);
    expect(await ended).toMatchObject({ code: 1006 });
    expect(await pageOf(session)).toBe('page');
  });

  it('fails a peer that breaks a rule with a Close frame, on its own stream alone', async () => {
    const { peer, session, ended } = await connected();
    peer.send(frame(Opcode.TEXT, 'x', { masked: false }));
    expect(await peer.closeCode()).toBe(1002);
    expect(await pageOf(session)).toBe('page');
    peer.socket.end();
    expect(await ended).toMatchObject({ code: 1002 });
  });

  it('is gone with its connection', async () => {
    const { session, ended, endpoint } = await connected();
    session.socket.destroySoon();
    session.destroy();
    expect(await ended).toMatchObject({ code: 1006, wasClean: false });
    expect(endpoint.connectionCount).toBe(0);
  });

  it('goes on when the client says that it will open no others', async () => {
    const { session, peer } = await connected();
    session.close();
    peer.send(frame(Opcode.TEXT, 'still here'));
    expect(String((await peer.frame()).payload)).toBe('still here');
  });

  it('is closed by drain, with 1001', async () => {
    const { endpoint, peer, session } = await connected();
    const drained = endpoint.drain();
    expect(await peer.closeCode()).toBe(1001);
    peer.send(closeFrame(1001));
    peer.socket.end();
    await drained;
    expect(session.destroyed).toBe(false);
  });

  it('answers pings', async () => {
    const { peer } = await connected();
    peer.send(frame(Opcode.PING, 'x'));
    expect(await peer.frame()).toMatchObject({ opcode: Opcode.PONG });
  });
});

describe('flow control of a stream', () => {
  it('holds back what is sent to a client that does not read, and nobody else', async () => {
    const drained = signal();
    const { stream, peer, socket, session } = await connected({ drain: () => drained.happen() });
    stream.pause();
    const other = await openHttp2(session);
    socket.send(Buffer.alloc(1_000_000));
    other.peer.send(frame(Opcode.TEXT, 'quick'));
    expect(String((await other.peer.frame()).payload)).toBe('quick');
    expect(socket.bufferedAmount).toBeGreaterThan(900_000);
    expect(socket.send('behind it')).toBe('buffered');
    stream.resume();
    expect((await peer.frame()).payload.length).toBe(1_000_000);
    expect(String((await peer.frame()).payload)).toBe('behind it');
    await drained.happened;
    expect(socket.bufferedAmount).toBe(0);
  });

  it('holds back the client while the server is paused', async () => {
    let received = 0;
    const { stream, session, socket } = await connected({
      message: (_socket, message) => {
        received += message.length;
      },
    });
    socket.pause();
    for (let i = 0; i < 20; i++) stream.write(frame(Opcode.BINARY, Buffer.alloc(50_000)));
    await until(() => stream.writableLength < 1_000_000);
    await pageOf(session);
    expect(stream.writableLength).toBeGreaterThan(500_000);
    expect(received).toBe(0);
    socket.resume();
    await until(() => received === 1_000_000);
  });
});

describe('the deadlines of a socket over HTTP/2', () => {
  async function pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await vi.advanceTimersByTimeAsync(100);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('cut a client that answers no Ping, and leave its connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
    const { stream, peer, ended, session } = await connected({ heartbeat: { interval: 1000, timeout: 1000 } });
    await pass(1300);
    expect(await peer.frame()).toMatchObject({ opcode: Opcode.PING });
    await pass(1500);
    expect(await ended).toMatchObject({ code: 1006, error: 'HEARTBEAT_TIMEOUT' });
    expect(await resetOf(stream)).toBe(CANCEL);
    expect(session.destroyed).toBe(false);
  });

  it('cut a client that takes nothing, and not one that takes it slowly', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
    const { stream, peer, socket, ended } = await connected({
      writeTimeout: 2000,
      heartbeat: false,
      idleTimeout: false,
    });
    stream.pause();
    socket.send(Buffer.alloc(1_000_000));
    for (let i = 0; i < 5; i++) {
      await pass(1500);
      const before = peer.received.length;
      stream.resume();
      await until(() => peer.received.length > before + 40_000);
      stream.pause();
    }
    expect(socket.readyState).toBe(1);
    await pass(4500);
    expect(await ended).toMatchObject({ code: 1006, error: 'WRITE_TIMEOUT' });
  });
});
