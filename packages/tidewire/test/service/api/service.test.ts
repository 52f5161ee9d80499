import { request } from 'node:http';
import { pino } from 'pino';
import { type ServiceOptions, startService } from 'tidewire';
import { expect, onTestFinished, test } from 'vitest';
import { Peer } from '../../support.ts';
import { scrape } from '../metrics/scrape.ts';
import { KEY, problem } from './support.ts';

const api = { keys: [{ name: 'backend', key: KEY }] };
const hub = { namespaces: { chat: { subscribe: 'everyone', history: { size: 10, ttl: 60_000 } } } } as const;

async function start(options: ServiceOptions) {
  const service = await startService({ port: 0, hub, ...options });
  onTestFinished(() => service.stop(0));
  const post = async (operation: string, body: unknown, more: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${service.port}/api/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return { service, post };
}

test('the service publishes to its clients what the API is given, and counts it', async () => {
  const { service, post } = await start({ api });
  const peer = await Peer.open(`ws://127.0.0.1:${service.port}/connection/lines?token=`);
  peer.socket.send('{"subscribe":"chat:a"}');
  await lineWith(peer, 'subscribed');
  const { status, body } = await post('publish', { channel: 'chat:a', data: { text: 'Hello' } });
  expect(status).toBe(200);
  const line = await lineWith(peer, 'publication');
  expect(line).toMatchObject({ publication: 'chat:a', data: { text: 'Hello' }, offset: body.position.offset });
  const { values } = await scrape(service.port);
  expect(values.get('tidewire_api_requests_total{operation="publish",status="200"}')).toBe(1);
  expect(values.get('tidewire_publications_received_total{namespace="chat"}')).toBe(1);
  expect(values.get('tidewire_publications_delivered_total{namespace="chat"}')).toBe(1);
  expect(values.get('tidewire_connections{transport="websocket"}')).toBe(1);
  expect(values.get('tidewire_subscriptions{namespace="chat"}')).toBe(1);
  expect(values.get('tidewire_engine_operation_duration_seconds_count{operation="publish"}')).toBeGreaterThan(0);
  const [info] = [...values.keys()].filter((key) => key.startsWith('tidewire_info'));
  expect(info).toMatch(/^tidewire_info\{version="\d+\.\d+\.\d+",engine="memory",node="[0-9a-f-]{36}"\}$/);
});

test('without keys there is no API', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) });
  const { service, post } = await start({ log });
  for (let count = 0; count < 3; count++) {
    expect(await post('publish', {})).toMatchObject(problem('not-found', 404));
  }
  expect(lines.filter((line) => line.includes('it has no keys'))).toHaveLength(1);
  const { status } = await fetch(`http://127.0.0.1:${service.port}/api/openapi.json`);
  expect(status).toBe(404);
});

test('keys may come and go while the service runs', async () => {
  const { service, post } = await start({});
  service.reconfigure({ hub, api });
  expect((await post('info', {})).status).toBe(200);
  service.reconfigure({ hub });
  expect((await post('info', {})).status).toBe(404);
});

test('a key that makes no sense keeps the service from starting, and from taking over anything', async () => {
  const short = { keys: [{ name: 'a', key: 'short' }] };
  await expect(startService({ port: 0, api: short })).rejects.toThrow('The API key a must have 16 or more characters');
  const { service, post } = await start({ api });
  expect(() => service.reconfigure({ hub, api: short })).toThrow(RangeError);
  expect((await post('info', {})).status).toBe(200);
});

test('the API leaves the handshakes of the pages where they are, and opens nothing to pages', async () => {
  const { service, post } = await start({ api });
  const response = await fetch(`http://127.0.0.1:${service.port}/api/handshakes/0123456789abcdef`);
  expect(await response.text()).toBe('No handshake is known by this id.\n');
  const { headers } = await post('info', {}, { origin: 'https://example.com' });
  expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test('a target in the absolute form is understood', async () => {
  const { service } = await start({ api });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const status = await new Promise((resolve) => {
    const path = `http://127.0.0.1:${service.port}/api/info`;
    request({ port: service.port, path, method: 'POST', headers }, ({ statusCode }) => resolve(statusCode)).end('{}');
  });
  expect(status).toBe(200);
});

/** The next line of a client without an SDK that says this. */
async function lineWith(peer: Peer, what: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line: Record<string, unknown> = JSON.parse(String(await peer.next()));
    if (what in line) return line;
  }
}
