import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Peer } from '../support.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ port: 0 });
});
afterAll(() => service.stop());

let ids = 0;
const newId = () => (++ids).toString(16).padStart(32, '0');
const endpoint = (name: string, id: string) => `${service.urls.endpoints[name]}?handshake=${id}`;
const recordOf = (id: string, headers: Record<string, string> = {}) =>
  fetch(`${service.urls.pages}api/handshakes/${id}`, { headers });

/** The values of one header. */
const valuesOf = (headers: [string, string][], name: string) =>
  headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);

describe('the record of a handshake', () => {
  test('has no token that was in the URL', async () => {
    const id = newId();
    await Peer.open(`${service.urls.endpoints.lines}?a=1&token=a.secret.token&handshake=${id}`);
    const text = await (await recordOf(id)).text();
    expect(JSON.parse(text).url).toBe(`/connection/lines?a=1&token=(not kept)&handshake=${id}`);
    expect(text).not.toContain('secret');
  });

  test('has the request as it came, and the response as it was sent', async () => {
    const id = newId();
    const peer = await Peer.open(endpoint('echo', id), ['one', 'two'], {
      headers: [
        ['X-TWICE', 'a'],
        ['x-twice', 'b'],
      ],
      origin: 'https://example.com',
    });
    const response = await recordOf(id);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const record = await response.json();
    expect(record).toMatchObject({
      method: 'GET',
      url: `/echo?handshake=${id}`,
      httpVersion: '1.1',
      remoteAddress: '127.0.0.1',
      response: { status: 101 },
    });
    expect(record.request).toContainEqual(['X-TWICE', 'a']);
    expect(record.request).toContainEqual(['x-twice', 'b']);
    expect(valuesOf(record.request, 'origin')).toEqual(['https://example.com']);
    const accept = peer.socket.handshake?.headers.get('Sec-WebSocket-Accept');
    expect(record.response.headers).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', accept],
      ['Sec-WebSocket-Protocol', 'one'],
    ]);
  });

  test('is there for a handshake that was refused', async () => {
    const id = newId();
    await expect(Peer.open(endpoint('hub', id), [], { origin: 'https://evil.example' })).rejects.toThrow();
    expect((await (await recordOf(id)).json()).response).toMatchObject({ status: 403 });
    const other = newId();
    await expect(Peer.open(`${service.urls.pages}nowhere?handshake=${other}`)).rejects.toThrow();
    expect((await (await recordOf(other)).json()).response).toMatchObject({ status: 404 });
  });

  test('does not keep what could let somebody in', async () => {
    const id = newId();
    await Peer.open(endpoint('echo', id), [], { headers: { Cookie: 'session=1', Authorization: 'Bearer 2' } });
    const { request } = await (await recordOf(id)).json();
    expect(valuesOf(request, 'cookie')).toEqual(['(not kept)']);
    expect(valuesOf(request, 'authorization')).toEqual(['(not kept)']);
  });

  test('is of the last handshake with that id', async () => {
    const id = newId();
    await Peer.open(endpoint('echo', id));
    await Peer.open(endpoint('lines', id));
    expect((await (await recordOf(id)).json()).url).toBe(`/connection/lines?handshake=${id}`);
  });

  test.each(['', 'abc', 'x'.repeat(32), 'a'.repeat(15), 'a'.repeat(65), '../health'])(
    'is not kept under the id "%s"',
    async (id) => {
      await Peer.open(endpoint('echo', encodeURIComponent(id)));
      expect((await recordOf(encodeURIComponent(id))).status).toBe(404);
    },
  );

  test('is for pages of the same origin only', async () => {
    const id = newId();
    await Peer.open(endpoint('echo', id));
    const host = `127.0.0.1:${service.port}`;
    expect((await recordOf(id, { Origin: `http://${host}` })).status).toBe(200);
    expect((await recordOf(id, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await recordOf(id, { Origin: 'null' })).status).toBe(403);
    const { headers } = await recordOf(id);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  test('is gone after a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const id = newId();
      await Peer.open(endpoint('echo', id));
      vi.advanceTimersByTime(59_000);
      expect((await recordOf(id)).status).toBe(200);
      vi.advanceTimersByTime(1000);
      expect((await recordOf(id)).status).toBe(404);
    } finally {
      vi.useRealTimers();
    }
  });

  test('gives way to a thousand later ones', async () => {
    const first = newId();
    await refuse(first);
    const second = newId();
    for (let count = 0; count < 999; count++) await refuse(count === 0 ? second : newId());
    expect((await recordOf(first)).status).toBe(200);
    await refuse(newId());
    expect((await recordOf(first)).status).toBe(404);
    expect((await recordOf(second)).status).toBe(200);
  }, 30_000);
});

/** The quickest way to a record: a handshake that is refused. */
async function refuse(id: string): Promise<void> {
  await expect(Peer.open(`ws://127.0.0.1:${service.port}/nowhere?handshake=${id}`)).rejects.toThrow();
}
