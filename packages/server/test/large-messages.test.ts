import { once } from 'node:events';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { closeOf, nextMessage, open, serve, signal, until } from './support/serving.ts';

// Messages that are large enough to be compressed and decompressed in another thread.

const MiB = 1024 * 1024;
const large = Array.from({ length: MiB / 4 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 8).toString(36)).join(' ');
const compressing = { perMessageDeflate: { threshold: 0 } };

async function messagesOf(client: WebSocket, count: number): Promise<string[]> {
  const messages: string[] = [];
  return new Promise((resolve) => {
    client.on('message', (data) => {
      messages.push(String(data));
      if (messages.length === count) resolve(messages);
    });
  });
}

describe.each([
  ['without context takeover', true as const],
  ['with context takeover', { serverNoContextTakeover: false, clientNoContextTakeover: false }],
])('large compressed messages, %s,', (_, deflate) => {
  it('are echoed in order among small ones', async () => {
    const { url } = await serve({ deflate, message: (socket, message) => void socket.send(message) });
    const client = await open(url, [], compressing);
    const sent = [large, 'small', large.slice(7), large.slice(0, 5000), 'last'];
    const received = messagesOf(client, sent.length);
    for (const text of sent) client.send(text);
    expect((await received).map((text, i) => text === sent[i])).toEqual(sent.map(() => true));
  });

  it('leave the thread to others meanwhile', async () => {
    const { url, port } = await serve({ deflate, message: (socket, message) => void socket.send(message) });
    const [busy, other] = [await open(url, [], compressing), await open(`ws://127.0.0.1:${port}`)];
    const order: string[] = [];
    for (const [name, client] of Object.entries({ busy, other })) client.on('message', () => order.push(name));
    const echoed = once(busy, 'message');
    busy.send(large);
    // Whoever asks over and over while the large one is under way is answered.
    const ask = () => other.send('small');
    other.on('message', () => setImmediate(ask));
    ask();
    await echoed;
    expect(order.indexOf('busy')).toBeGreaterThan(3);
    other.terminate();
  });

  it('come before the Close frame, whoever begins to close', async () => {
    for (const closes of ['server', 'client']) {
      const { url } = await serve({
        deflate,
        open(socket) {
          socket.send(large);
          socket.send('behind');
          if (closes === 'server') socket.close(4000, 'done');
        },
      });
      const client = await open(url, [], compressing);
      const received = messagesOf(client, 2);
      const closed = closeOf(client);
      if (closes === 'client') client.close(4000, 'done');
      expect((await received).map((text) => text.length)).toEqual([large.length, 6]);
      expect(await closed).toMatchObject({ code: 4000 });
    }
  });

  it('count as waiting until they have left', async () => {
    const drained = signal();
    const { url, endpoint } = await serve({ deflate, drain: () => drained.happen() });
    const client = await open(url, [], compressing);
    const [socket] = [...endpoint.sockets];
    const message = nextMessage(client);
    expect(socket?.send(large)).toBe('buffered');
    expect(socket?.bufferedAmount).toBe(large.length);
    await drained.happened;
    expect(socket?.bufferedAmount).toBe(0);
    expect((await message) === large).toBe(true);
  });

  it('are published to all, those who leave meanwhile excepted', async () => {
    const { url, endpoint } = await serve({ deflate, open: (socket) => socket.subscribe('all') });
    const clients = await Promise.all(Array.from({ length: 5 }, () => open(url, [], compressing)));
    const received = clients.slice(1).map((client) => messagesOf(client, 3));
    endpoint.publish('all', 'before');
    endpoint.publish('all', large);
    await new Promise((resolve) => process.nextTick(resolve));
    clients[0]?.terminate();
    endpoint.publish('all', 'after');
    for (const messages of await Promise.all(received)) {
      expect(messages.map((text) => text.length)).toEqual([6, large.length, 5]);
    }
  });
});

describe('a large compressed message', () => {
  const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
  const bomb = frame(Opcode.BINARY, deflateRawSync(Buffer.alloc(100 * MiB)), { rsv: 4 });

  it('that becomes too large is stopped, and other connections go on', async () => {
    const { url, port } = await serve({ deflate: true, message: (socket, message) => void socket.send(message) });
    const other = await open(url);
    const peer = await RawPeer.open(port, upgradeRequest('/', offer));
    peer.send(bomb, frame(Opcode.TEXT, 'behind'));
    other.send('still here');
    expect(await nextMessage(other)).toBe('still here');
    expect(await peer.closeCode()).toBe(1009);
  });

  it('whose sender goes away or ends its side meanwhile does no harm', async () => {
    const received: number[] = [];
    const { port, endpoint } = await serve({
      deflate: true,
      message: (_, message) => void received.push(message.length),
    });
    const data = frame(Opcode.TEXT, deflateRawSync(large), { rsv: 4 });
    for (const leave of ['reset', 'end'] as const) {
      const peer = await RawPeer.open(port, upgradeRequest('/', offer));
      peer.send(data);
      await until(() => endpoint.sockets.size === 1);
      if (leave === 'reset') peer.reset();
      else peer.socket.end();
      await until(() => endpoint.sockets.size === 0);
    }
    expect(received.at(-1)).toBe(large.length);
  });
});
