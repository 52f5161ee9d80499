import { once } from 'node:events';
import { createServerApi } from 'tidewire';
import { describe, expect, test } from 'vitest';
import { startHub } from '../../../../hub/test/support/visiting.ts';
import { KEY, problem, serve } from './support.ts';

const message = { channel: 'chat:a', data: 1 };
const json = { 'content-type': 'application/json' };

describe('a key', () => {
  test('is taken from either header', async () => {
    const { ask } = await serve();
    const headersOf = [{ authorization: `Bearer ${KEY}` }, { authorization: `bearer  ${KEY}` }, { 'x-api-key': KEY }];
    for (const headers of headersOf) {
      const init = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(message) };
      expect((await ask('/api/publish', init)).status).toBe(200);
    }
  });

  test('is needed, and nothing is read without one', async () => {
    const { ask } = await serve();
    const body = '{"channel":';
    const none = await ask('/api/publish', { method: 'POST', headers: json, body });
    expect(none).toMatchObject(problem('unauthorized', 401));
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="tidewire"');
    const wrong = [`Bearer ${KEY}x`, `Bearer ${KEY.slice(1)}`, 'Bearer', `Basic ${KEY}`, ''];
    for (const authorization of wrong) {
      const answer = await ask('/api/publish', { method: 'POST', headers: { ...json, authorization }, body });
      expect(answer).toMatchObject(problem('unauthorized', 401));
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="tidewire"/);
    }
  });

  test('may be for some operations', async () => {
    const keys = [{ name: 'reader', key: KEY, operations: ['history'] }];
    const { post } = await serve({ keys });
    expect((await post('history', { channel: 'chat:a' })).status).toBe(200);
    const detail = 'This key is not for publish.';
    expect(await post('publish', message)).toMatchObject(problem('forbidden', 403, { detail }));
    const { body } = await post('batch', { commands: [{ history: { channel: 'chat:a' } }, { publish: message }] });
    expect(body.replies.map(({ status }) => status)).toEqual([200, 403]);
  });

  test('may be for some namespaces, and is then for channels only', async () => {
    const { post } = await serve({ keys: [{ name: 'chat', key: KEY, namespaces: ['chat'] }] });
    expect((await post('publish', message)).status).toBe(200);
    expect((await post('channels', { pattern: 'chat:*' })).status).toBe(200);
    for (const [operation, body] of [
      ['publish', { channel: 'lobby', data: 1 }],
      ['publish', { channel: 'news:a', data: 1 }],
      ['broadcast', { channels: ['chat:a', 'lobby'], data: 1 }],
      ['channels', {}],
      ['channels', { pattern: '*' }],
      ['channels', { pattern: 'chat*' }],
      ['subscribe', { user: 'a', channel: 'lobby' }],
      ['send', { user: 'a', data: 1 }],
      ['info', {}],
    ] as const) {
      expect(await post(operation, body), operation).toMatchObject(problem('forbidden', 403));
    }
  });

  test('for the namespace without a name does not list the channels of others', async () => {
    const { post } = await serve({ keys: [{ name: 'nameless', key: KEY, namespaces: [''] }] });
    expect((await post('channels', { pattern: 'lobby' })).status).toBe(200);
    for (const pattern of ['*', 'c*', 'chat*', 'chat:*']) {
      expect(await post('channels', { pattern }), pattern).toMatchObject(problem('forbidden', 403));
    }
  });

  test('may have a rate and three seconds of it at once, which each command of a batch counts for', async () => {
    const { post } = await serve({ keys: [{ name: 'slow', key: KEY, rate: 1 }] });
    const commands = Array.from({ length: 6 }, () => ({ info: {} }));
    const { body } = await post('batch', { commands });
    expect(body.replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429]);
    const answer = await post('info');
    expect(answer).toMatchObject(problem('too-many-requests', 429));
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('can be exchanged for another', async () => {
    const { api, post } = await serve();
    api.useKeys([{ name: 'other', key: 'another-key-of-length' }]);
    expect((await post('info')).status).toBe(401);
    expect((await post('info', {}, { headers: { authorization: 'Bearer another-key-of-length' } })).status).toBe(200);
    expect(() => api.useKeys([{ name: 'short', key: 'x' }])).toThrow(RangeError);
    expect((await post('info', {}, { headers: { authorization: 'Bearer another-key-of-length' } })).status).toBe(200);
  });

  test.each([
    [[], 'The option api.keys must have a key'],
    [[{ name: 'a', key: 'short' }], 'The API key a must have 16 or more characters'],
    [[{ name: 'a', key: 'with spaces in between' }], 'printable ASCII without spaces'],
    [[{ name: 'a', key: 'nicht-überall-möglich' }], 'printable ASCII without spaces'],
    [[KEY, KEY].map((key, index) => ({ name: `k${index}`, key })), 'The API key k1 is there twice'],
    [[{ name: 'a', key: KEY, operations: ['pubish'] }], 'The API key a is for an unknown operation: pubish'],
    [[{ name: 'a', key: KEY, rate: 0 }], 'The rate of the API key a must be a positive number, not 0'],
  ])('%j is refused', async (keys, expected) => {
    const hub = await startHub();
    expect(() => createServerApi(hub, { keys })).toThrow(expected);
  });
});

test('what makes no sense of the limits is refused by name', async () => {
  const hub = await startHub();
  const keys = [{ name: 'a', key: KEY }];
  expect(() => createServerApi(hub, { keys, maxBody: 0 })).toThrow('The option api.maxBody must be a positive number');
  expect(() => createServerApi(hub, { keys, maxRequests: Number.NaN })).toThrow('api.maxRequests');
});

test('one request more than may be under way gets 503', async () => {
  const { server, post } = await serve({ maxRequests: 1 });
  let finish = () => {};
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(Buffer.from('{'));
      finish = () => {
        controller.enqueue(Buffer.from('}'));
        controller.close();
      };
    },
  });
  const slow: RequestInit & { readonly duplex: 'half' } = { body, duplex: 'half' };
  const arrived = once(server, 'request');
  const first = post('info', undefined, slow);
  await arrived;
  const answer = await post('info');
  expect(answer).toMatchObject(problem('overloaded', 503));
  expect(answer.headers.get('retry-after')).toBe('1');
  finish();
  expect((await first).status).toBe(200);
  expect((await post('info')).status).toBe(200);
});
