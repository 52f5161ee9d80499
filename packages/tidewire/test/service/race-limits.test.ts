import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Peer } from '../support.ts';
import { nextMessage, RawClient, TestRun, upgradeHeaders } from './race-support.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ port: 0 });
});
afterAll(() => service.stop());

const control = () => `ws://127.0.0.1:${service.port}/race/control`;
const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${service.port}${path}`, init);
const paths = ['polling', 'long-polling', 'events', 'stream'];

describe('a lane', () => {
  test.each(paths)('%s is for a run that there is', async (lane) => {
    for (const query of ['', '?run=', '?run=toString', `?run=${'A'.repeat(24)}`]) {
      const response = await ask(`/race/${lane}${query}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('There is no such run.\n');
    }
  });

  test('of a WebSocket is for a run that there is', async () => {
    const url = `ws://127.0.0.1:${service.port}/race/socket?run=none`;
    await expect(Peer.open(url)).rejects.toMatchObject({ response: { status: 404 } });
  });

  test.each(paths)('%s is for pages of this server only', async (lane) => {
    const run = await TestRun.open(service.port);
    for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const response = await ask(run.path(lane), { headers });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await ask(run.path(lane), { method: 'POST' })).status).toBe(405);
  });

  test('of a WebSocket and the control connection are for pages of this server only', async () => {
    const run = await TestRun.open(service.port);
    const elsewhere = { origin: 'https://evil.example' };
    const socket = `ws://127.0.0.1:${service.port}${run.path('socket')}`;
    for (const url of [control(), socket]) {
      await expect(Peer.open(url, [], elsewhere)).rejects.toMatchObject({ response: { status: 403 } });
    }
  });

  test('of a WebSocket may be asked for a second time, by the name with a dot, if the first came otherwise', async () => {
    const run = await TestRun.open(service.port);
    const second = async (origin: string) => {
      const client = await RawClient.open(service.port);
      const headers = [`Host: localhost.:${service.port}`, `Origin: ${origin}`, ...upgradeHeaders];
      client.write(`GET ${run.path('socket')} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      await client.shows(/\r\n\r\n/);
      return client;
    };
    const own = `http://localhost:${service.port}`;
    for (const elsewhere of ['http://localhost.evil.example', `http://evil.example:${service.port}`]) {
      expect((await second(elsewhere)).received).toContain('HTTP/1.1 403');
    }
    const first = await second(own);
    expect(first.received).toContain('HTTP/1.1 101');
    expect((await second(own)).received).toContain('HTTP/1.1 409');
    run.begin(10);
    await first.shows(/"n":2,/);
  });

  test('takes the newer of two requests', async () => {
    const run = await TestRun.open(service.port);
    const first = await RawClient.open(service.port);
    first.get(run.path('stream'));
    await first.shows(/\r\n\r\n/);
    const ended = new Promise((resolve) => first.socket.once('close', resolve));
    const second = await RawClient.open(service.port);
    second.get(run.path('stream'));
    await second.shows(/\r\n\r\n/);
    await ended;
    run.begin(10);
    await second.shows(/"n":3,/);
  });

  test('is refused what comes too fast', async () => {
    // Time stands still: what three seconds bring may come at once, and nothing is added to it.
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const run = await TestRun.open(service.port);
      for (let count = 0; count < 300; count += 1) expect((await ask(run.path('polling'))).status).toBe(200);
      expect((await ask(run.path('polling'))).status).toBe(429);
    } finally {
      vi.useRealTimers();
    }
  });

  test('takes fewer requests that ask for many messages again and again', async () => {
    const run = await TestRun.open(service.port);
    run.begin(50);
    const reader = await RawClient.open(service.port);
    reader.get(run.path('stream'));
    await reader.shows(/"n":101,/);
    run.send({ type: 'settings', rate: 0.2, delay: 0 });
    const since = performance.now();
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(since - performance.now());
    try {
      let taken = 0;
      for (;;) {
        const response = await ask(run.path('stream'));
        await response.body?.cancel();
        if (response.status === 429) break;
        taken += 1;
      }
      // Each costs three: itself, and two pieces of what was missed.
      expect(taken).toBeGreaterThan(50);
      expect(taken).toBeLessThan(150);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a run', () => {
  test('has an id that nobody guesses', async () => {
    const [one, other] = [await TestRun.open(service.port), await TestRun.open(service.port)];
    expect(one.id).toMatch(/^[\w-]{24}$/);
    expect(one.id).not.toBe(other.id);
  });

  test('ends with its control connection, and its lanes with it', async () => {
    const run = await TestRun.open(service.port);
    const clients = [];
    for (const lane of ['stream', 'events', 'long-polling', 'socket']) {
      const client = await RawClient.open(service.port);
      client.get(run.path(lane), lane === 'socket' ? upgradeHeaders : []);
      if (lane !== 'long-polling') await client.shows(/\r\n\r\n/);
      clients.push(client);
    }
    await run.tally('long-polling');
    const ended = clients.slice(0, 3).map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    run.peer.socket.terminate();
    await Promise.all(ended);
    // A Close frame with 1000.
    await clients[3]?.shows(new RegExp(`${String.fromCharCode(0x88, 2, 0x03, 0xe8)}$`));
    expect((await ask(run.path('polling'))).status).toBe(404);
  });

  test('is over after five minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    try {
      const run = await TestRun.open(service.port);
      vi.advanceTimersByTime(299_000);
      expect((await ask(run.path('polling'))).status).toBe(200);
      vi.advanceTimersByTime(1000);
      expect(await run.peer.closed).toMatchObject({ code: 1000, reason: 'The race is over its time' });
      expect((await ask(run.path('polling'))).status).toBe(404);
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends over what is no message of the race', async () => {
    for (const text of ['', 'start', '{}', '{"type":"settings","rate":"9","delay":1}', '[1]']) {
      const { peer } = await TestRun.open(service.port);
      peer.socket.send(text);
      expect(await peer.closed).toMatchObject({ code: 1008 });
    }
    const { peer } = await TestRun.open(service.port);
    peer.socket.send('x'.repeat(2000));
    expect(await peer.closed).toMatchObject({ code: 1009 });
  });

  test('ends over too many messages', async () => {
    const run = await TestRun.open(service.port);
    for (let sent = 0; sent < 200; sent += 1) run.send({ type: 'ping', sent });
    expect(await run.peer.closed).toMatchObject({ code: 1008, reason: 'Too many messages' });
  });

  test('keeps to the limits of its settings', async () => {
    const run = await TestRun.open(service.port);
    run.begin(1e9, 1e9);
    const began = performance.now();
    // With the delay that was asked for the answer would never come.
    expect((await ask(run.path('polling'))).status).toBe(200);
    const { messages } = await run.tally('polling');
    expect(messages).toBeLessThanOrEqual(((performance.now() - began) / 1000) * 50 + 1);
  });

  test('has the time of the server', async () => {
    const run = await TestRun.open(service.port);
    run.send({ type: 'ping', sent: 12.5 });
    const pong = await nextMessage(run.peer);
    expect(pong).toMatchObject({ type: 'pong', sent: 12.5 });
    expect(Math.abs((pong.type === 'pong' ? pong.at : 0) - Date.now())).toBeLessThan(10_000);
  });
});

describe('runs from one address', () => {
  test('are eight at most, whatever others do', async () => {
    const crowded = await startService({ port: 0 });
    try {
      const runs = [];
      for (let count = 0; count < 8; count += 1) runs.push(await TestRun.open(crowded.port));
      const ninth = await Peer.open(`ws://127.0.0.1:${crowded.port}/race/control`);
      expect(await nextMessage(ninth)).toEqual({ type: 'ended', reason: 'full' });
      expect(await ninth.closed).toMatchObject({ code: 1013 });
      const neighbour = await RawClient.open(crowded.port, '127.0.0.2');
      neighbour.get('/race/control', upgradeHeaders);
      await neighbour.shows(/"welcome"/);
      runs[0]?.peer.socket.close();
      await runs[0]?.peer.closed;
      await TestRun.open(crowded.port);
    } finally {
      await crowded.stop();
    }
  });
});
