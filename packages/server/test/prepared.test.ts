import { on, once } from 'node:events';
import { prepare, type Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { RawPeer } from './support/raw-peer.ts';
import { open, serve } from './support/serving.ts';

async function messages(client: Awaited<ReturnType<typeof open>>, count: number): Promise<string[]> {
  const texts = [];
  for await (const [data] of on(client, 'message')) {
    texts.push(String(data));
    if (texts.length === count) break;
  }
  return texts;
}

describe('messages that were prepared', () => {
  it.each([false, true])('reach many sockets, in order with what else is sent (alone: %s)', async (isAlone) => {
    const { url, endpoint } = await serve({ open: (socket) => socket.subscribe('all'), deflate: true });
    const plain = await open(url, [], { perMessageDeflate: false });
    const compressing = await open(url);
    const received = [plain, compressing].map((client) => messages(client, 5));
    const large = 'x'.repeat(5000);
    const batch = prepare(['2', large]);
    for (const socket of endpoint.sockets) {
      socket.send('0');
    }
    endpoint.publish('all', '1');
    for (const socket of endpoint.sockets) {
      expect(socket.sendPrepared(batch, { isAlone })).toBe('written');
      socket.send('3');
    }
    expect(await Promise.all(received)).toEqual([
      ['0', '1', '2', large, '3'],
      ['0', '1', '2', large, '3'],
    ]);
  });

  it('are buffered for a peer that does not read, refused at the limit, and drain when it reads', async () => {
    let drained: (() => void) | undefined;
    const whenDrained = new Promise<void>((resolve) => {
      drained = resolve;
    });
    const { port, endpoint } = await serve({ limits: { maxBufferedAmount: 1_000_000 }, drain: () => drained?.() });
    const peer = await RawPeer.open(port);
    peer.socket.pause();
    const [socket] = [...endpoint.sockets];
    const batch = prepare(['x'.repeat(100_000)]);
    const results = new Set<string | undefined>();
    for (let i = 0; i < 1000 && !results.has('refused'); i++) {
      results.add(socket?.sendPrepared(batch, { isAlone: i % 2 === 0 }));
      await new Promise(setImmediate);
    }
    expect([...results]).toEqual(['written', 'buffered', 'refused']);
    peer.socket.resume();
    await whenDrained;
    expect(socket?.bufferedAmount).toBe(0);
  });

  it('are nothing to a socket that is closed', async () => {
    const { url, endpoint } = await serve({});
    const client = await open(url);
    const [socket]: Socket[] = [...endpoint.sockets];
    client.terminate();
    await once(client, 'close');
    await socket?.closed;
    expect(socket?.sendPrepared(prepare(['x']))).toBe('closed');
  });

  it('must be text or bytes', () => {
    // @ts-expect-error: for who has no compiler
    expect(() => prepare(['x', 1])).toThrow(TypeError);
  });
});
