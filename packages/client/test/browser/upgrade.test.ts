import { CloseEvent, WebSocket as NodeWebSocket } from '@tidewire/client';
import { WebSocket } from '@tidewire/client/browser';
import type { EndpointOptions } from '@tidewire/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { middlebox } from '../support/middlebox.ts';
import { eventOf } from '../support/reconnecting.ts';
import { afterThisTest, echoServer } from '../support/servers.ts';
import { serve } from '../support/tunnels.ts';

beforeEach(() => {
  vi.stubGlobal('CloseEvent', CloseEvent);
  vi.stubGlobal('WebSocket', NodeWebSocket);
});

/** A socket over a tunnel whose session is moved as soon as upgrades are let through. */
async function tunnelled(upgradeDelay = 20, options: EndpointOptions<undefined> = {}) {
  const served = await serve(options);
  const box = await middlebox(served.url);
  const socket = new WebSocket(box.url, [], { upgradeDelay });
  const messages: unknown[] = [];
  const carriers = new Set<unknown>();
  afterThisTest(() => socket.close());
  socket.addEventListener('message', ({ data }) => {
    messages.push(data);
    carriers.add(socket.transport);
  });
  await eventOf(socket, 'open');
  return { ...served, box, socket, messages, carriers };
}

/** Sends until a message comes back by way of this transport. */
async function echoBy(socket: WebSocket, transport: string): Promise<void> {
  do {
    socket.send('?');
    await eventOf(socket, 'message');
    await new Promise((resolve) => setTimeout(resolve, 5));
  } while (socket.transport !== transport);
}

describe('a tunnel', () => {
  it('is moved to a WebSocket when one gets through, and the socket is the same to both sides', async () => {
    const { socket, box, endpoint } = await tunnelled();
    const [peer] = endpoint.sockets;
    await echoBy(socket, 'stream');
    box.meddling = { upgrades: true };
    await echoBy(socket, 'websocket');
    expect([socket.readyState, endpoint.sockets.size]).toEqual([1, 1]);
    expect(endpoint.sockets.has(peer as never)).toBe(true);
    const closed = eventOf<CloseEvent>(socket, 'close');
    peer?.close(4001, 'enough');
    const { code, reason, wasClean } = await closed;
    expect([code, reason, wasClean]).toEqual([4001, 'enough', true]);
    await peer?.closed;
  });

  it('goes on by requests when that WebSocket is lost, and comes back to it', async () => {
    const { socket, box, endpoint } = await tunnelled();
    box.meddling = { upgrades: true };
    await echoBy(socket, 'websocket');
    box.meddling = {};
    box.cut();
    await echoBy(socket, 'stream');
    box.meddling = { upgrades: true };
    await echoBy(socket, 'websocket');
    expect(endpoint.sockets.size).toBe(1);
  });

  it('goes on by requests when nothing gets through that WebSocket any more, though it stays open', async () => {
    const { socket, box } = await tunnelled(20, { tunnel: { heartbeatInterval: 1000, graceTime: 5000 } });
    box.meddling = { upgrades: true };
    await echoBy(socket, 'websocket');
    box.meddling = {};
    box.freeze();
    socket.send('in time');
    const { type, data } = await Promise.race([
      eventOf<MessageEvent>(socket, 'message'),
      eventOf<MessageEvent>(socket, 'close'),
    ]);
    expect([type, data, socket.transport]).toEqual(['message', 'in time', 'stream']);
  });

  it('loses, repeats and reorders nothing while it is moved back and forth', async () => {
    const { socket, box, messages, carriers } = await tunnelled(5);
    let sent = 0;
    let isOver = false;
    const sendOn = async () => {
      while (!isOver) {
        // The more is on the way, the more there is to lose; what comes back sets the pace, however slow the machine.
        for (let i = 0; i < 10 && sent - messages.length < 1000; i++) socket.send(`message ${sent++}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const sending = sendOn();
    const carriedBy = async (...transports: string[]) => {
      do await eventOf(socket, 'message');
      while (!transports.includes(socket.transport ?? ''));
    };
    for (let move = 1; move <= 20; move++) {
      box.meddling = { upgrades: true };
      // Every other time it is cut on its way, wherever it is.
      if (move % 2 === 0) await new Promise((resolve) => setTimeout(resolve, move));
      else await carriedBy('websocket');
      box.meddling = {};
      box.cut();
      if (move % 2 === 1) await carriedBy('stream', 'poll');
    }
    isOver = true;
    await sending;
    while (messages.length < sent) await eventOf(socket, 'message');
    expect(sent).toBeGreaterThan(200);
    expect(messages).toEqual(Array.from({ length: sent }, (_, i) => `message ${i}`));
    expect(carriers).toContain('websocket');
  });

  it('is tried to be moved again after the native class has thrown', async () => {
    let attempts = 0;
    vi.stubGlobal(
      'WebSocket',
      class {
        constructor() {
          attempts++;
          throw new DOMException('not here', 'SecurityError');
        }
      },
    );
    const { socket } = await tunnelled(5);
    while (attempts < 4) await echoBy(socket, 'stream');
  });

  it('goes on by requests where what opens in place of the server says what makes no sense', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    afterThisTest(() => process.off('uncaughtException', note));
    const stranger = await echoServer({ handleProtocols: ([first = '']) => first });
    const gone = new Promise((resolve) => {
      stranger.wss.on('connection', (peer) => {
        for (const message of ['99999999999', Buffer.of(1), Buffer.of(2, 0, 0, 0, 1)]) peer.send(message);
        peer.close();
        peer.once('close', resolve);
      });
    });
    vi.stubGlobal(
      'WebSocket',
      class extends NodeWebSocket {
        constructor(_: string, protocols: string[]) {
          super(stranger.url, protocols);
        }
      },
    );
    const { url } = await serve();
    const socket = new WebSocket(url, [], { transports: ['stream', 'websocket'], upgradeDelay: 5 });
    afterThisTest(() => socket.close());
    await eventOf(socket, 'open');
    await gone;
    await echoBy(socket, 'stream');
    expect(uncaught).toEqual([]);
  });

  it('is not moved where that is not wanted', async () => {
    const { socket, box } = await tunnelled(Number.POSITIVE_INFINITY);
    let upgrades = 0;
    box.meddling = {
      get upgrades() {
        upgrades++;
        return true;
      },
    };
    await echoBy(socket, 'stream');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(upgrades).toBe(0);
  });
});
