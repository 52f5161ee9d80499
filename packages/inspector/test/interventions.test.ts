import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { Inspector } from '../src/index.ts';
import type { Rule } from '../src/recording/index.ts';
import { ended, inspect, messages, next, open, recorded, serve } from './support/inspecting.ts';

const rule = (action: Rule['action'], match: Rule['match'] = {}): Rule => ({ id: 1, match, action, isOn: true });

/** A server of `ws` that says what it gets, and compresses if the client offers it. Returns its URL. */
async function serveCompressing(takesOver: boolean): Promise<{ url: string; got: string[]; server: WebSocketServer }> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: { threshold: 0, serverNoContextTakeover: !takesOver, clientNoContextTakeover: !takesOver },
  });
  await once(server, 'listening');
  const got: string[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data: RawData, isBinary: boolean) => {
      got.push(isBinary ? `bytes ${Buffer.from(data as Buffer).toString('hex')}` : String(data));
      socket.send(data, { binary: isBinary });
    });
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen');
  return { url: `ws://127.0.0.1:${address.port}`, got, server };
}

/** Keeps what a client gets. */
function collect(client: WebSocket): string[] {
  const got: string[] = [];
  client.on('message', (data) => got.push(String(data)));
  return got;
}

describe.each([
  ['uncompressed', false, false],
  ['compressed one by one', true, false],
  ['compressed with what was before', true, true],
])('a message that goes %s', (_how, compresses, takesOver) => {
  async function begin() {
    const { url, got, server } = await serveCompressing(takesOver);
    const inspected = await inspect(url);
    const client = await open(inspected.url, compresses ? { perMessageDeflate: { threshold: 0 } } : {});
    const end = () => {
      client.terminate();
      server.close();
    };
    return { ...inspected, client, got, end };
  }
  // Each repeats what only the one before it said first, so that it cannot be read without that.
  const phrases = [
    'the tide comes in',
    'a ship leaves',
    'gulls cry over the harbour',
    'fog',
    'bells at noon',
    'home again',
  ];
  const texts = phrases.map((phrase, i) => `${phrase}, ${phrases[i - 1] ?? ''}, ${i}`);

  test('waits for a person, and what is behind it does, too', async () => {
    const { inspector, client, got, end } = await begin();
    client.send('first');
    await next(client);
    inspector.rules.set([rule({ type: 'hold' }, { direction: 'toServer', text: '2' })]);
    for (const text of texts) client.send(text);
    client.ping();
    await once(client, 'pong');
    expect(got).toEqual(['first', ...texts.slice(0, 2)]);
    const held = [...inspector.recorder.messages()].find(({ fate }) => fate === 'held');
    expect(held).toMatchObject({ data: texts[2], compressed: compresses });
    const received = collect(client);
    const connection = inspector.live.get(1);
    expect(connection?.release(held?.seq ?? 0)).toBe(true);
    expect(connection?.release(held?.seq ?? 0)).toBe(false);
    while (received.length < 4) await once(client, 'message');
    expect(got).toEqual(['first', ...texts]);
    expect(inspector.recorder.message(held?.seq ?? 0)).toMatchObject({ fate: 'forwarded' });
    end();
  });

  test('goes on as something else, and all behind it can still be read', async () => {
    const { inspector, client, got, end } = await begin();
    client.send('first');
    await next(client);
    inspector.rules.set([rule({ type: 'hold' }, { direction: 'toServer', text: '2' })]);
    const received = collect(client);
    for (const text of texts) client.send(text);
    await recorded(inspector.recorder, () => [...inspector.recorder.messages()].some(({ data }) => data === texts[5]));
    const held = [...inspector.recorder.messages()].find(({ fate }) => fate === 'held');
    expect(inspector.live.get(1)?.release(held?.seq ?? 0, 'EDITED')).toBe(true);
    inspector.rules.set([]);
    client.send('last');
    while (!received.includes('last')) await once(client, 'message');
    expect(got).toEqual(['first', ...texts.slice(0, 2), 'EDITED', ...texts.slice(3), 'last']);
    expect(received).toEqual(got.slice(1));
    expect(inspector.recorder.message(held?.seq ?? 0)).toMatchObject({
      fate: 'edited',
      data: 'EDITED',
      original: texts[2],
      length: 6,
    });
    end();
  });

  test.each(['toServer', 'toClient'] as const)('is dropped by rule %s, and others are not', async (direction) => {
    const { inspector, client, got, end } = await begin();
    const received = collect(client);
    inspector.rules.set([rule({ type: 'drop' }, { direction, pattern: '[13]$' })]);
    for (const text of texts) client.send(text);
    const kept = texts.filter((_, i) => i !== 1 && i !== 3);
    while (!received.includes(texts[5] ?? '')) await once(client, 'message');
    inspector.rules.set([]);
    client.send('1');
    while (!received.includes('1')) await once(client, 'message');
    expect(received).toEqual([...kept, '1']);
    expect(got).toEqual(direction === 'toServer' ? [...kept, '1'] : [...texts, '1']);
    const dropped = [...inspector.recorder.messages()].filter(({ fate }) => fate === 'dropped');
    expect(dropped.map(({ data }) => data)).toEqual([texts[1], texts[3]]);
    end();
  });

  test('is delayed, in its order', async () => {
    const { inspector, client, got, end } = await begin();
    const received = collect(client);
    inspector.rules.set([rule({ type: 'delay', by: 80 }, { direction: 'toServer', text: '1' })]);
    const began = performance.now();
    for (const text of texts) client.send(text);
    while (received.length < texts.length) await once(client, 'message');
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
    expect(got).toEqual(texts);
    expect(inspector.recorder.message(2)?.fate === 'forwarded').toBe(true);
    end();
  });
});

describe('somebody', () => {
  test('puts messages in, both ways, and not within a fragmented one', async () => {
    const { url, got } = await serveCompressing(false);
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    const received = collect(client);
    const connection = inspector.live.get(1);
    client.send('the ', { fin: false });
    await new Promise((resolve) => client.ping(resolve));
    await once(client, 'pong');
    expect(connection?.inject('toServer', 'put in')).toBe(true);
    expect(connection?.inject('toServer', new Uint8Array([1, 2]))).toBe(true);
    expect(connection?.inject('toClient', 'hello')).toBe(true);
    client.send('tide', { fin: true });
    while (!received.includes('put in')) await once(client, 'message');
    expect(got.slice(0, 2)).toEqual(['the tide', 'put in']);
    expect(received[0]).toBe('hello');
    const injected = (await messages(inspector, 6)).filter(({ fate }) => fate === 'injected');
    expect(injected.map(({ direction, data, masked }) => [direction, data, masked])).toEqual([
      ['toServer', 'put in', true],
      ['toServer', new Uint8Array([1, 2]), true],
      ['toClient', 'hello', false],
    ]);
  });

  test('closes a connection with a code, both ways', async () => {
    const closes: number[] = [];
    const { url } = await serve({ close: (_socket, code) => closes.push(code) });
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    inspector.live.get(1)?.close(4321, 'for a test');
    const [code, reason] = await once(client, 'close');
    expect([code, String(reason)]).toEqual([4321, 'for a test']);
    expect((await ended(inspector)).end).toMatchObject({
      code: 4321,
      reason: 'for a test',
      by: 'inspector',
      wasClean: true,
    });
    expect(closes).toEqual([4321]);
  });

  test('has a rule close, and the message that it was about does not go on', async () => {
    const { url, got } = await serveCompressing(false);
    const { url: proxy, inspector } = await inspect(url);
    inspector.rules.set([rule({ type: 'close', code: 1008, reason: 'no' }, { text: 'bad' })]);
    const client = await open(proxy);
    client.send('good');
    client.send('bad');
    client.send('late');
    const [code] = await once(client, 'close');
    expect(code).toBe(1008);
    expect((await ended(inspector)).end).toMatchObject({ by: 'inspector', code: 1008 });
    expect(got).toEqual(['good']);
    const records = [...inspector.recorder.messages()].filter(({ opcode }) => opcode === 1);
    expect(records.filter(({ direction }) => direction === 'toServer').map(({ fate }) => fate)).toEqual([
      'forwarded',
      'dropped',
      'dropped',
    ]);
  });

  test('drops control frames by rule, and a held message lets pings by but not a Close frame', async () => {
    const got: unknown[] = [];
    const { url } = await serve({ message: (_socket, message) => got.push(message) });
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    inspector.rules.set([rule({ type: 'hold' }, { opcodes: [1], direction: 'toServer' })]);
    client.send('held');
    client.ping();
    await once(client, 'pong');
    client.close(1000, 'bye');
    await recorded(inspector.recorder, () => [...inspector.recorder.messages()].some(({ opcode }) => opcode === 8));
    expect(got).toEqual([]);
    expect(inspector.live.get(1)?.release(1)).toBe(true);
    expect((await ended(inspector)).end).toMatchObject({ code: 1000, wasClean: true, by: 'client' });
    // What comes behind a Close frame is not heard.
    expect(got).toEqual(['held']);

    inspector.rules.set([rule({ type: 'drop' }, { opcodes: [10] })]);
    const other = await open(proxy);
    other.on('pong', () => expect.fail('A pong came'));
    other.ping();
    await recorded(inspector.recorder, () => [...inspector.recorder.messages()].at(-1)?.opcode === 10);
    expect([...inspector.recorder.messages()].at(-1)).toMatchObject({ fate: 'dropped' });
  });

  test('stops reading where too much waits, and loses nothing', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    inspector.rules.set([rule({ type: 'hold' }, { text: 'held' })]);
    client.send('held');
    const size = 1024 * 1024;
    for (let i = 0; i < 40; i++) client.send(Buffer.alloc(size, i));
    await messages(inspector, 16);
    while (client.bufferedAmount === 0) await new Promise((resolve) => setImmediate(resolve));
    let received = 0;
    const all = new Promise<void>((resolve) => {
      client.on('message', () => {
        if (++received === 41) resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    // 16 MiB and what was under way.
    expect(inspector.recorder.nextSeq).toBeLessThan(25);
    inspector.rules.set([]);
    inspector.live.get(1)?.release(1);
    await all;
  });

  test('lets messages through that are too large to be gathered', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    inspector.rules.set([rule({ type: 'hold' }, { opcodes: [2] })]);
    const client = await open(proxy);
    client.send(Buffer.alloc(20 * 1024 * 1024, 7));
    const echoed = await next(client);
    expect(echoed.length).toBe(20 * 1024 * 1024);
    const [record] = await messages(inspector, 2);
    expect(record).toMatchObject({ fate: 'forwarded', problem: expect.stringContaining('too large to be gathered') });
    client.send(Buffer.from('small'));
    const records = await messages(inspector, 3);
    expect(records[2]).toMatchObject({ fate: 'held' });
  });
});

test('counts what waiting messages say, and not only the few bytes that they came in', async () => {
  const headers: readonly (readonly [string, string])[] = [
    ['Sec-WebSocket-Extensions', 'permessage-deflate; client_no_context_takeover'],
  ];
  const inspector = new Inspector();
  inspector.rules.set([rule({ type: 'hold' })]);
  const record = inspector.asked({
    url: 'ws://localhost/',
    source: 'ws://localhost',
    request: { method: 'GET', httpVersion: '1.1', headers },
  });
  if (record === undefined) throw new Error('It is not recorded');
  const stream = () => new Duplex({ read: () => {}, write: (_chunk, _encoding, written) => written() });
  const client = stream();
  const connection = inspector.opened(record, { status: 101, headers }, { client, server: stream() });
  onTestFinished(() => connection.cut());
  // Without the four bytes that a flush ends with (RFC 7692, 7.2.1).
  const payload = deflateRawSync(Buffer.alloc(1024 * 1024, 'a'), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
    0,
    -4,
  );
  const header = Buffer.from([0xc1, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  const frame = Buffer.concat([header, payload]);
  for (let sent = 0; sent < 20; sent++) {
    client.push(frame);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(inspector.recorder.message(1)).toMatchObject({ length: 1024 * 1024, fate: 'held' });
  expect(client.isPaused()).toBe(true);
});
