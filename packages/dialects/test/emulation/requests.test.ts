import { once } from 'node:events';
import { get, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type ServeOptions, type Serving, serve } from '../support/serving.ts';

const connect = JSON.stringify({ id: 1, connect: {} });

interface Reading {
  readonly status: number;
  readonly headers: Headers;
  /** The lines of the stream, as they come. */
  next(): Promise<Record<string, unknown>>;
  /** What else comes until the end. */
  rest(): Promise<string>;
  cancel(): Promise<void>;
}

/** Opens a stream, by HTTP streaming. */
async function open({ port }: Serving, body = connect, headers: Record<string, string> = {}): Promise<Reading> {
  const response = await fetch(`http://127.0.0.1:${port}/connection/http_stream`, { method: 'POST', body, headers });
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let text = '';
  /** Returns whether there was more. */
  const more = async () => {
    const { value, done } = await reader.read();
    text += decoder.decode(value, { stream: true });
    return !done;
  };
  return {
    ...{ status: response.status, headers: response.headers, cancel: () => reader.cancel() },
    next: async () => {
      while (!text.includes('\n') && (await more()));
      const [line = '', ...others] = text.split('\n');
      text = others.join('\n');
      return JSON.parse(line);
    },
    rest: async () => {
      while (await more());
      return text;
    },
  };
}

async function post({ port }: Serving, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`http://127.0.0.1:${port}/emulation`, { method: 'POST', body: text, headers });
}

/** A stream and what its commands need. */
async function openSession(serving: Serving) {
  const stream = await open(serving);
  const { connect: result } = await stream.next();
  const { session, node } = Object(result);
  const say = (...commands: object[]) =>
    post(serving, { session, node, data: commands.map((each) => JSON.stringify(each)).join('\n') });
  return { stream, session: String(session), node: String(node), say };
}

describe('an address', () => {
  it('has no more streams than connections, whether or not they say who they are', async () => {
    const { port } = await serve({ hub: { limits: { connectionsPerAddress: 1 } } });
    const open = () => fetch(`http://127.0.0.1:${port}/connection/sse?cf_connect=%7B%7D`);
    const first = await open();
    expect(await (await open()).text()).toContain('3504');
    await first.body?.cancel();
  });
});

describe('commands', () => {
  it('are answered over the stream', async () => {
    const serving = await serve();
    const { stream, say } = await openSession(serving);
    expect((await say({ id: 2, ping: {} }, { id: 3, ping: {} })).status).toBe(204);
    expect(await stream.next()).toEqual({ id: 2, ping: {} });
    expect(await stream.next()).toEqual({ id: 3, ping: {} });
  });

  it('for a session that is not there are as well received as any other', async () => {
    const serving = await serve();
    const { node, session, stream } = await openSession(serving);
    expect(session).toMatch(/^[\w-]{32}$/);
    for (const guess of ['', session.slice(1), `${session}x`, '__proto__']) {
      const response = await post(serving, { session: guess, node, data: '{"id":9,"ping":{}}' });
      expect(response.status).toBe(204);
    }
    await post(serving, { session, node, data: '{"id":2,"ping":{}}' });
    expect(await stream.next()).toEqual({ id: 2, ping: {} });
  });

  it.each(['', 'nobody', 'a.b', '*', '>', 'x'.repeat(65), 'a b\r\nPUB x'])(
    'for a node %j, which is none, get 404',
    async (node) => {
      const serving = await serve();
      expect((await post(serving, { session: 's', node, data: '{}' })).status).toBe(404);
    },
  );

  it.each([
    ['', 400],
    ['null', 400],
    ['[]', 400],
    ['{}', 400],
    ['{"session":1,"node":"n","data":"{}"}', 400],
    ['{"session":"s","node":"n","data":{}}', 400],
    [JSON.stringify({ session: 's', node: 'n', data: 'x'.repeat(70_000) }), 413],
    ['x'.repeat(200_000), 413],
    ['x'.repeat(3_000_000), 413],
  ])('that cannot be read are refused', async (body, status) => {
    const serving = await serve();
    expect((await post(serving, body)).status).toBe(status);
  });

  it('that are no UTF-8 are refused', async () => {
    const { port } = await serve();
    const body = Uint8Array.from(Buffer.from('{"session":"s","node":"n","data":"\xff"}', 'latin1'));
    expect((await fetch(`http://127.0.0.1:${port}/emulation`, { method: 'POST', body })).status).toBe(400);
  });

  it('that are wrong end the session, which says why', async () => {
    const serving = await serve();
    const { stream, say } = await openSession(serving);
    await say({ id: 2, dance: {} });
    expect(await stream.next()).toMatchObject({ push: { disconnect: { code: 3501 } } });
    expect(await stream.rest()).toBe('');
    while (serving.emulation.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('streams', () => {
  it('end with the connection', async () => {
    const serving = await serve();
    const { stream } = await openSession(serving);
    expect(serving.hub.connectionCount).toBe(1);
    await stream.cancel();
    while (serving.hub.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(serving.emulation.connectionCount).toBe(0);
  });

  it('are not kept, changed or held back on the way', async () => {
    const serving = await serve();
    const { headers } = await open(serving);
    expect(headers.get('cache-control')).toBe('no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
  });

  it('of events are made of lines', async () => {
    const serving = await serve();
    const url = `http://127.0.0.1:${serving.port}/connection/sse?cf_connect=${encodeURIComponent(connect)}`;
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = (response.body ?? new ReadableStream()).getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value ?? '').toString()).toMatch(/^data: \{"id":1,"connect":\{.*\}\}\n\n$/);
    await reader.cancel();
  });

  it('need something to begin with', async () => {
    const serving = await serve();
    const base = `http://127.0.0.1:${serving.port}`;
    expect((await fetch(`${base}/connection/sse`)).status).toBe(400);
    const stream = await open(serving, '');
    expect(await stream.next()).toMatchObject({ push: { disconnect: { code: 3501 } } });
    expect((await open(serving, 'x'.repeat(70_000))).status).toBe(413);
  });

  it('are as many as there may be', async () => {
    const serving = await serve({ emulation: { maxConnections: 1 } });
    const { stream } = await openSession(serving);
    expect((await open(serving)).status).toBe(503);
    await stream.cancel();
    while (serving.emulation.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await open(serving)).status).toBe(200);
  });

  it('that nobody reads end, and what waits for them is bounded', async () => {
    const serving = await serve({
      hub: { namespaces: { '': { subscribe: 'everyone', maxQueueSize: 100_000 } }, limits: { queueSize: 200_000 } },
      emulation: { closeTimeout: 200 },
    });
    const commands = `${connect}\n{"id":2,"subscribe":{"channel":"a"}}`;
    const stuck = request({ port: serving.port, path: '/connection/http_stream', method: 'POST' });
    stuck.end(commands);
    const [response] = await once(stuck, 'response');
    response.pause();
    while ((await serving.hub.channels('a')).size === 0) await new Promise((resolve) => setImmediate(resolve));
    while (serving.hub.connectionCount > 0) {
      await serving.hub.publish('a', 'x'.repeat(50_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (serving.emulation.connectionCount > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    stuck.destroy();
  });
});

describe('pages', () => {
  const foreign = { Origin: 'https://evil.example' };
  const statuses = async (options: ServeOptions, headers: Record<string, string>) => {
    const serving = await serve(options);
    const sse = get({
      ...{ port: serving.port, headers },
      path: `/connection/sse?cf_connect=${encodeURIComponent(connect)}`,
    });
    const [response] = await once(sse, 'response');
    sse.destroy();
    const stream = await open(serving, connect, headers);
    const answer = await post(serving, { session: 's', node: serving.hub.node, data: '{}' }, headers);
    return [response.statusCode, stream.status, answer.status];
  };

  it('of other hosts may not come', async () => {
    expect(await statuses({}, foreign)).toEqual([403, 403, 403]);
    expect(await statuses({}, { Origin: 'null' })).toEqual([403, 403, 403]);
  });

  it('of other hosts may come if they are named, and read what they are told', async () => {
    expect(await statuses({ emulation: { origin: ['https://evil.example'] } }, foreign)).toEqual([200, 200, 204]);
    const origin = async (name: string) => name === 'https://evil.example';
    const serving = await serve({ emulation: { origin } });
    const response = await post(serving, {}, foreign);
    expect(response.status).toBe(400);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://evil.example');
    expect(response.headers.get('vary')).toBe('Origin');
  });

  it('that may not come may not read why', async () => {
    const response = await post(await serve(), {}, foreign);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('of the same host may come, and so may programs', async () => {
    const serving = await serve();
    const same = { Origin: `http://127.0.0.1:${serving.port}` };
    expect((await open(serving, connect, same)).status).toBe(200);
    expect(await statuses({}, {})).toEqual([200, 200, 204]);
    expect(await statuses({ emulation: { requireOrigin: true } }, {})).toEqual([403, 403, 403]);
    expect(await statuses({ emulation: { requireOrigin: true } }, { 'Sec-Fetch-Site': 'same-origin' })).toEqual([
      200, 200, 204,
    ]);
  });

  it.each([
    ['images', { 'Sec-Fetch-Mode': 'no-cors' }],
    ['links of another page', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'cross-site' }],
    ['links in a message', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'none' }],
    ['scripts of a neighbour', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-site' }],
    ['links, in a browser that does not say so', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }],
  ])('cannot open streams, and say something in them, as if they were %s', async (_what, headers) => {
    const { port, hub } = await serve();
    const commands = `${connect}\n{"id":2,"publish":{"channel":"chat:a","data":"not mine"}}`;
    const led = get({ port, headers, path: `/connection/sse?cf_connect=${encodeURIComponent(commands)}` });
    const [response] = await once(led, 'response');
    expect(response.statusCode).toBe(403);
    response.resume();
    expect((await hub.history('chat:a')).publications).toEqual([]);
  });

  it('may ask whether they may', async () => {
    const serving = await serve({ emulation: { origin: ['https://good.example'] } });
    const ask = (Origin: string) =>
      fetch(`http://127.0.0.1:${serving.port}/emulation`, { method: 'OPTIONS', headers: { Origin } });
    const permission = await ask('https://good.example');
    expect(permission.status).toBe(204);
    expect(permission.headers.get('access-control-allow-methods')).toBe('POST');
    expect(permission.headers.get('access-control-allow-headers')).toBe('Content-Type');
    expect((await ask('https://evil.example')).status).toBe(403);
  });

  it.each([
    ['/emulation', 'GET', 'POST'],
    ['/connection/http_stream', 'PUT', 'POST'],
    ['/connection/sse', 'POST', 'GET'],
  ])('must ask for %s as is meant, and not by %s', async (path, method, allowed) => {
    const serving = await serve();
    const response = await fetch(`http://127.0.0.1:${serving.port}${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
  });

  it("that are somebody else's are left to them", async () => {
    const serving = await serve();
    expect((await fetch(`http://127.0.0.1:${serving.port}/connection/sse2`)).status).toBe(404);
  });
});
