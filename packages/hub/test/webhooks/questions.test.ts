import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPermissions, createWebhooks, verifyWebhook, type WebhookOptions } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { refusalOf, visitor } from '../permissions/support.ts';
import { type Answer, secret, serveApplication, webhooksTo } from './support.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ask = { subscribe: 'ask', publish: 'ask' } as const;

/** Permissions that ask an application, which answers as it is told. */
async function asking(answer: Answer, more: Partial<WebhookOptions> = {}) {
  const { url, received, server } = await serveApplication(() => answer);
  const { webhooks, done } = webhooksTo(url, more);
  const errors: string[] = [];
  const permissions = createPermissions({
    namespaces: { chat: ask },
    hooks: webhooks.hooks,
    error: (error) => void errors.push(error instanceof Error ? error.message : String(error)),
  });
  const subscribe = () => permissions.subscribe(visitor(), { channel: 'chat:a' });
  return { permissions, webhooks, received, done, errors, subscribe, server, url };
}

describe('an application that is asked over HTTP', () => {
  it('says who connects', async () => {
    const caps = [{ channels: ['chat:*'], match: 'wildcard', allow: ['pub'] }];
    const result = {
      user: '7',
      info: { a: 1 },
      data: [2],
      expire_at: 1700000000.5,
      channels: ['chat:a'],
      caps,
      meta: { b: 3 },
    };
    const { permissions, received, done } = await asking({ result }, { forwardedHeaders: ['Cookie'] });
    const request = {
      data: '{"c":4}',
      token: 'opaque',
      name: 'js',
      version: '5',
      remoteAddress: '192.0.2.1',
      headers: { cookie: 'a=b', origin: 'https://example.com', traceparent, tracestate: 'x=y' },
    };
    expect(await permissions.connect(request, 'c1', 'websocket')).toMatchObject({
      user: '7',
      connectionInfo: '{"a":1}',
      data: '[2]',
      expiresAt: 1_700_000_000_500,
      subscriptions: new Map([['chat:a', {}]]),
      capabilities: caps,
      meta: { b: 3 },
    });
    const [{ headers, body, text } = expect.fail()] = received;
    expect(body).toEqual({
      type: 'connect',
      id: headers['tidewire-id'],
      client: 'c1',
      transport: 'websocket',
      name: 'js',
      version: '5',
      token: 'opaque',
      data: { c: 4 },
      remote_address: '192.0.2.1',
      headers: { cookie: 'a=b' },
    });
    expect(headers).toMatchObject({
      traceparent,
      tracestate: 'x=y',
      'tidewire-event': 'connect',
      'tidewire-attempt': '1',
    });
    expect(verifyWebhook(text, headers['tidewire-signature'], { secrets: [secret] })).toBe(true);
    expect(done).toEqual(['connect ok 1']);
  });

  it('says who subscribes, publishes and goes on', async () => {
    const result = { info: 1, data: { clean: true }, expire_at: 1700000000 };
    const { permissions, received } = await asking({ result });
    const who = visitor({ meta: { b: 3 }, connectionInfo: '{"a":1}', trace: { traceparent } });
    const grant = { channelInfo: '1', data: '{"clean":true}', expiresAt: 1_700_000_000_000 };
    expect(await permissions.subscribe(who, { channel: 'chat:a', token: 'x', data: '5' })).toEqual(grant);
    expect(await permissions.refreshSubscription(who, 'chat:a', 'x')).toEqual(grant);
    expect(await permissions.publish({ visitor: who, channel: 'chat:a', isSubscribed: true }, '6')).toBe(
      '{"clean":true}',
    );
    expect(await permissions.refresh(who, 'x')).toMatchObject({ expiresAt: 1_700_000_000_000, connectionInfo: '1' });
    const person = { client: 'c1', transport: 'websocket', user: '42', info: { a: 1 }, meta: { b: 3 } };
    expect(received.map(({ body }) => body)).toMatchObject([
      { type: 'subscribe', ...person, channel: 'chat:a', token: 'x', data: 5 },
      { type: 'sub_refresh', ...person, channel: 'chat:a', token: 'x' },
      { type: 'publish', ...person, channel: 'chat:a', data: 6 },
      { type: 'refresh', ...person, token: 'x' },
    ]);
    for (const { headers } of received) expect(headers.traceparent).toBe(traceparent);
  });

  it('is not asked who connects with a token that is good', async () => {
    const { webhooks, received } = await asking({ result: { user: '7' } });
    const admission = { user: '42' };
    const question = { request: {}, client: 'c1', transport: 'sse', admission };
    expect(await webhooks.hooks.connect?.(question)).toBe(admission);
    expect(received).toEqual([]);
  });

  it('leaves what is published as it is if it does not say otherwise', async () => {
    const { permissions } = await asking({ result: {} });
    const question = { visitor: visitor(), channel: 'chat:a', isSubscribed: true };
    expect(await permissions.publish(question, '{"a": 1}')).toBe('{"a": 1}');
  });

  it.each<[Answer, string]>([
    [{ error: { code: 1000, message: 'not today' } }, 'error 1000'],
    [{ error: { code: 103 } }, 'error 103'],
    [{ error: { code: 1000, temporary: true } }, 'error 1000 temporary'],
    [{ disconnect: { code: 4000, reason: 'banned' } }, 'disconnect 4000'],
    [{ disconnect: { code: 3500, reason: 'no' } }, 'disconnect 3500'],
  ])('says no by %j', async (answer, expected) => {
    const { subscribe, done, errors } = await asking(answer);
    expect(await refusalOf(subscribe)).toBe(expected);
    expect(done).toEqual(['subscribe ok 1']);
    expect(errors).toEqual([]);
  });

  it.each<[object, string]>([
    [{}, 'in the answer result, error or disconnect must be there'],
    [[], 'in the answer the whole must be an object'],
    [{ result: true }, 'in the answer result must be an object'],
    [{ result: { expire_at: 'soon' } }, 'in the answer result.expire_at must be a time in seconds since 1970'],
    [{ error: { code: 7 } }, 'in the answer error.code must be a code that is documented, or from 400 to 1999'],
    [{ error: { code: 1000, message: 7 } }, 'in the answer error.message must be a string'],
    [
      { disconnect: { code: 1000 } },
      'in the answer disconnect.code must be a code that is documented, or from 4000 to 4999',
    ],
    [
      { disconnect: { code: 4000, reason: 'x'.repeat(124) } },
      'in the answer disconnect.reason must be of 123 bytes at most',
    ],
  ])('that answers %j has not said yes, and the message names the field', async (answer, message) => {
    const { subscribe, done, errors } = await asking(answer);
    expect(await refusalOf(subscribe)).toBe('error 100 temporary');
    expect(errors).toEqual([message]);
    expect(done).toEqual(['subscribe failed 1']);
  });

  it.each<[string, Answer, string]>([
    ['answers with 500', 500, 'answered with 500'],
    ['answers with 403', 403, 'answered with 403'],
    ['redirects', (response) => response.writeHead(307, { location: '/elsewhere' }).end(), 'answered with 307'],
    ['says nothing', 204, 'the answer is no JSON'],
    ['says what is no JSON', (response) => response.end('<html>'), 'the answer is no JSON'],
    ['does not answer', () => {}, 'no answer within 300 ms'],
    ['drips', (response) => void response.write('{'), 'no answer within 300 ms'],
    ['closes the connection', (_response, request) => request.socket.destroy(), 'socket hang up'],
    [
      'breaks off',
      (response, request) => void response.write('{"result"', () => request.socket.destroy()),
      'the answer was cut off',
    ],
  ])('that %s has not said yes', async (_name, answer, message) => {
    const { subscribe, received, errors } = await asking(answer, { timeout: 300 });
    expect(await refusalOf(subscribe)).toBe('error 100 temporary');
    expect(errors).toEqual([message]);
    expect(received.length).toBe(1);
  });

  it.each([200, 500])('that answers %d with a gigabyte is cut off', async (status) => {
    let written = 0;
    let closed: Promise<unknown> = Promise.resolve();
    const chunk = Buffer.alloc(1 << 16, 'x');
    const { subscribe, errors } = await asking((response) => {
      closed = once(response, 'close');
      response.writeHead(status, { 'content-length': 1 << 30 });
      const more = (): void => {
        if (response.destroyed || written === 1 << 30) return void response.end();
        written += chunk.length;
        response.write(chunk, more);
      };
      more();
    });
    expect(await refusalOf(subscribe)).toBe('error 100 temporary');
    expect(errors).toEqual([status === 200 ? 'the answer has more than 1048576 bytes' : 'answered with 500']);
    await closed;
    expect(written).toBeLessThan(64 << 20);
  });

  it('that is not there has not said yes', async () => {
    const { subscribe, server, errors } = await asking({ result: {} });
    server.close();
    await new Promise((resolve) => server.once('close', resolve));
    expect(await refusalOf(subscribe)).toBe('error 100 temporary');
    expect(errors[0]).toContain('ECONNREFUSED');
  });

  it('is asked over few connections, which stay open, and no more often at a time than is allowed', async () => {
    const { subscribe, received } = await asking({ result: {} }, { maxConnections: 2, maxPending: 20 });
    const outcomes = await Promise.all(Array.from({ length: 25 }, () => refusalOf(subscribe)));
    expect(outcomes.filter((outcome) => outcome === 'none').length).toBe(20);
    expect(outcomes.filter((outcome) => outcome === 'error 100 temporary').length).toBe(5);
    await subscribe();
    expect(new Set(received.map(({ port }) => port)).size).toBe(2);
  });

  it('is asked again if it has closed a connection that stayed open', async () => {
    let requests = 0;
    const answer = (response: ServerResponse, request: IncomingMessage): void => {
      if (++requests === 2) request.socket.resetAndDestroy();
      else response.end('{"result":{}}');
    };
    const { subscribe, received } = await asking(answer, { maxConnections: 1 });
    expect(await refusalOf(subscribe)).toBe('none');
    expect(await refusalOf(subscribe)).toBe('none');
    expect(received.length).toBe(3);
    expect(received[2]?.headers['tidewire-id']).toBe(received[1]?.headers['tidewire-id']);
  });
});

it('URLs and secrets that are none are refused at once', () => {
  expect(() => createWebhooks({ urls: { publish: 'ftp://example.com' }, secrets: [secret] })).toThrow('urls.publish');
  expect(() => createWebhooks({ urls: { notices: '/here' }, secrets: [secret] })).toThrow('urls.notices');
  expect(() => createWebhooks({ urls: {}, secrets: [] })).toThrow('secrets is empty');
  expect(() => createWebhooks({ urls: {}, secrets: ['short'] })).toThrow('secrets[0]');
});
