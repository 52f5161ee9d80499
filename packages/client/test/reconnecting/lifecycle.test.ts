import { isFinalClose, ReconnectingWebSocket } from '@tidewire/client';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { eventOf, FakeClock, reconnecting, reconnectingOf } from '../support/reconnecting.ts';
import { echoServer, tcpServer } from '../support/servers.ts';

describe('a WebSocket that reconnects', () => {
  it('has the API of the standard', async () => {
    const { url, nextPeer } = await echoServer({ handleProtocols: () => 'chat' });
    const peer = nextPeer();
    const { socket, states, clock } = reconnecting(url, {}, ['chat', 'other']);
    expect(socket).toBeInstanceOf(EventTarget);
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3]);
    expect(ReconnectingWebSocket.CLOSED).toBe(3);
    expect([socket.readyState, socket.state, socket.protocol, socket.url]).toEqual([0, 'connecting', '', url]);
    const opened = eventOf(socket, 'open');
    socket.binaryType = 'arraybuffer';
    Object.assign(socket, { binaryType: 'nonsense' });
    await opened;
    expect([socket.readyState, socket.protocol, socket.extensions]).toEqual([1, 'chat', '']);
    for (const _ of [1, 2]) {
      socket.send(new Uint8Array([7]));
      const { data, origin } = await eventOf<MessageEvent>(socket, 'message');
      expect([new Uint8Array(data), origin]).toEqual([new Uint8Array([7]), new URL(url).origin]);
      if (states.length > 1) break;
      (await peer).terminate();
      clock.advance((await reconnectingOf(socket)).delay);
      await eventOf(socket, 'open');
    }
    socket.close(3000, 'done');
    expect(socket.readyState).toBe(2);
    expect(await eventOf(socket, 'close')).toMatchObject({ code: 3000, reason: 'done', wasClean: true });
    expect(socket.readyState).toBe(3);
    expect(states).toEqual(['open', 'waiting', 'connecting', 'open', 'closing', 'closed']);
    expect(clock.timers).toBe(0);
  });

  it('has handler attributes', async () => {
    const { url, nextPeer } = await echoServer();
    const peer = nextPeer();
    const { socket } = reconnecting(url, { isFinal: () => false, maxAttempts: 1 });
    const heard: string[] = [];
    const note = ({ type }: Event) => void heard.push(type);
    expect(socket.onopen).toBe(null);
    Object.assign(socket, { onopen: note, onmessage: note, onerror: note, onreconnecting: note, onstatechange: note });
    expect(socket.onopen).toBe(note);
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    await eventOf(socket, 'open');
    (await peer).close(4000);
    await reconnectingOf(socket);
    socket.onstatechange = null;
    socket.close();
    await closed;
    expect(heard).toEqual(['statechange', 'open', 'statechange', 'reconnecting', 'error']);
    expectTypeOf(socket.onmessage).parameter(0).toEqualTypeOf<MessageEvent>();
  });

  it('takes any class with that API', async () => {
    const { url, requests } = await echoServer();
    const { socket } = reconnecting(url, { WebSocket: WsWebSocket, webSocketOptions: { headers: { 'X-Who': 'ws' } } });
    socket.send('by way of ws');
    expect((await eventOf<MessageEvent>(socket, 'message')).data).toBe('by way of ws');
    expect(requests[0]?.headers['x-who']).toBe('ws');
    const own = reconnecting(url, { webSocketOptions: { headers: { 'X-Who': 'tidewire' } } });
    await eventOf(own.socket, 'open');
    expect(requests[1]?.headers['x-who']).toBe('tidewire');
  });

  it('asks a function for the URL before each attempt, and takes its failure for one of the attempt', async () => {
    const { url, requests, nextPeer } = await echoServer();
    const peer = nextPeer();
    let token = 0;
    const source = async () => {
      if (++token === 2) throw new Error('no token');
      return token === 3 ? 'nonsense:' : `${url}?token=${token}`;
    };
    const { socket, clock } = reconnecting(source, { isFinal: (ending) => isFinalClose(ending) });
    expect(socket.url).toBe('');
    await eventOf(socket, 'open');
    expect(socket.url).toBe(`${url}?token=1`);
    (await peer).terminate();
    clock.advance((await reconnectingOf(socket)).delay);
    const second = await reconnectingOf(socket);
    expect(second.cause.failure).toMatchObject({ message: 'no token' });
    clock.advance(second.delay);
    const third = await reconnectingOf(socket);
    expect(third.cause.failure).toMatchObject({ name: 'SyntaxError' });
    clock.advance(third.delay);
    await eventOf(socket, 'open');
    expect(requests.map(({ url }) => url)).toEqual(['/?token=1', '/?token=4']);
  });

  it('throws for what makes no sense', async () => {
    expect(() => new ReconnectingWebSocket('ftp://localhost/')).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    expect(() => new ReconnectingWebSocket('ws://localhost/', ['a b'])).toThrow('token');
    for (const [option, value] of Object.entries({
      minDelay: -1,
      maxAttempts: 0.5,
      whenQueueFull: 'wait',
      whileHidden: 1,
      isFinal: 1000,
      WebSocket: {},
      nonsense: 1,
    })) {
      expect(() => new ReconnectingWebSocket('ws://localhost/', [], { [option]: value })).toThrow(option);
    }
    const { socket } = reconnecting((await echoServer()).url);
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => socket.close(1000, 'ü'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
  });
});

describe('close', () => {
  it('ends an attempt that is under way', async () => {
    const server = await tcpServer(() => {});
    const { socket, states, clock } = reconnecting(`ws://127.0.0.1:${server.port}/`);
    socket.close();
    const failed = eventOf(socket, 'error');
    expect(await eventOf(socket, 'close')).toMatchObject({ code: 1006, wasClean: false });
    await failed;
    expect(states).toEqual(['closing', 'closed']);
    expect(clock.timers).toBe(0);
  });

  it('ends the wait for the next one, and no event comes before it returns', async () => {
    const server = await tcpServer((peer) => peer.end());
    const { socket, states, clock } = reconnecting(`ws://127.0.0.1:${server.port}/`);
    await reconnectingOf(socket);
    let isClosed = false;
    socket.onclose = () => {
      isClosed = true;
    };
    socket.close();
    expect([socket.readyState, isClosed]).toEqual([2, false]);
    await eventOf(socket, 'close');
    expect(states).toEqual(['waiting', 'closing', 'closed']);
    clock.advance(60_000);
    expect([server.count, clock.timers]).toEqual([1, 0]);
  });

  it('ends the question for the URL', async () => {
    let answer: (url: string) => void = () => {};
    const { url, requests } = await echoServer();
    const asked = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const { socket } = reconnecting(() => asked);
    socket.close();
    await eventOf(socket, 'close');
    answer(url);
    // Had it begun to connect, it would come first.
    await new Promise(setImmediate);
    await eventOf(reconnecting(url).socket, 'open');
    expect([requests.length, socket.state]).toEqual([1, 'closed']);
  });

  it('is heeded from within every event', async () => {
    const { url, nextPeer } = await echoServer();
    for (const type of ['statechange', 'open', 'reconnecting'] as const) {
      const peer = nextPeer();
      const { socket } = reconnecting(url);
      const heard: string[] = [];
      for (const each of ['open', 'reconnecting', 'close']) socket.addEventListener(each, () => heard.push(each));
      socket.addEventListener(type, () => socket.close(), { once: true });
      if (type === 'reconnecting') (await peer).terminate();
      await eventOf(socket, 'close');
      expect(heard).toEqual([
        ...(type === 'statechange' ? [] : ['open']),
        ...(type === 'reconnecting' ? [type] : []),
        'close',
      ]);
    }
  });

  it('leaves no timer behind', async () => {
    const clock = new FakeClock();
    const server = await tcpServer((peer) => peer.end());
    const socket = new ReconnectingWebSocket(`ws://127.0.0.1:${server.port}/`, [], { clock });
    onTestFinished(() => socket.close());
    await reconnectingOf(socket);
    expect(clock.timers).toBe(1);
    socket.close();
    expect(clock.timers).toBe(0);
  });
});
