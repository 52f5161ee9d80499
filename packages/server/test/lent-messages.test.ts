import { once } from 'node:events';
import type { Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { open, serve, signal } from './support/serving.ts';

// Binary messages that the handler may use until it returns. Larger than 4 KiB, so that Node gives copies a buffer each.

const SIZE = 10_000;

/** What is sent to it one by one, each when the one before it was handled, on connections of their own. */
async function received(lendBinary: boolean | undefined, count: number): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  let handled = signal();
  const { url } = await serve({
    lendBinary,
    message(_, message) {
      if (typeof message !== 'string') messages.push(message);
      handled.happen();
    },
  });
  for (let i = 0; i < count; i++) {
    const client = await open(url);
    handled = signal();
    client.send(Buffer.alloc(SIZE, i + 1));
    await handled.happened;
  }
  return messages;
}

describe('binary messages', () => {
  it('are views of the buffer that all sockets are read into, where they are lent', async () => {
    const [first, second] = await received(true, 2);
    expect(first?.buffer).toBe(second?.buffer);
    // The second was read to where the first had been.
    expect(first?.byteOffset).toBe(second?.byteOffset);
    expect([first?.at(0), second?.at(0)]).toEqual([2, 2]);
  });

  it.each([undefined, false])('are the handler’s own otherwise: %s', async (lendBinary) => {
    const messages = await received(lendBinary, 5);
    expect(new Set(messages.map(({ buffer }) => buffer)).size).toBe(5);
    expect(messages.map((message) => message.every((byte) => byte === message[0]) && message[0])).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });
});

describe('binary messages that are lent', () => {
  it('may be sent and published by the handler', async () => {
    const { url, endpoint } = await serve({
      lendBinary: true,
      deflate: { serverNoContextTakeover: false },
      open: (socket) => socket.subscribe('all'),
      message(socket, message) {
        // Behind what takes another thread to compress, so that it waits.
        socket.send(large);
        socket.send(message);
        endpoint.publish('all', message);
      },
    });
    const large = 'x'.repeat(200_000);
    const client = await open(url, [], { perMessageDeflate: { threshold: 0 } });
    const texts: string[] = [];
    const done = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        texts.push(String(data));
        if (texts.length === 30) resolve();
      });
    });
    const sent = Array.from({ length: 10 }, (_, i) => String(i).repeat(SIZE));
    for (const text of sent) {
      client.send(Buffer.from(text), { compress: false });
      await new Promise(setImmediate);
    }
    await done;
    const expected = sent.flatMap((text) => [large, text, text]);
    expect(texts.map((text, i) => text === expected[i])).toEqual(expected.map(() => true));
  });

  it('are the consumer’s own when it iterates', async () => {
    const messages: Uint8Array[] = [];
    const done = signal();
    const { url } = await serve({
      lendBinary: true,
      async open(socket: Socket) {
        for await (const message of socket) {
          if (typeof message === 'string') done.happen();
          else messages.push(message);
        }
      },
    });
    const client = await open(url);
    for (let i = 0; i < 10; i++) client.send(Buffer.alloc(SIZE, i + 1));
    client.send('done');
    await done.happened;
    expect(messages.map((message) => message.every((byte) => byte === message[0]) && message[0])).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    client.close();
    await once(client, 'close');
  });
});
