import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { serve } from './support/serving.ts';

describe('an upgrade that answers at once', () => {
  it('opens the socket in the same turn', async () => {
    const events: string[] = [];
    const { port, server } = await serve({
      upgrade: () => {
        events.push('upgrade');
        return { data: undefined };
      },
      open: () => events.push('open'),
    });
    server.on('upgrade', () => events.push('end of the turn'));
    expect((await RawPeer.ask(port)).response.status).toBe(101);
    expect(events).toEqual(['upgrade', 'open', 'end of the turn']);
  });

  it('is refused what it is asked about, if it drains the endpoint', async () => {
    const seen: unknown[] = [];
    const { port, endpoint } = await serve({
      upgrade: ({ signal }) => {
        void endpoint.drain();
        seen.push(signal.aborted, endpoint.connectionCount);
        return { data: undefined };
      },
      open: () => seen.push('open'),
    });
    expect((await RawPeer.ask(port)).response.status).toBe(503);
    await endpoint.drain();
    expect(seen).toEqual([true, 0]);
  });

  it('finds the signal aborted that it reads for the first time after that', async () => {
    const seen: unknown[] = [];
    const { port, endpoint } = await serve({
      upgrade: (request) => {
        void endpoint.drain();
        seen.push(request.signal.aborted, request.signal.reason);
        return { data: undefined };
      },
    });
    await RawPeer.ask(port);
    expect(seen).toEqual([true, new Error('The endpoint drains')]);
  });

  it('counts as a connection while it is asked', async () => {
    const counts: number[] = [];
    const { port, endpoint } = await serve({
      upgrade: () => {
        counts.push(endpoint.connectionCount);
        return { data: undefined };
      },
    });
    await RawPeer.open(port);
    await RawPeer.open(port);
    expect(counts).toEqual([1, 2]);
  });

  it('may read its signal, which is not aborted afterwards', async () => {
    const signals: AbortSignal[] = [];
    const { port } = await serve({
      upgrade: ({ signal }) => {
        signals.push(signal);
        return { data: undefined };
      },
    });
    const peer = await RawPeer.open(port);
    peer.socket.end();
    await peer.rest();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('a client that ends its side with its last message', () => {
  it.each([5, 8 * 1024 * 1024])('gets the whole answer of %d bytes before the end', async (size) => {
    const { port, endpoint } = await serve({ message: (socket) => socket.send(Buffer.alloc(size, 'a')) });
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(upgradeRequest(), frame(Opcode.TEXT, 'go'));
    peer.socket.end();
    await peer.response();
    expect((await peer.frame()).payload.equals(Buffer.alloc(size, 'a'))).toBe(true);
    await peer.rest();
    await expect.poll(() => endpoint.connectionCount).toBe(0);
  });
});
