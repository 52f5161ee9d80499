import { on } from 'node:events';
import type { Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { closeOf, nextMessage, open, recordErrors, serve, until } from './support/serving.ts';

const byPath = {
  open(socket: Socket) {
    for (const topic of socket.url.split('/').slice(1)) socket.subscribe(topic);
  },
};

describe('publish', () => {
  it('reaches the subscribers of the topic and nobody else', async () => {
    const { url, endpoint } = await serve(byPath);
    const a = await open(`${url}/a`);
    const both = await open(`${url}/a/b`);
    const b = await open(`${url}/b`);
    const messages = [a, both, b].map((client) => nextMessage(client));
    expect(endpoint.publish('a', 'to a')).toEqual({ delivered: 2, refused: 0 });
    expect(endpoint.publish('nobody', 'x')).toEqual({ delivered: 0, refused: 0 });
    expect(endpoint.publish('b', Buffer.from('to b'))).toEqual({ delivered: 2, refused: 0 });
    expect(await Promise.all(messages)).toEqual(['to a', 'to a', Buffer.from('to b')]);
    expect(endpoint.subscriberCount('a')).toBe(2);
  });

  it('leaves one out', async () => {
    const { url, endpoint } = await serve(byPath);
    const clients = [await open(`${url}/a`), await open(`${url}/a`)];
    const [first] = [...endpoint.sockets];
    const message = nextMessage(clients[1] ?? expect.unreachable());
    expect(endpoint.publish('a', 'x', { except: first })).toEqual({ delivered: 1, refused: 0 });
    expect(await message).toBe('x');
  });

  it('keeps the order of what a turn sends and publishes', async () => {
    const { url, endpoint } = await serve(byPath);
    const client = await open(`${url}/a`);
    const [socket] = [...endpoint.sockets];
    const messages = on(client, 'message');
    socket?.send('1');
    endpoint.publish('a', '2');
    socket?.send('3');
    endpoint.publish('a', 'x'.repeat(100_000));
    const texts = [];
    for await (const [data] of messages) {
      texts.push(String(data).slice(0, 3));
      if (texts.length === 4) break;
    }
    expect(texts).toEqual(['1', '2', '3', 'xxx']);
  });

  it.each<[string, Buffer, number]>([
    ['the peer closes in the same chunk', closeFrame(1000), 1000],
    ['the peer breaks a rule in the same chunk', frame(3), 1002],
  ])('comes before our Close frame when %s', async (_, last, code) => {
    for (const iterates of [false, true]) {
      const { port, endpoint } = await serve({
        open: async (socket) => {
          socket.subscribe('a');
          if (iterates) for await (const message of socket) endpoint.publish('a', message);
        },
        message: (_socket, message) => void endpoint.publish('a', message),
      });
      const peer = await RawPeer.open(port);
      peer.send(Buffer.concat([frame(Opcode.TEXT, 'echo me'), last]));
      expect(String((await peer.frame()).payload)).toBe('echo me');
      expect(await peer.closeCode()).toBe(code);
    }
  });

  it('comes before the Close frame of a handler that throws after it', async () => {
    recordErrors();
    const { port, endpoint } = await serve({
      open: (socket) => socket.subscribe('a'),
      message: (_socket, message) => {
        endpoint.publish('a', message);
        throw new Error('after it');
      },
    });
    const peer = await RawPeer.open(port);
    peer.send(frame(Opcode.TEXT, 'echo me'));
    expect(String((await peer.frame()).payload)).toBe('echo me');
    expect(await peer.closeCode()).toBe(1011);
  });

  it('tells the truth of one that has too much waiting in this very turn', async () => {
    const { url, endpoint } = await serve({ ...byPath, limits: { maxBufferedAmount: 1000 }, slowSubscriber: 'skip' });
    const client = await open(`${url}/a`);
    const [socket] = [...endpoint.sockets];
    const messages = on(client, 'message');
    socket?.send('x'.repeat(2000));
    expect(endpoint.publish('a', 'too much')).toEqual({ delivered: 0, refused: 1 });
    await until(() => socket?.bufferedAmount === 0);
    expect(endpoint.publish('a', 'fine')).toEqual({ delivered: 1, refused: 0 });
    const texts: string[] = [];
    for await (const [data] of messages) {
      texts.push(String(data));
      if (texts.length === 2) break;
    }
    expect(texts).toEqual(['x'.repeat(2000), 'fine']);
  });

  it('keeps the order for one that is backed up only after the first message was published', async () => {
    const { url, endpoint } = await serve(byPath);
    const client = await open(`${url}/a`);
    await open(`${url}/a`);
    const [socket] = [...endpoint.sockets];
    const messages = on(client, 'message');
    socket?.send('x'.repeat(8_000_000));
    // Between the write of that, which has to wait, and the end of the turn.
    process.nextTick(() => endpoint.publish('a', '2'));
    endpoint.publish('a', '1');
    const texts = [];
    for await (const [data] of messages) {
      texts.push(String(data).slice(0, 3));
      if (texts.length === 3) break;
    }
    expect(texts).toEqual(['xxx', '1', '2']);
  });

  it('does not count twice one that is left out, and closed by what was published before', async () => {
    const { url, endpoint } = await serve({ ...byPath, limits: { maxBufferedAmount: 8_100_000 } });
    await open(`${url}/a/b`);
    await open(`${url}/a`);
    const [except, other] = [...endpoint.sockets];
    for (const socket of [except, other]) socket?.send(Buffer.alloc(8_050_000));
    const result = new Promise((resolve) => {
      process.nextTick(() => resolve(endpoint.publish('a', '2', { except })));
    });
    endpoint.publish('b', Buffer.alloc(60_000));
    endpoint.publish('a', '1');
    expect(await result).toEqual({ delivered: 1, refused: 0 });
    expect(except?.readyState).toBe(2);
  });

  it('skips one of many that are too slow, and tells of each', async () => {
    const { url, endpoint } = await serve({ ...byPath, limits: { maxBufferedAmount: 1000 }, slowSubscriber: 'skip' });
    const clients = [await open(`${url}/a`), await open(`${url}/a`), await open(`${url}/b`), await open(`${url}/a/b`)];
    const sockets = [...endpoint.sockets];
    for (const socket of sockets.slice(1)) socket.send('x'.repeat(2000));
    const message = nextMessage(clients[0] ?? expect.unreachable());
    expect(endpoint.publish('b', 'x')).toEqual({ delivered: 0, refused: 2 });
    expect(endpoint.publish('a', 'x')).toEqual({ delivered: 1, refused: 2 });
    expect(endpoint.publish('a', 'x', { except: sockets[1] })).toEqual({ delivered: 1, refused: 1 });
    expect(await message).toBe('x');
  });

  it('serves compressing and plain subscribers of the same message', async () => {
    const { url, endpoint } = await serve({ ...byPath, deflate: { threshold: 0, serverNoContextTakeover: false } });
    const text = 'compress me '.repeat(1000);
    const clients = [
      await open(`${url}/a`),
      await open(`${url}/a`, [], { perMessageDeflate: false }),
      await open(`${url}/a`, [], { perMessageDeflate: { serverNoContextTakeover: true } }),
      await open(`${url}/a`, [], { perMessageDeflate: { serverMaxWindowBits: 9 } }),
    ];
    for (const options of [{}, { compress: false }, {}]) {
      const messages = clients.map((client) => nextMessage(client));
      expect(endpoint.publish('a', text, options)).toEqual({ delivered: 4, refused: 0 });
      expect(await Promise.all(messages)).toEqual([text, text, text, text]);
    }
  });

  it('throws for what is no message or no topic', async () => {
    const { endpoint, url } = await serve(byPath);
    await open(url);
    const [socket] = [...endpoint.sockets];
    // @ts-expect-error a number
    expect(() => endpoint.publish('a', 1)).toThrow(TypeError);
    // @ts-expect-error a number
    expect(() => endpoint.publish(1, 'a')).toThrow(TypeError);
    // @ts-expect-error a number
    expect(() => socket.subscribe(1)).toThrow(TypeError);
  });
});

describe('a subscription', () => {
  it('can be made, asked for and ended', async () => {
    const { url, endpoint } = await serve({});
    await open(url);
    const [socket] = [...endpoint.sockets];
    if (socket === undefined) throw new Error('There is no socket');
    expect(socket.isSubscribed('a')).toBe(false);
    expect(socket.unsubscribe('a')).toBe(false);
    socket.subscribe('a');
    socket.subscribe('a');
    expect(socket.isSubscribed('a')).toBe(true);
    expect(endpoint.subscriberCount('a')).toBe(1);
    expect(socket.unsubscribe('a')).toBe(true);
    expect(socket.isSubscribed('a')).toBe(false);
    expect(endpoint.subscriberCount('a')).toBe(0);
  });

  it('ends as soon as the socket begins to close', async () => {
    const { url, endpoint } = await serve(byPath);
    const client = await open(`${url}/a/b`);
    const [socket] = [...endpoint.sockets];
    socket?.close(1000);
    expect(endpoint.subscriberCount('a')).toBe(0);
    socket?.subscribe('a');
    expect(endpoint.publish('a', 'x')).toEqual({ delivered: 0, refused: 0 });
    await closeOf(client);
    expect(endpoint.subscriberCount('b')).toBe(0);
  });
});

describe('a slow subscriber', () => {
  it('is not subscribed to anything more by what finds out that it is slow', async () => {
    const { url, endpoint } = await serve({ ...byPath, limits: { maxBufferedAmount: 1000 } });
    const client = await open(`${url}/a/b`);
    const [socket] = [...endpoint.sockets];
    endpoint.publish('a', Buffer.alloc(2000));
    endpoint.publish('b', 'too much');
    socket?.subscribe('c');
    expect(endpoint.subscriberCount('c')).toBe(0);
    expect((await closeOf(client)).code).toBe(1008);
  });

  const limits = { maxBufferedAmount: 1024 * 1024 };

  async function publishUntilRefused(slowSubscriber: 'close' | 'skip') {
    const { url, port, endpoint } = await serve({ ...byPath, limits, slowSubscriber });
    const quick = await open(`${url}/a`);
    let received = 0;
    quick.on('message', () => received++);
    const slow = await RawPeer.open(port, upgradeRequest('/a'));
    slow.socket.pause();
    const message = Buffer.alloc(256 * 1024);
    let published = 0;
    for (;;) {
      const { delivered, refused } = endpoint.publish('a', message);
      published++;
      await until(() => received === published);
      if (refused === 0) continue;
      expect({ delivered, refused }).toEqual({ delivered: 1, refused: 1 });
      break;
    }
    return { endpoint, slow, quick };
  }

  it('is closed with 1008 by default, and the others go on', async () => {
    const { endpoint, slow, quick } = await publishUntilRefused('close');
    expect(endpoint.subscriberCount('a')).toBe(1);
    slow.socket.resume();
    expect(await slow.closeCode()).toBe(1008);
    const message = nextMessage(quick);
    expect(endpoint.publish('a', 'still here')).toEqual({ delivered: 1, refused: 0 });
    expect(await message).toBe('still here');
  });

  it('is skipped where told so, and gets later ones', async () => {
    const { endpoint, slow } = await publishUntilRefused('skip');
    expect(endpoint.subscriberCount('a')).toBe(2);
    slow.socket.resume();
    await until(() => [...endpoint.sockets].every(({ bufferedAmount }) => bufferedAmount === 0));
    expect(endpoint.publish('a', 'later')).toEqual({ delivered: 2, refused: 0 });
    let text = '';
    while (text !== 'later') text = String((await slow.frame()).payload.subarray(0, 10));
  });
});
