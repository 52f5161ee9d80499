import { once } from 'node:events';
import { isFinalClose } from '@tidewire/client';
import { describe, expect, it, vi } from 'vitest';
import { eventOf, type FakeClock, reconnecting, reconnectingOf } from '../support/reconnecting.ts';
import { answeringServer, closeFrame, echoServer, rawServer, tcpServer } from '../support/servers.ts';

/** Refuses each handshake, with these headers. */
const refusing = (...headers: string[]) =>
  answeringServer(() =>
    ['HTTP/1.1 503 Busy', 'Content-Length: 0', 'Connection: close', ...headers, '\r\n'].join('\r\n'),
  );

const urlOf = ({ port }: { port: number }) => `ws://127.0.0.1:${port}/`;

/** The waits before the next attempts, all of which fail. */
async function waits(count: number, socket: Parameters<typeof reconnectingOf>[0], clock: FakeClock): Promise<number[]> {
  const delays: number[] = [];
  while (delays.length < count) {
    const { delay } = await reconnectingOf(socket);
    delays.push(delay);
    clock.advance(delay);
  }
  return delays;
}

describe('the wait for the next attempt', () => {
  it('is a random part of a ceiling that doubles up to its limit', async () => {
    const url = urlOf(await refusing());
    const always = reconnecting(url, { minDelay: 100, maxDelay: 500 });
    expect(await waits(5, always.socket, always.clock)).toEqual([100, 200, 400, 500, 500]);
    const numbers = [0.5, 0, 0.25];
    const random = reconnecting(url, { random: () => numbers.shift() ?? 1 });
    expect(await waits(4, random.socket, random.clock)).toEqual([500, 0, 1000, 8000]);
  });

  it('begins anew after a connection that was stable, and goes on after one that was not', async () => {
    const { url, nextPeer } = await echoServer();
    const peer = nextPeer();
    const { socket, clock } = reconnecting(url, { stableAfter: 5000 });
    await eventOf(socket, 'open');
    (await peer).terminate();
    expect(await reconnectingOf(socket)).toMatchObject({ attempt: 1, delay: 1000 });
    for (const [lifetime, attempt, delay] of [
      [4999, 2, 2000],
      [4999, 3, 4000],
      [5000, 1, 1000],
    ] as const) {
      const opened = eventOf(socket, 'open');
      const next = nextPeer();
      clock.advance(60_000);
      const peer = await next;
      await opened;
      clock.advance(lifetime);
      peer.terminate();
      expect(await reconnectingOf(socket)).toMatchObject({ attempt, delay });
    }
  });

  it('is no attempt too early, whenever the timer comes', async () => {
    const server = await refusing();
    const { socket, clock } = reconnecting(urlOf(server), { minDelay: 10 });
    await reconnectingOf(socket);
    clock.advance(9);
    expect([server.count, socket.state, clock.timers]).toEqual([1, 'waiting', 1]);
    clock.advance(1);
    expect(socket.state).toBe('connecting');
    await reconnectingOf(socket);
    expect(server.count).toBe(2);
  });

  it('says how the connection ended', async () => {
    const { socket } = reconnecting(urlOf(await refusing()));
    const { cause } = await reconnectingOf(socket);
    expect(cause).toMatchObject({ code: 1006, reason: '', wasClean: false, failure: { code: 'STATUS' } });
  });
});

describe('a hint of the server', () => {
  it.each([
    ['retry-after=30', 30_000],
    ['restart; retry-after=2.5', 2500],
    ['Retry-After=0', 0],
    ['retry-after=9999999999', 24 * 60 * 60 * 1000],
    ['retry-after=30 seconds', undefined],
    ['no-retry-after=30', undefined],
    ['', undefined],
  ])('in the reason %j is waited for before the backoff', async (reason, hint = 0) => {
    const server = await rawServer((peer) => peer.end(closeFrame(1001, reason)));
    const { socket, clock } = reconnecting(urlOf(server));
    expect((await reconnectingOf(socket)).delay).toBe(hint + 1000);
    clock.advance(hint + 999);
    expect(socket.state).toBe('waiting');
  });

  it('in the header Retry-After is, too: seconds or a date', async () => {
    const seconds = reconnecting(urlOf(await refusing('Retry-After: 7')));
    expect((await reconnectingOf(seconds.socket)).delay).toBe(8000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 1) });
    try {
      const date = reconnecting(urlOf(await refusing('Retry-After: Tue, 01 Jan 2030 00:00:09 GMT')));
      expect((await reconnectingOf(date.socket)).delay).toBe(10_000);
      const past = reconnecting(urlOf(await refusing('Retry-After: Tue, 01 Jan 2019 00:00:09 GMT')));
      expect((await reconnectingOf(past.socket)).delay).toBe(1000);
      const nonsense = reconnecting(urlOf(await refusing('Retry-After: soon')));
      expect((await reconnectingOf(nonsense.socket)).delay).toBe(1000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('can ask the client not to come back', async () => {
    const server = await rawServer((peer) => peer.end(closeFrame(1008, 'banned; retry-after=never')));
    const { socket, states } = reconnecting(urlOf(server));
    expect(await eventOf(socket, 'close')).toMatchObject({ code: 1008, wasClean: true });
    expect(states).toEqual(['open', 'closed']);
  });
});

describe('there is no further attempt', () => {
  it.each([
    [1000, true],
    [1001, false],
    [1008, false],
    [1010, true],
    [1012, false],
    [3000, false],
    [3500, true],
    [4000, false],
    [4499, false],
    [4500, true],
    [4999, true],
  ])('after code %i: %s', async (code, isFinal) => {
    const server = await rawServer((peer) => peer.end(closeFrame(code)));
    const { socket } = reconnecting(urlOf(server));
    const event = await Promise.race([eventOf(socket, 'close'), reconnectingOf(socket)]);
    expect(event.type).toBe(isFinal ? 'close' : 'reconnecting');
    expect(isFinalClose({ code, reason: '', wasClean: true })).toBe(isFinal);
  });

  it('where the program decides so', async () => {
    const server = await rawServer((peer) => peer.end(closeFrame(4000, 'token expired')));
    const { socket } = reconnecting(urlOf(server), { isFinal: ({ reason }) => reason === 'token expired' });
    expect(await eventOf(socket, 'close')).toMatchObject({ code: 4000, reason: 'token expired', wasClean: true });
  });

  it('after as many as are allowed, and the last failure is the one that is told', async () => {
    const { socket, clock, states } = reconnecting(urlOf(await refusing()), { maxAttempts: 1 });
    const failed = eventOf(socket, 'error');
    const closed = eventOf(socket, 'close');
    const { attempt, delay } = await reconnectingOf(socket);
    expect(attempt).toBe(1);
    clock.advance(delay);
    expect(await failed).toMatchObject({ failure: { code: 'STATUS' } });
    expect(await closed).toMatchObject({ code: 1006, wasClean: false, failure: { code: 'STATUS' } });
    expect(states).toEqual(['waiting', 'connecting', 'closed']);
    expect(clock.timers).toBe(0);
  });
});

describe('an attempt that takes too long', () => {
  it('is given up for the next one', async () => {
    let gone: Promise<unknown> = Promise.resolve();
    const server = await tcpServer((peer) => {
      gone = once(peer.resume(), 'end');
    });
    const { socket, clock } = reconnecting(urlOf(server), { connectTimeout: 400 });
    while (server.count === 0) await new Promise(setImmediate);
    const lost = reconnectingOf(socket);
    clock.advance(399);
    expect(socket.state).toBe('connecting');
    clock.advance(1);
    expect((await lost).cause).toEqual({ code: 1006, reason: '', wasClean: false });
    expect(socket.state).toBe('waiting');
    await gone;
  });
});
