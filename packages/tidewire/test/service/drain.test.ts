import { type Service, startService } from 'tidewire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Peer, rawWebSocket } from '../support.ts';

async function start(): Promise<Service> {
  const service = await startService({ port: 0 });
  onTestFinished(() => service.stop());
  return service;
}

describe('a service that drains', () => {
  test('sends its clients away one after the other, and takes no more', async () => {
    const service = await start();
    const peers = await Promise.all(Array.from({ length: 40 }, () => Peer.open(service.urls.endpoints.echo ?? '')));
    const since = performance.now();
    const times = peers.map(async ({ closed }) => {
      expect(await closed).toMatchObject({ code: 1001, wasClean: true });
      return performance.now() - since;
    });
    const drained = service.drain(60_000);
    await expect(Peer.open(service.urls.endpoints.echo ?? '')).rejects.toMatchObject({ response: { status: 503 } });
    await drained;
    const sorted = (await Promise.all(times)).sort((one, other) => one - other);
    // Forty are a hundred a second: the window of a minute is for many.
    expect(sorted.at(-1)).toBeGreaterThan(350);
    expect(sorted.at(-1)).toBeLessThan(20_000);
    expect((sorted[30] ?? 0) - (sorted[10] ?? 0)).toBeGreaterThan(100);
  });

  test('ends at once when it is stopped meanwhile', async () => {
    const service = await start();
    const peers = await Promise.all(Array.from({ length: 200 }, () => Peer.open(service.urls.endpoints.echo ?? '')));
    await rawWebSocket(service.port);
    const since = performance.now();
    const drained = service.drain(60_000, 60_000);
    await service.stop(100);
    await drained;
    for (const { closed } of peers) expect((await closed).code).toBe(1001);
    expect(performance.now() - since).toBeLessThan(20_000);
  });
});
