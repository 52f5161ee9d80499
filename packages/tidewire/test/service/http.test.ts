import { type IncomingHttpHeaders, request } from 'node:http';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Peer, rawWebSocket } from '../support.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ port: 0 });
});
afterAll(() => service.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** With the path as it is: `fetch` would tidy it up. */
function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: service.port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

const assetsOf = (page: string) => [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);

test('an empty host is refused, not taken for every interface', async () => {
  for (const host of ['', ' ']) {
    await expect(startService({ host, port: 0 })).rejects.toThrow(new RangeError('The option host must not be empty'));
  }
});

describe('the pages', () => {
  const operators = ['/console', '/console/channels', '/console/connections', '/console/login?to=/console'];
  test.each(['/', '/echo', '/chat', '/race', '/echo?url=ws://example.com', ...operators])(
    '%s is a page that runs no foreign script',
    async (path) => {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(200);
      expect(body).toMatch(/^<!doctype html>/);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(body).not.toMatch(/<script(?![^>]*\ssrc=)/);
    },
  );

  test('only the pages that need it may connect elsewhere', async () => {
    const policies = await Promise.all(['/', '/chat', '/race', '/echo'].map(async (path) => (await ask(path)).headers));
    const sources = policies.map(
      (headers) => /connect-src ([^;]+)/.exec(String(headers['content-security-policy']))?.[1],
    );
    expect(sources).toEqual(["'self'", "'self'", "'self' wss:", "'self' ws: wss:"]);
  });

  test('what a page loads is there, and may be kept for ever', async () => {
    const assets = assetsOf((await ask('/chat')).body);
    expect(assets.length).toBeGreaterThan(2);
    for (const path of assets) {
      const { status, headers } = await ask(path);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-type']).toMatch(/^(?:text\/(?:javascript|css); charset=utf-8|image\/svg\+xml)$/);
    }
  });

  test('a page that has not changed is not sent again', async () => {
    const { headers } = await ask('/chat');
    const etag = String(headers.etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('/chat', 'GET', { 'If-None-Match': known });
      expect(again).toMatchObject({ status: 304, body: '' });
      expect(again.headers.etag).toBe(etag);
    }
    expect((await ask('/chat', 'GET', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  test('HEAD gets the headers of GET, and no body', async () => {
    const [head, get] = await Promise.all([ask('/echo', 'HEAD'), ask('/echo')]);
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers.etag).toBe(get.headers.etag);
  });
});

describe('anything else', () => {
  test.each(['/nothing', '/echo/', '/index.html', '/assets/', '/assets/none.js', '//echo', '*'])(
    '%s is 404',
    async (path) => {
      const { status, headers } = await ask(path);
      expect(status).toBe(404);
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  test.each([
    '/../package.json',
    '/assets/../index.html',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..\\..\\package.json',
    '/assets//etc/passwd',
    '/assets/%00',
  ])('no file can be reached through %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
    const { status, headers } = await ask('/echo', method);
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
  });

  test('a request in the absolute form is understood', async () => {
    expect((await ask(`http://127.0.0.1:${service.port}/chat`)).status).toBe(200);
    expect((await ask(`http://127.0.0.1:${service.port}`)).status).toBe(200);
  });

  test('a WebSocket to a path without an endpoint is refused with 404', async () => {
    await expect(Peer.open(`ws://127.0.0.1:${service.port}/`)).rejects.toMatchObject({ response: { status: 404 } });
  });
});

describe('/health', () => {
  test('counts the connections of each endpoint', async () => {
    const peers = await Promise.all(
      ['echo', 'echo', 'lines'].map((name) => Peer.open(service.urls.endpoints[name] ?? '')),
    );
    const { status, headers, body } = await ask('/health');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(JSON.parse(body)).toEqual({
      status: 'ok',
      uptime: expect.any(Number),
      connections: { hub: 0, lines: 1, emulation: 0, echo: 2, race: 0, 'race-lane': 0 },
    });
    for (const { socket } of peers) socket.close();
  });

  test.each(['ready', 'live'])('/%s says that new clients may come', async (what) => {
    const { status, body } = await ask(`/health/${what}`);
    expect({ status, body: JSON.parse(body) }).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('is 503 while the service stops, and new WebSockets get that answer, too', async () => {
    const stopping = await startService({ port: 0 });
    // A client that does not answer the close keeps the service in that state.
    const silent = await rawWebSocket(stopping.port);
    const stopped = stopping.stop(10_000);
    const health = await fetch(`http://127.0.0.1:${stopping.port}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'draining', connections: { echo: 1, hub: 0 } });
    const ready = await fetch(`http://127.0.0.1:${stopping.port}/health/ready`);
    expect({ status: ready.status, body: await ready.json() }).toEqual({ status: 503, body: { status: 'draining' } });
    expect((await fetch(`http://127.0.0.1:${stopping.port}/health/live`)).status).toBe(200);
    const url = stopping.urls.endpoints.echo ?? '';
    await expect(Peer.open(url)).rejects.toMatchObject({ response: { status: 503 } });
    silent.destroy();
    await stopped;
    await expect(Peer.open(url)).rejects.toMatchObject({ code: 'CONNECT' });
  });
});
