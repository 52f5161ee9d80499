import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Peer, rawWebSocket } from '../../support.ts';
import { scrape } from './scrape.ts';

async function start(options: ServiceOptions = {}): Promise<Service> {
  const service = await startService({ port: 0, ...options });
  onTestFinished(() => service.stop(0));
  return service;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const urlOf = ({ port }: Service) => `http://127.0.0.1:${port}/metrics`;

describe('/metrics', () => {
  test('is text in the format of Prometheus, which nobody keeps', async () => {
    const service = await start();
    const response = await fetch(urlOf(service));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toMatch(/^# HELP tidewire_\w+ .+\n# TYPE tidewire_\w+ \w+\n/);
  });

  test('has no body for HEAD, and no other methods', async () => {
    const service = await start();
    const head = await fetch(urlOf(service), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
    expect(await head.text()).toBe('');
    expect((await fetch(urlOf(service), { method: 'POST' })).status).toBe(405);
  });

  test('is told to who has the key only, if there is one', async () => {
    const service = await start({ metrics: { key: 'very secret indeed' } });
    for (const authorization of ['', 'Bearer', 'Bearer very secret', 'Basic very secret indeed', 'Bearer other']) {
      const response = await fetch(urlOf(service), { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="metrics"');
      expect(await response.text()).not.toContain('tidewire_');
    }
    const headers = { authorization: 'Bearer very secret indeed' };
    expect((await scrape(service.port, { headers })).types.has('tidewire_info')).toBe(true);
  });

  test('may be on an address of its own, with nothing else there, and is not on the one of the service then', async () => {
    const port = await freePort();
    const service = await start({ metrics: { address: { host: '127.0.0.1', port } } });
    expect((await scrape(port)).types.has('tidewire_info')).toBe(true);
    expect((await fetch(urlOf(service))).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(404);
    await service.stop(0);
    await expect(scrape(port)).rejects.toThrow();
  });

  test('keeps the service from starting if its address is taken', async () => {
    const taken = await start();
    const metrics = { address: { host: '127.0.0.1', port: taken.port } };
    await expect(startService({ port: 0, metrics })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('is not there if nothing is to be counted', async () => {
    const service = await start({ metrics: false });
    expect((await fetch(urlOf(service))).status).toBe(404);
  });

  test.each([
    ['metrics.key', { key: '' }],
    ['metrics.address.host', { address: { host: ' ', port: 0 } }],
  ])('%s must not be empty', async (name, metrics) => {
    await expect(startService({ port: 0, metrics })).rejects.toThrow(`The option ${name} must not be empty`);
  });
});

describe('what happens on the endpoints', () => {
  test('is counted by endpoint and close code', async () => {
    const service = await start();
    const url = service.urls.endpoints.echo ?? '';
    const [stays, leaves] = [await Peer.open(url), await Peer.open(url)];
    leaves.socket.close(4711);
    await leaves.closed;
    const cut = await rawWebSocket(service.port);
    cut.destroy();
    const { values } = await until(service, ({ values: all }) => all.get('tidewire_websockets{endpoint="echo"}') === 1);
    expect(values.get('tidewire_websockets{endpoint="hub"}')).toBe(0);
    expect(values.get('tidewire_websockets_opened_total{endpoint="echo"}')).toBe(3);
    expect(values.get('tidewire_websockets_closed_total{endpoint="echo",code="application"}')).toBe(1);
    expect(values.get('tidewire_websockets_closed_total{endpoint="echo",code="1006"}')).toBe(1);
    stays.socket.close();
  });

  test('is counted by the reason of a refusal', async () => {
    const service = await start({ maxConnections: 0 });
    await expect(Peer.open(service.urls.endpoints.echo ?? '')).rejects.toThrow();
    await expect(Peer.open(`ws://127.0.0.1:${service.port}/nowhere`)).rejects.toThrow();
    const { values } = await scrape(service.port);
    const refused = 'tidewire_handshakes_refused_total';
    expect(values.get(`${refused}{endpoint="echo",reason="TOO_MANY_CONNECTIONS"}`)).toBe(1);
    expect(values.get(`${refused}{endpoint="(none)",reason="NO_ENDPOINT"}`)).toBeGreaterThanOrEqual(1);
  });

  test('is counted in bytes, of connections that are gone and of those that stay', async () => {
    const service = await start();
    const before = (await scrape(service.port)).values;
    const bytesIn = (values: ReadonlyMap<string, number>) => values.get('tidewire_network_received_bytes_total') ?? 0;
    const bytesOut = (values: ReadonlyMap<string, number>) => values.get('tidewire_network_sent_bytes_total') ?? 0;
    for (const isGone of [true, false]) {
      const peer = await Peer.open(service.urls.endpoints.echo ?? '');
      peer.socket.send(new Uint8Array(50_000));
      await peer.next();
      if (!isGone) continue;
      peer.socket.close();
      await peer.closed;
    }
    const { values } = await scrape(service.port);
    expect(bytesIn(values) - bytesIn(before)).toBeGreaterThan(100_000);
    expect(bytesIn(values) - bytesIn(before)).toBeLessThan(103_000);
    expect(bytesOut(values) - bytesOut(before)).toBeGreaterThan(100_000);
    expect(values.get('tidewire_network_connections')).toBeGreaterThanOrEqual(2);
  });

  test('tells the round trips of the heartbeat', async () => {
    const service = await start({ heartbeat: { interval: 100, timeout: 5000 } });
    await Peer.open(service.urls.endpoints.echo ?? '');
    const count = 'tidewire_ping_round_trip_seconds_count{of="heartbeat"}';
    const { values } = await until(service, (all) => (all.values.get(count) ?? 0) > 0);
    expect(values.get('tidewire_ping_round_trip_seconds_bucket{of="heartbeat",le="+Inf"}')).toBe(values.get(count));
    expect(values.get('tidewire_ping_round_trip_seconds_sum{of="heartbeat"}')).toBeLessThan(5);
  });

  test('is that of the service itself, where a process runs several', async () => {
    const [one, other] = [await start(), await start()];
    await Peer.open(one.urls.endpoints.echo ?? '');
    expect((await scrape(one.port)).values.get('tidewire_websockets_opened_total{endpoint="echo"}')).toBe(1);
    expect((await scrape(other.port)).values.has('tidewire_websockets_opened_total{endpoint="echo"}')).toBe(false);
  });
});

/** Scrapes until something is so. */
async function until({ port }: Service, isSo: (all: Awaited<ReturnType<typeof scrape>>) => boolean) {
  for (;;) {
    const all = await scrape(port);
    if (isSo(all)) return all;
  }
}
