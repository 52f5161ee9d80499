import { once } from 'node:events';
import { runInNewContext } from 'node:vm';
import type { ReconnectingWebSocket, WhenQueueFull } from '@tidewire/client';
import { describe, expect, it } from 'vitest';
import type { WebSocket as Peer } from 'ws';
import { eventOf, reconnecting, reconnectingOf } from '../support/reconnecting.ts';
import { echoServer } from '../support/servers.ts';

/** The next messages that come back, as text. */
async function echoes(socket: ReconnectingWebSocket, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { data } = await eventOf<MessageEvent>(socket, 'message');
    texts.push(data instanceof Blob ? `blob ${await data.text()}` : String(data));
  }
  return texts;
}

describe('what is sent while there is no connection', () => {
  it('waits for one, in order, as it was when it was sent', async () => {
    const { url } = await echoServer();
    const { socket } = reconnecting(url);
    const bytes = new Uint8Array([0, 0x61, 0x62]);
    socket.send('ü');
    socket.send(bytes.subarray(1));
    socket.send(bytes.buffer);
    socket.send(new Blob(['c']));
    bytes.fill(0x7a);
    expect(socket.bufferedAmount).toBe(2 + 2 + 3 + 1);
    expect(await echoes(socket, 4)).toEqual(['ü', 'blob ab', 'blob \0ab', 'blob c']);
    expect(socket.bufferedAmount).toBe(0);
  });

  it('is text if it is neither bytes nor a Blob, as with the standard', async () => {
    const { socket } = reconnecting((await echoServer()).url);
    for (const value of [5, null, { toString: () => 'own' }]) Reflect.apply(socket.send, socket, [value]);
    socket.send(runInNewContext('Uint8Array.of(0x61).buffer'));
    expect(() => Reflect.apply(socket.send, socket, [Symbol('x')])).toThrow(TypeError);
    expect(socket.bufferedAmount).toBe(1 + 4 + 3 + 1);
    expect(await echoes(socket, 4)).toEqual(['5', 'null', 'own', 'blob a']);
    socket.close();
    Reflect.apply(socket.send, socket, [12]);
    await eventOf(socket, 'close');
    expect(socket.bufferedAmount).toBe(2);
  });

  it('comes after what the listeners of open send, with each connection', async () => {
    const { url, nextPeer } = await echoServer();
    const peer = nextPeer();
    const { socket, clock } = reconnecting(url);
    socket.onopen = () => socket.send('login');
    socket.send('queued');
    expect(await echoes(socket, 2)).toEqual(['login', 'queued']);
    (await peer).terminate();
    const { delay } = await reconnectingOf(socket);
    socket.send('queued again');
    clock.advance(delay);
    expect(await echoes(socket, 2)).toEqual(['login', 'queued again']);
  });

  it.each<[WhenQueueFull, string[], number]>([
    ['drop-oldest', ['2', '3'], 2],
    ['drop-newest', ['0', '1'], 2],
    ['throw', ['0', '1'], 0],
  ])('meets the policy where there is no room: %s', async (whenQueueFull, left, dropped) => {
    const { url } = await echoServer();
    for (const bound of [{ maxQueuedMessages: 2 }, { maxQueuedBytes: 2 }]) {
      const { socket } = reconnecting(url, { whenQueueFull, ...bound });
      for (const text of ['0', '1']) socket.send(text);
      for (const text of ['2', '3']) {
        if (whenQueueFull !== 'throw') socket.send(text);
        else expect(() => socket.send(text)).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
      }
      expect(socket.droppedMessages).toBe(dropped);
      expect(await echoes(socket, 2)).toEqual(left);
    }
  });

  it('does not lose others to a message that never has room', async () => {
    const { url } = await echoServer();
    const { socket } = reconnecting(url, { whenQueueFull: 'drop-oldest', maxQueuedBytes: 3 });
    socket.send('one');
    socket.send('four');
    expect(socket.droppedMessages).toBe(1);
    expect(await echoes(socket, 1)).toEqual(['one']);
    const none = reconnecting(url, { whenQueueFull: 'drop-oldest', maxQueuedMessages: 0 });
    none.socket.send('one');
    expect(none.socket.droppedMessages).toBe(1);
  });

  it('is dropped by close, and counted', async () => {
    const { url, wss } = await echoServer();
    const received: string[] = [];
    wss.on('connection', (peer: Peer) => peer.on('message', (data) => received.push(String(data))));
    const { socket } = reconnecting(url);
    socket.send('too late');
    socket.close();
    socket.send('much too late');
    await eventOf(socket, 'close');
    expect(socket.bufferedAmount).toBe('too late'.length + 'much too late'.length);
    const next = reconnecting(url);
    next.socket.send('next');
    await once((await once(wss, 'connection'))[0], 'message');
    expect(received).toEqual(['next']);
  });
});
