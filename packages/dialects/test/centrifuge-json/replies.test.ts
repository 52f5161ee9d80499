import type { SubscribeResult } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { centrifugeJson } from '../../src/centrifuge-json/dialect.ts';
import { connectResult, subscribeResult } from '../../src/centrifuge-json/replies.ts';

const { encoder } = centrifugeJson;
const publication = { data: '{"n":12345678901234567890}', time: 1 };
const subscribed: SubscribeResult = {
  ...{ data: undefined, ttl: undefined, isRecoverable: true, position: { epoch: 'e', offset: 9 }, missed: [] },
  recovery: 'none',
};

describe('pushes', () => {
  it('of one turn are lines of one message', () => {
    const push = { type: 'publication', channel: 'c', publication, offset: 3, publishedTo: undefined } as const;
    expect(encoder.encode([push, { type: 'message', data: '"hi"' }])).toEqual([
      '{"push":{"channel":"c","pub":{"data":{"n":12345678901234567890},"offset":3}}}\n{"push":{"message":{"data":"hi"}}}',
    ]);
  });

  it('of payloads with line breaks stay lines', () => {
    expect(encoder.encode([{ type: 'message', data: '{\r\n"a": 1}' }])).toEqual([
      '{"push":{"message":{"data":{  "a": 1}}}}',
    ]);
  });

  it('of a subscription to a prefix say where it was published', () => {
    const push = {
      type: 'publication',
      channel: 'chat:*',
      publication,
      offset: undefined,
      publishedTo: 'chat:a',
    } as const;
    expect(JSON.parse(encoder.encode([push])[0] ?? '').push).toMatchObject({
      channel: 'chat:*',
      pub: { channel: 'chat:a' },
    });
  });

  it('name who has published, and tags', () => {
    const info = { client: 'x', user: '', connectionInfo: '{"a":1}', channelInfo: '[2]' };
    const tagged = { ...publication, info, tags: { '"': '\n' } };
    const push = { type: 'publication', channel: '"', publication: tagged, offset: 1, publishedTo: undefined } as const;
    expect(JSON.parse(encoder.encode([push])[0] ?? '').push).toMatchObject({
      channel: '"',
      pub: { info: { client: 'x', user: '', conn_info: { a: 1 }, chan_info: [2] }, tags: { '"': '\n' } },
    });
  });

  it.each([
    [{ type: 'join', channel: 'c', info: { client: 'x', user: 'u' } }, { join: { info: { client: 'x', user: 'u' } } }],
    [
      { type: 'leave', channel: 'c', info: { client: 'x', user: 'u' } },
      { leave: { info: { client: 'x', user: 'u' } } },
    ],
    [
      { type: 'unsubscribe', channel: 'c', unsubscribe: { code: 2500, reason: 'insufficient state' } },
      { unsubscribe: { code: 2500, reason: 'insufficient state' } },
    ],
    [
      { type: 'subscribe', channel: 'c', result: subscribed },
      { subscribe: { epoch: 'e', offset: 9, recoverable: true } },
    ],
    [{ type: 'refresh', ttl: 60.9 }, { refresh: { expires: true, ttl: 60 } }],
    [{ type: 'refresh', ttl: undefined }, { refresh: {} }],
  ] as const)('are understood: %j', (push, expected) => {
    expect(JSON.parse(encoder.encode([push])[0] ?? '').push).toMatchObject(expected);
  });
});

describe('the result of subscribing', () => {
  it('leaves out what is as always', () => {
    const plain = { ...subscribed, isRecoverable: false, position: undefined };
    expect(subscribeResult(plain, undefined)).toBe('{}');
  });

  it('begins at the place that the client was at, where it gets what it has missed', () => {
    const missed = [
      { publication, offset: 8 },
      { publication, offset: 9 },
    ];
    expect(JSON.parse(subscribeResult({ ...subscribed, missed, recovery: 'recovered' }, 7))).toMatchObject({
      ...{ recovered: true, was_recovering: true, epoch: 'e', offset: 7 },
      publications: [{ offset: 8 }, { offset: 9 }],
    });
  });

  it('begins at the end of the stream where that could not be given', () => {
    expect(JSON.parse(subscribeResult({ ...subscribed, recovery: 'failed' }, 7))).toEqual({
      ...{ recoverable: true, epoch: 'e', offset: 9, positioned: true, was_recovering: true },
    });
  });

  it('never says that no time is left: that would be for ever', () => {
    expect(JSON.parse(subscribeResult({ ...subscribed, ttl: 0.2 }, undefined))).toMatchObject({
      expires: true,
      ttl: 1,
    });
  });
});

describe('the result of connecting', () => {
  const result = { client: 'x', user: 'u', data: '1', ttl: 30, subscriptions: new Map([['a', subscribed]]) };

  it('says how often a ping comes, and what names the session', () => {
    const text = connectResult(result, { ping: 25, session: { id: 's', node: 'n' } }, new Map());
    expect(JSON.parse(text)).toMatchObject({
      ...{ client: 'x', data: 1, expires: true, ttl: 30, ping: 25, pong: true, session: 's', node: 'n' },
      subs: { a: { epoch: 'e', offset: 9 } },
    });
  });

  it('says nothing of pings where there are none', () => {
    expect(JSON.parse(connectResult(result, { ping: 0 }, new Map()))).not.toHaveProperty('pong');
  });
});
