import { performance } from 'node:perf_hooks';
import { WebSocketEndpoint } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { closeOf, open, serve, signal } from './support/serving.ts';

describe('drain', () => {
  it('closes everybody with the code and reason, and resolves when all are gone', async () => {
    const { url, endpoint } = await serve({});
    const clients = [await open(url), await open(url), await open(url)];
    const closes = clients.map((client) => closeOf(client));
    const drained = endpoint.drain({ reason: 'restart' });
    expect(endpoint.isDraining).toBe(true);
    expect(endpoint.drain()).toBe(drained);
    await drained;
    expect(endpoint.connectionCount).toBe(0);
    for (const close of await Promise.all(closes)) expect(close).toEqual({ code: 1001, reason: 'restart' });
  });

  it('spreads the closes evenly over the time given', async () => {
    const { url, endpoint } = await serve({});
    const clients = [];
    for (let i = 0; i < 5; i++) clients.push(await open(url));
    const start = performance.now();
    const times = clients.map(async (client) => {
      await closeOf(client);
      return performance.now() - start;
    });
    await endpoint.drain({ within: 500, code: 1012 });
    const closedAt = await Promise.all(times);
    // A timer may be late, and by a part of a millisecond early.
    for (const [i, time] of closedAt.entries()) expect(time).toBeGreaterThanOrEqual(i * 100 - 2);
    expect(closedAt[0]).toBeLessThan(closedAt[1] ?? 0);
  });

  it('refuses new upgrades, and those under way, with 503', async () => {
    const asked = signal();
    const { port, endpoint } = await serve({
      upgrade: () => {
        asked.happen();
        return new Promise(() => {});
      },
    });
    const pending = await RawPeer.connect({ port, host: '127.0.0.1' });
    pending.send(upgradeRequest());
    await asked.happened;
    await endpoint.drain();
    expect((await pending.response()).status).toBe(503);
    const { response } = await RawPeer.ask(port);
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it('cuts those that do not close', async () => {
    const { port, endpoint } = await serve({ closeTimeout: false });
    const peer = await RawPeer.open(port);
    await endpoint.drain({ timeout: 50 });
    expect(await peer.closeCode()).toBe(1001);
    await peer.rest();
  });

  it('still takes what clients send until they have closed', async () => {
    const received: unknown[] = [];
    const { port, endpoint } = await serve({ message: (_socket, message) => received.push(message) });
    const peer = await RawPeer.open(port);
    const drained = endpoint.drain();
    await peer.closeCode();
    peer.send(frame(Opcode.TEXT, 'one more thing'), frame(Opcode.CLOSE));
    peer.socket.end();
    await drained;
    expect(received).toEqual(['one more thing']);
  });

  it('resolves at once where there is nobody', async () => {
    await new WebSocketEndpoint({}).drain({ within: 60_000, timeout: 60_000 });
  });

  it.each([
    { within: -1 },
    { within: Number.POSITIVE_INFINITY },
    { timeout: Number.NaN },
    { code: 1005 },
    { reason: 'a'.repeat(124) },
  ])('throws for %j and does nothing', (options) => {
    const endpoint = new WebSocketEndpoint({});
    expect(() => endpoint.drain(options)).toThrow(RangeError);
    expect(endpoint.isDraining).toBe(false);
  });
});

describe('close', () => {
  it('closes all at once, also when a drain is under way', async () => {
    const { url, endpoint } = await serve({});
    const closes = [closeOf(await open(url)), closeOf(await open(url)), closeOf(await open(url))];
    const drained = endpoint.drain({ within: 3_600_000, code: 1012 });
    expect(endpoint.close()).toBe(drained);
    await drained;
    expect((await Promise.all(closes)).map(({ code }) => code)).toEqual([1012, 1012, 1012]);
  });

  it('cuts those that do not close after its own time, also when a drain had more', async () => {
    const { port, endpoint } = await serve({});
    const peer = await RawPeer.open(port);
    const drained = endpoint.drain({ timeout: 3_600_000 });
    await peer.closeCode();
    const since = performance.now();
    void endpoint.close({ timeout: 50 });
    await drained;
    expect(performance.now() - since).toBeLessThan(5000);
  });
});
