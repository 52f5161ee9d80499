import { connect } from 'node:net';
import { CommandError, EngineError, MemoryEngine } from '@tidewire/hub';
import { describe, expect, test } from 'vitest';
import { KEY, problem, serve } from './support.ts';

const message = { channel: 'chat:a', data: 1 };

/** Does its work, but for one operation. */
class BrokenEngine extends MemoryEngine {
  readonly #error: Error;

  constructor(error: Error) {
    super();
    this.#error = error;
  }

  override publish(): Promise<never> {
    return Promise.reject(this.#error);
  }
}

describe('a body', () => {
  test.each([
    ['{"channel":', 'is cut off'],
    ['channel=a', 'is something else'],
    ['', 'is empty but announced'],
  ])('%j is refused where it cannot be read', async (body) => {
    const { post } = await serve();
    const kind = body === '' ? 'invalid-request' : 'malformed-body';
    expect(await post('publish', body)).toMatchObject(problem(kind, 400));
  });

  test('is refused if it is not UTF-8', async () => {
    const { ask } = await serve();
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const body = Buffer.from([0x22, 0xff, 0x22]);
    expect(await ask('/api/publish', { method: 'POST', headers, body })).toMatchObject(
      problem('malformed-body', 400, { detail: 'It is not UTF-8.' }),
    );
  });

  test('is refused if it is nested so deeply that it could not be written again', async () => {
    const { post } = await serve();
    const nested = (levels: number) => `{"channel":"lobby","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(await post('publish', nested(255))).toMatchObject({ status: 200 });
    expect(await post('publish', nested(256))).toMatchObject(problem('malformed-body', 400));
    expect(await post('publish', nested(400_000))).toMatchObject(problem('malformed-body', 400));
    const inText = JSON.stringify({ channel: 'lobby', data: `${'\\"['.repeat(1000)}` });
    expect(await post('publish', inText)).toMatchObject({ status: 200 });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('of type %s is refused, as pages of other origins could send it', async (type) => {
    const { post } = await serve();
    const answer = await post('publish', message, { headers: { 'content-type': type } });
    expect(answer).toMatchObject(problem('unsupported-media-type', 415));
    expect(answer.headers.get('accept')).toBe('application/json');
  });

  test('is refused if it is compressed', async () => {
    const { post } = await serve();
    const answer = await post('publish', message, { headers: { 'content-encoding': 'gzip' } });
    expect(answer).toMatchObject(
      problem('unsupported-media-type', 415, { detail: 'The body must not be compressed.' }),
    );
  });

  test('may have a charset, and upper case', async () => {
    const { post } = await serve();
    for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      expect((await post('publish', message, { headers: { 'content-type': type } })).status).toBe(200);
    }
  });

  test('is refused as soon as it is known to be too large', async () => {
    const { post } = await serve({ maxBody: 1000 });
    const tooLarge = problem('body-too-large', 413, { detail: 'At most 1000 bytes are taken.' });
    expect(await post('publish', { channel: 'chat:a', data: 'x'.repeat(2000) })).toMatchObject(tooLarge);
    const chunk = new TextEncoder().encode('x'.repeat(600));
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    const endless: RequestInit & { readonly duplex: 'half' } = { body, duplex: 'half' };
    expect(await post('publish', undefined, endless)).toMatchObject(tooLarge);
  });
});

describe('what is asked for', () => {
  test('is held to the schema, with a pointer for each thing that is wrong', async () => {
    const { post } = await serve();
    const tags = { 'a/b~c': 1 };
    const { status, body } = await post('publish', { channel: '', tags, skipHistory: 'no', chanel: 'a' });
    expect({ status, body }).toMatchObject(problem('invalid-request', 400));
    const pointers = body.errors.map(({ pointer }) => pointer);
    expect(pointers.toSorted()).toEqual(['#/chanel', '#/channel', '#/data', '#/skipHistory', '#/tags/a~1b~0c']);
    for (const each of body.errors) expect(each.detail).not.toBe('');
  });

  test('gets twenty errors at most, however much is wrong', async () => {
    const { post } = await serve();
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1]));
    expect((await post('info', many)).body.errors.length).toBe(20);
    expect((await post('batch', { commands: [{ info: many }] })).body.errors.length).toBe(20);
  });

  test.each([
    ['disconnect', { user: 'a', reason: 'no code' }, '#/reason'],
    ['disconnect', { user: 'a', code: 1000 }, '#/code'],
    ['history', { channel: 'chat:a', since: { epoch: 'a', offset: -1 } }, '#/since/offset'],
    ['history', { channel: 'chat:a', limit: 1e9 }, '#/limit'],
    ['broadcast', { channels: [], data: 1 }, '#/channels'],
    ['broadcast', { channels: ['a', 7], data: 1 }, '#/channels/1'],
    ['send', { user: 'a' }, '#/data'],
    ['info', { all: true }, '#/all'],
    ['info', [], '#'],
  ])('%s with %j points to %s', async (operation, body, pointer) => {
    const { post } = await serve();
    const answer = await post(operation, body);
    expect(answer).toMatchObject(problem('invalid-request', 400));
    expect(answer.body.errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  test('has an idempotency key that can be kept', async () => {
    const { post } = await serve();
    for (const key of ['x'.repeat(256), '""', 'ü']) {
      const answer = await post('publish', message, { headers: { 'Idempotency-Key': key } });
      expect(answer).toMatchObject(problem('invalid-request', 400, { errors: [{ header: 'Idempotency-Key' }] }));
    }
  });

  test('is there', async () => {
    const { ask } = await serve();
    for (const path of ['/api/nothing', '/api/', '/api/publish/', '/api/publish/x', '/api/__proto__']) {
      for (const method of ['GET', 'POST'])
        expect(await ask(path, { method })).toMatchObject(problem('not-found', 404));
    }
  });

  test('is asked for with the right method', async () => {
    const { ask } = await serve();
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await ask('/api/publish', { method });
      expect(answer).toMatchObject(problem('method-not-allowed', 405));
      expect(answer.headers.get('allow')).toBe('POST');
    }
    const answer = await ask('/api/openapi.json', { method: 'POST' });
    expect(answer).toMatchObject(problem('method-not-allowed', 405));
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test('is for a host that can be one', async () => {
    const { url, failures } = await serve();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('POST /api/publish HTTP/1.1\r\nHost: a b/c\r\nContent-Length: 0\r\n\r\n');
    const chunks: string[] = [];
    for await (const chunk of socket.setEncoding('utf8')) chunks.push(String(chunk));
    expect(chunks.join('')).toMatch(/^HTTP\/1\.1 400 /);
    expect(failures).toEqual([]);
  });
});

describe('what the hub says', () => {
  test.each([
    ['publish', { channel: 'unknown:a', data: 1 }, problem('unknown-channel', 404, { code: 102 })],
    ['publish', { channel: 'chat:*', data: 1 }, problem('refused', 400, { code: 107 })],
    ['history', { channel: 'lobby' }, problem('not-available', 409, { code: 108 })],
    ['presence', { channel: 'lobby' }, problem('not-available', 409, { code: 108 })],
    ['presence_stats', { channel: 'lobby' }, problem('not-available', 409, { code: 108 })],
    ['history_remove', { channel: 'lobby' }, problem('not-available', 409, { code: 108 })],
  ])('of %s with %j is a problem', async (operation, body, expected) => {
    const { post, failures } = await serve();
    expect(await post(operation, body)).toMatchObject(expected);
    expect(failures).toEqual([]);
  });

  test.each([
    ['UNAVAILABLE', 'engine-unavailable', 503],
    ['REQUEST_TIMEOUT', 'engine-unavailable', 503],
    ['STOPPED', 'draining', 503],
    ['TOO_LARGE', 'publication-too-large', 413],
  ] as const)('of an engine with %s is the problem %s', async (code, kind, status) => {
    const engine = new BrokenEngine(new EngineError(code, 'the secret host 10.0.0.1'));
    const { post } = await serve({ hub: { engine, namespaces: { chat: {} } } });
    const answer = await post('publish', message);
    expect(answer).toMatchObject(problem(kind, status));
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test.each([new Error('a secret'), new EngineError('REQUEST_FAILED', 'a secret'), new RangeError('a secret')])(
    'is for the log alone, if nobody could expect it: %s',
    async (error) => {
      const { post, failures } = await serve({ hub: { engine: new BrokenEngine(error), namespaces: { chat: {} } } });
      const answer = await post('publish', message);
      expect(answer).toMatchObject(problem('internal', 500));
      expect(JSON.stringify(answer.body)).not.toContain('secret');
      expect(failures).toEqual([error]);
    },
  );

  test('may have a code of its own', async () => {
    const engine = new BrokenEngine(new CommandError(1234, 'not today'));
    const { post } = await serve({ hub: { engine, namespaces: { chat: {} } } });
    expect(await post('publish', message)).toMatchObject(problem('refused', 400, { code: 1234, detail: 'not today' }));
  });

  test('is that it drains, from when it does', async () => {
    const { hub, post } = await serve();
    const drained = hub.drain();
    const answer = await post('publish', message);
    expect(answer).toMatchObject(problem('draining', 503));
    expect(answer.headers.get('retry-after')).toBe('5');
    await drained;
    expect(await post('publish', message)).toMatchObject(problem('draining', 503));
  });
});
