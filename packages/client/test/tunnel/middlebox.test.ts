import { describe, expect, it } from 'vitest';
import { middlebox } from '../support/middlebox.ts';
import { closeOf, open } from '../support/sockets.ts';
import { Collected, serve } from '../support/tunnels.ts';

const transports = ['websocket', 'stream', 'poll'] as const;

describe('through a middlebox', () => {
  it('that lets streams through, it streams, and survives being cut off', async () => {
    const box = await middlebox((await serve()).url);
    const collected = new Collected(await open(box.url, { transports }));
    for (let round = 0; round < 10; round++) {
      await collected.echo(100);
      box.cut();
    }
    await collected.echo(100);
    const closed = closeOf(collected.socket);
    collected.socket.close(1000);
    expect((await closed).wasClean).toBe(true);
  });

  it('that buffers answers, it finds that out and polls', async () => {
    const box = await middlebox((await serve()).url, { buffers: true });
    const collected = new Collected(await open(box.url, { transports }));
    await collected.echo(1000);
    expect(collected.socket.transport).toBe('poll');
  });

  it('that begins to buffer only later, it goes on', async () => {
    const box = await middlebox((await serve({ tunnel: { heartbeatInterval: 1000 } })).url);
    const collected = new Collected(await open(box.url, { transports }));
    await collected.echo(100);
    expect(collected.socket.transport).toBe('stream');
    box.meddling = { buffers: true };
    await collected.echo(100);
    expect(collected.socket.transport).not.toBe('interval');
  });

  it('that cuts what is held, it asks in intervals', { timeout: 30_000 }, async () => {
    const box = await middlebox((await serve({ tunnel: { pollInterval: 100 } })).url, { buffers: true, longest: 1100 });
    const collected = new Collected(await open(box.url, { transports }));
    while (collected.socket.transport !== 'interval') await new Promise((resolve) => setTimeout(resolve, 50));
    await collected.echo(100);
    const closed = closeOf(collected.socket);
    collected.socket.close(1000);
    expect((await closed).wasClean).toBe(true);
  });
});
