import { once } from 'node:events';
import { CloseEvent, WebSocket as NodeWebSocket } from '@tidewire/client';
import { type BrowserWebSocketOptions, WebSocket } from '@tidewire/client/browser';
import type { Socket } from '@tidewire/server';
import { beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { middlebox } from '../support/middlebox.ts';
import { eventOf } from '../support/reconnecting.ts';
import { afterThisTest, tcpServer } from '../support/servers.ts';
import { serve } from '../support/tunnels.ts';

// The browser's entry on Node, with the class of Node's entry in place of the browser's own.

function connect(url: string, options: BrowserWebSocketOptions = {}, protocols: string | string[] = []): WebSocket {
  const socket = new WebSocket(url, protocols, options);
  socket.binaryType = 'arraybuffer';
  afterThisTest(() => socket.close());
  return socket;
}

const overTunnel: BrowserWebSocketOptions = { transports: ['stream', 'poll'] };

/** What comes, in order: the type of each event, and what it says. */
function heardOf(socket: WebSocket): unknown[] {
  const heard: unknown[] = [];
  socket.onopen = () => heard.push(['open', socket.readyState]);
  socket.onmessage = ({ data }) => heard.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);
  socket.onerror = () => heard.push('error');
  socket.onclose = ({ code, reason, wasClean }) => heard.push([code, reason, wasClean]);
  return heard;
}

beforeEach(() => {
  vi.stubGlobal('CloseEvent', CloseEvent);
  vi.stubGlobal('WebSocket', NodeWebSocket);
});

describe('a WebSocket of the browser entry', () => {
  it('is carried by the native one where that opens', async () => {
    const { url, endpoint } = await serve({ upgrade: () => ({ data: undefined, subprotocol: 'b' }) });
    const socket = connect(url, {}, ['a', 'b']);
    expect([socket.readyState, socket.transport, socket.url]).toEqual([0, undefined, url]);
    const heard = heardOf(socket);
    await eventOf(socket, 'open');
    expect([socket.readyState, socket.transport, socket.protocol]).toEqual([1, 'websocket', 'b']);
    socket.send('text');
    socket.send(Uint8Array.of(1, 2));
    await eventOf(socket, 'message');
    await eventOf(socket, 'message');
    const [peer] = endpoint.sockets;
    peer?.close(4001, 'enough');
    await eventOf(socket, 'close');
    expect(heard).toEqual([['open', 1], 'text', [1, 2], [4001, 'enough', true]]);
    expect(socket.readyState).toBe(3);
  });

  it('is carried by a tunnel where upgrades are refused', async () => {
    const { url, endpoint } = await serve({ upgrade: () => ({ data: undefined, subprotocol: 'b' }) });
    const box = await middlebox(url);
    const socket = connect(box.url, {}, ['a', 'b']);
    const heard = heardOf(socket);
    await eventOf(socket, 'open');
    expect([socket.readyState, socket.transport, socket.protocol, socket.extensions]).toEqual([1, 'stream', 'b', '']);
    socket.send('text');
    socket.send(Uint8Array.of(1, 2));
    socket.send(new Blob(['blob']));
    socket.send('behind the blob');
    while (heard.length < 5) await eventOf(socket, 'message');
    const [peer] = endpoint.sockets;
    peer?.close(4001, 'enough');
    await eventOf(socket, 'close');
    expect(heard).toEqual([
      ['open', 1],
      'text',
      [1, 2],
      [...Buffer.from('blob')],
      'behind the blob',
      [4001, 'enough', true],
    ]);
    expect(endpoint.sockets.size).toBe(0);
  });

  it.each([
    ['is missing', () => vi.stubGlobal('WebSocket', undefined)],
    [
      'throws',
      () =>
        vi.stubGlobal(
          'WebSocket',
          class {
            constructor() {
              throw new DOMException('not here', 'SecurityError');
            }
          },
        ),
    ],
  ])('is carried by a tunnel where the native class %s', async (_, prepare) => {
    const { url } = await serve();
    prepare();
    const socket = connect(url);
    await eventOf(socket, 'open');
    expect(socket.transport).toBe('stream');
  });

  it('tries the next transport when one stalls', async () => {
    const { url } = await serve();
    let gone: Promise<unknown> | undefined;
    const stalling = await tcpServer((peer) => {
      gone = once(peer.resume(), 'end');
    });
    const { port } = new URL(url);
    vi.stubGlobal(
      'WebSocket',
      class extends NodeWebSocket {
        constructor(to: string, protocols: string[]) {
          super(to.replace(port, `${stalling.port}`), protocols);
        }
      },
    );
    const socket = connect(url, { transportTimeout: 100 });
    await eventOf(socket, 'open');
    expect(socket.transport).toBe('stream');
    await gone;
  });

  it('fails once, when nothing gets through', async () => {
    const { url } = await serve({ upgrade: (request) => request.reject(403) });
    const socket = connect(url);
    const heard = heardOf(socket);
    await eventOf(socket, 'close');
    expect(heard).toEqual(['error', [1006, '', false]]);
    expect([socket.readyState, socket.bufferedAmount, socket.transport]).toEqual([3, 0, undefined]);
    const only = connect(url, { transports: ['websocket'] });
    const heardOnly = heardOf(only);
    await eventOf(only, 'close');
    expect(heardOnly).toEqual(['error', [1006, '', false]]);
  });

  it('fails once, even if it is closed after the last transport has failed', async () => {
    const { url } = await serve({ upgrade: (request) => request.reject(403) });
    vi.stubGlobal(
      'WebSocket',
      class extends NodeWebSocket {
        constructor(to: string, protocols: string[]) {
          super(to, protocols);
          this.addEventListener('close', () => queueMicrotask(() => socket.close()));
        }
      },
    );
    const socket = connect(url, { transports: ['websocket'] });
    const heard = heardOf(socket);
    await eventOf(socket, 'close');
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    expect(heard).toEqual(['error', [1006, '', false]]);
  });

  it('waits for a transport as long as it takes, if so wanted', async () => {
    const { url } = await serve({
      async upgrade() {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { data: undefined };
      },
    });
    const socket = connect(url, { transportTimeout: Number.POSITIVE_INFINITY });
    await eventOf(socket, 'open');
    expect(socket.transport).toBe('websocket');
  });

  it('fails when the server chooses none of the subprotocols', async () => {
    const { url, endpoint } = await serve();
    const socket = connect(url, overTunnel, ['a']);
    const heard = heardOf(socket);
    await eventOf(socket, 'close');
    expect(heard).toEqual(['error', [1006, '', false]]);
    for (const peer of endpoint.sockets) await peer.closed;
  });

  it('can be closed while it connects', async () => {
    const { url, endpoint } = await serve();
    for (const options of [{}, overTunnel]) {
      const socket = connect(url, options);
      const heard = heardOf(socket);
      expect(() => socket.send('too early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
      socket.close();
      expect([socket.readyState, heard]).toEqual([2, []]);
      await eventOf(socket, 'close');
      expect(heard).toEqual(['error', [1006, '', false]]);
    }
    for (const peer of endpoint.sockets) await peer.closed;
  });

  it('closes with what it is told', async () => {
    const ended: unknown[] = [];
    const { url } = await serve({ close: (_: Socket, code, reason) => void ended.push([code, reason]) });
    for (const options of [{}, overTunnel]) {
      const socket = connect(url, options);
      await eventOf(socket, 'open');
      socket.send('last');
      socket.close(3000, 'ü');
      socket.send('too late');
      expect([socket.readyState, socket.bufferedAmount]).toEqual([2, 12]);
      const { code, reason, wasClean } = await eventOf<CloseEvent>(socket, 'close');
      expect([code, reason, wasClean]).toEqual([3000, '', true]);
      expect(socket.bufferedAmount).toBe('too late'.length);
    }
    expect(ended).toEqual([
      [3000, 'ü'],
      [3000, 'ü'],
    ]);
  });

  it('throws for what makes no sense', async () => {
    const syntaxError = expect.objectContaining({ name: 'SyntaxError' });
    for (const url of ['ftp://localhost/', 'ws://localhost/#part', 'nonsense']) {
      expect(() => new WebSocket(url, [], overTunnel)).toThrow(syntaxError);
    }
    for (const protocols of ['a b', ['a', 'A'], ['']]) {
      expect(() => new WebSocket('ws://localhost/', protocols, overTunnel)).toThrow(syntaxError);
    }
    expect(() => Reflect.construct(WebSocket, ['ws://localhost/', [], { transports: ['pigeon'] }])).toThrow(
      'transports',
    );
    expect(() => new WebSocket('ws://localhost/', [], { transportTimeout: 0 })).toThrow('transportTimeout');
    const { url } = await serve();
    const socket = connect(url);
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => socket.close(1000, 'ü'.repeat(62))).toThrow(syntaxError);
  });

  it('has the constants and the handlers of the standard', async () => {
    const { url } = await serve();
    const socket = connect(url.replace('ws:', 'http:'));
    expect(socket.url).toBe(url);
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3]);
    expect([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]).toEqual([0, 1, 2, 3]);
    expect(socket).toBeInstanceOf(EventTarget);
    expect(socket.onopen).toBe(null);
    Object.assign(socket, { binaryType: 'nonsense' });
    expect(socket.binaryType).toBe('arraybuffer');
    expectTypeOf(socket.onmessage).parameter(0).toEqualTypeOf<MessageEvent>();
  });
});
