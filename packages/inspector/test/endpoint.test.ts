import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Inspector } from '../src/index.ts';
import type { ConnectionRecord, MessageRecord } from '../src/recording/index.ts';
import { inspect, messages, next, open, serve } from './support/inspecting.ts';
import { serveInspector, TestPage } from './support/page.ts';

const connection: Omit<ConnectionRecord, 'id'> = {
  openedAt: 1,
  url: 'ws://target.example/?token=secret-token-of-somebody',
  source: 'test',
  request: { method: 'GET', httpVersion: '1.1', headers: [['Authorization', 'Bearer abcdefgh']] },
  subprotocol: '',
  extensions: '',
};

const message: Omit<MessageRecord, 'seq'> = {
  connection: 1,
  at: 2,
  direction: 'toServer',
  opcode: 1,
  frames: 1,
  compressed: false,
  masked: true,
  wireLength: 10,
  length: 4,
  data: 'tide',
  isCut: false,
  fate: 'forwarded',
};

describe('a page', () => {
  test('is greeted, and told what there is and what comes once it watches', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    const client = await open(proxy);
    client.send('before');
    await next(client);
    await messages(inspector, 2);
    const page = await TestPage.open(await serveInspector(inspector, { target: url, listens: proxy }));
    expect(await page.until(() => page.said[1])).toEqual({ type: 'state', isRecording: true, rules: [] });
    expect(page.said[0]).toEqual({
      type: 'hello',
      target: url,
      listens: proxy,
      keeps: { bytes: 64 * 1024 * 1024, messages: 100_000, bytesOfMessage: 1024 * 1024 },
      masks: false,
    });
    expect(await page.order({ type: 'watch' })).toMatchObject({ type: 'done' });
    await page.until(() => page.messages.size === 2);
    expect(page.connections.get(1)).toMatchObject({ url: `${url}/`, response: { status: 101 } });
    client.send('after');
    await page.until(() => page.messages.size === 4);
    expect([...page.messages.values()].map(({ data }) => data)).toEqual(['before', 'before', 'after', 'after']);
    client.close(4001, 'done');
    expect(await page.until(() => page.connections.get(1)?.end)).toMatchObject({ code: 4001, reason: 'done' });
  });

  test('gets the beginning of long messages, and the whole when it asks', async () => {
    const inspector = new Inspector();
    inspector.recorder.open(connection);
    const text = 'é'.repeat(5000);
    const bytes = new Uint8Array(5000).fill(7);
    inspector.recorder.add({ ...message, data: text, length: 10_000 });
    inspector.recorder.add({ ...message, data: bytes, opcode: 2, length: 5000 });
    const page = await TestPage.open(await serveInspector(inspector));
    await page.order({ type: 'watch' });
    expect(page.messages.get(1)).toMatchObject({ data: text.slice(0, 2048), length: 10_000, isCut: false });
    expect(Buffer.from(page.messages.get(2)?.bytes ?? '', 'base64').length).toBe(2048);
    expect(await page.order({ type: 'read', seq: 1 })).toMatchObject({ type: 'done', message: { data: text } });
    expect(await page.order({ type: 'read', seq: 3 })).toMatchObject({ type: 'refused' });
  });

  test('is told nothing while it pauses, and the rest when it watches again', async () => {
    const inspector = new Inspector();
    inspector.recorder.open(connection);
    inspector.recorder.add(message);
    const page = await TestPage.open(await serveInspector(inspector));
    await page.order({ type: 'watch' });
    await page.order({ type: 'pause' });
    inspector.recorder.add({ ...message, data: 'meanwhile' });
    await page.order({ type: 'read', seq: 2 });
    expect(page.messages.size).toBe(1);
    await page.order({ type: 'watch', from: 2 });
    expect(page.messages.get(2)).toMatchObject({ data: 'meanwhile' });
  });

  test('learns of what fell out before it was told', async () => {
    const inspector = new Inspector({ messages: 10 });
    inspector.recorder.open(connection);
    for (let i = 0; i < 100; i++) inspector.recorder.add(message);
    const page = await TestPage.open(await serveInspector(inspector));
    await page.order({ type: 'watch', from: 81 });
    expect([page.messages.size, page.missed, page.fellOut]).toEqual([10, 10, 90]);
  });

  test('that does not read is told later what is there then, and how much it missed', async () => {
    const inspector = new Inspector({ messages: 2000 });
    inspector.recorder.open(connection);
    const page = await TestPage.open(await serveInspector(inspector));
    await page.order({ type: 'watch' });
    page.socket.pause();
    const long = { ...message, data: 'x'.repeat(2000), length: 2000 };
    const total = 60_000;
    for (let i = 0; i < total; i += 1000) {
      for (let j = 0; j < 1000; j++) inspector.recorder.add(long);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    page.socket.resume();
    await page.until(() => page.messages.has(total));
    expect(page.messages.size + page.missed).toBe(total);
    expect(page.missed).toBeGreaterThan(0);
    expect(page.fellOut).toBe(total - 2000);
  });

  test('sees no secrets where they are masked, and cannot send a mask by mistake', async () => {
    const inspector = new Inspector();
    inspector.recorder.open(connection);
    inspector.recorder.add({ ...message, data: '{"token":"abcdefghijkl"}' });
    const page = await TestPage.open(await serveInspector(inspector, { masks: true }));
    await page.order({ type: 'watch' });
    const read = await page.order({ type: 'read', seq: 1 });
    const file = await page.order({ type: 'export', format: 'jsonl' });
    expect(file).toMatchObject({ type: 'done', file: expect.stringContaining('"token') });
    expect(JSON.stringify([page.said, read, file])).not.toMatch(/abcdefgh|secret-token/);
    const content = { data: page.messages.get(1)?.data ?? '' };
    expect(await page.order({ type: 'inject', connection: 1, direction: 'toServer', content })).toMatchObject({
      type: 'refused',
      why: expect.stringContaining('masked'),
    });
  });

  test('forgets with all others what is cleared, and numbers go on', async () => {
    const inspector = new Inspector();
    const { id } = inspector.recorder.open(connection);
    inspector.recorder.close(id, { at: 3, code: 1000, reason: '', wasClean: true, by: 'client' });
    inspector.recorder.add(message);
    const { id: lasting } = inspector.recorder.open(connection);
    const address = await serveInspector(inspector);
    const [page, other] = [await TestPage.open(address), await TestPage.open(address)];
    for (const each of [page, other]) await each.order({ type: 'watch' });
    await other.order({ type: 'pause' });
    inspector.recorder.add(message);
    await page.order({ type: 'clear' });
    const cleared = { type: 'cleared', through: 2, connections: [lasting] };
    expect(page.said.at(-2)).toEqual(cleared);
    expect(page.said.at(-1)).toMatchObject({ type: 'done' });
    expect(await other.until(() => other.said.find(({ type }) => type === 'cleared'))).toEqual(cleared);
    inspector.recorder.add(message);
    await page.until(() => page.messages.has(3));
    expect([page.missed, page.fellOut]).toEqual([0, 0]);
  });

  test('ends and begins recording for all', async () => {
    const { url } = await serve();
    const { url: proxy, inspector } = await inspect(url);
    const address = await serveInspector(inspector);
    const [page, other] = [await TestPage.open(address), await TestPage.open(address)];
    await page.order({ type: 'record', isOn: false });
    await other.until(() => other.said.some((said) => said.type === 'state' && !said.isRecording));
    const client = await open(proxy);
    client.send('unseen');
    expect(await next(client)).toBe('unseen');
    expect([...inspector.recorder.connections]).toEqual([]);
    await page.order({ type: 'record', isOn: true });
    await open(proxy);
    expect([...inspector.recorder.connections].length).toBe(1);
  });

  test.each(['har', 'jsonl'] as const)('takes a file in as %s that it was given, under new numbers', async (format) => {
    const inspector = new Inspector();
    inspector.recorder.open({ ...connection, response: { status: 101, headers: [] } });
    inspector.recorder.add(message);
    const page = await TestPage.open(await serveInspector(inspector));
    const exported = await page.order({ type: 'export', format });
    if (exported.type !== 'done' || exported.file === undefined) throw new Error('There is no file');
    expect(await page.order({ type: 'import', text: exported.file })).toMatchObject({ type: 'done' });
    await page.order({ type: 'watch' });
    expect(page.connections.get(2)).toMatchObject({ url: connection.url });
    expect(page.messages.get(2)).toMatchObject({ connection: 2, data: 'tide' });
  });
});

describe('an order that makes no sense is refused:', () => {
  test.each<[string, unknown]>([
    ['no JSON', undefined],
    ['no object', 7],
    ['no type', { order: 1 }],
    ['an unknown type', { order: 1, type: 'constructor' }],
    ['a number that is text', { order: 1, type: 'read', seq: '1' }],
    ['rules that are no list', { order: 1, type: 'rules', rules: {} }],
    ['a rule without a match', { order: 1, type: 'rules', rules: [{ id: 1, action: { type: 'drop' }, isOn: true }] }],
    [
      'a pattern that is none',
      { order: 1, type: 'rules', rules: [{ id: 1, match: { pattern: '(' }, action: { type: 'drop' }, isOn: true }] },
    ],
    [
      'a delay without an end',
      { order: 1, type: 'rules', rules: [{ id: 1, match: {}, action: { type: 'delay', by: 1e12 }, isOn: true }] },
    ],
    ['a code that must not be sent', { order: 1, type: 'close', connection: 1, code: 1006, reason: '' }],
    ['a reason that is too long', { order: 1, type: 'close', connection: 1, code: 1000, reason: 'é'.repeat(62) }],
    [
      'bytes that are no base64',
      { order: 1, type: 'inject', connection: 1, direction: 'toServer', content: { bytes: '*' } },
    ],
    ['a connection that is not there', { order: 1, type: 'cut', connection: 9 }],
    ['a message that does not wait', { order: 1, type: 'release', seq: 9 }],
    ['a file that is none', { order: 1, type: 'import', text: 'hello' }],
  ])('%s', async (_what, order) => {
    const page = await TestPage.open(await serveInspector(new Inspector()));
    page.socket.send(order === undefined ? '{' : JSON.stringify(order));
    const answer = await page.until(() => page.said.find(({ type }) => type === 'refused'));
    expect(answer).toMatchObject({ type: 'refused', why: expect.stringMatching(/\w/) });
    expect(await page.order({ type: 'watch' })).toBeDefined();
  });
});

test('who may not look on gets 401, and who may not any more is closed', async () => {
  let isAllowed = false;
  const url = await serveInspector(new Inspector(), { authorize: () => isAllowed });
  const refused = new WebSocket(url);
  const [, response] = await once(refused, 'unexpected-response');
  expect(response.statusCode).toBe(401);
  isAllowed = true;
  const page = await TestPage.open(url);
  isAllowed = false;
  page.socket.send(JSON.stringify({ type: 'watch', order: 1 }));
  const [code] = await once(page.socket, 'close');
  expect(code).toBe(1008);
});
