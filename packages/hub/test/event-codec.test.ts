import { describe, expect, it } from 'vitest';
import { decodeClientInfo, decodeEvent, type EngineEvent, encodeClientInfo, encodeEvent } from '../src/event-codec.ts';

const info = { client: 'c1', user: 'ada', connectionInfo: '{"name":"Ada"}', channelInfo: '[1]' };

const events: readonly (readonly [string, EngineEvent])[] = [
  ['a publication of the application', { type: 'publication', publication: { data: '{"a":1}', time: 5 } }],
  ['a publication of a client', { type: 'publication', publication: { data: '1', time: 5, info } }],
  ['one with a key alone', { type: 'publication', publication: { data: '1', time: 5, key: '' } }],
  ['one with tags alone', { type: 'publication', publication: { data: '1', time: 5, tags: { a: 'b\n' } } }],
  ['one with all', { type: 'publication', publication: { data: '"ü\u2028"', time: 5.5, info, key: 'k\n', tags: {} } }],
  ['data with lines', { type: 'publication', publication: { data: '{\n "a":\n 1\n}', time: 5, key: 'k' } }],
  ['a join', { type: 'join', info }],
  ['a leave of nobody in particular', { type: 'leave', info: { client: 'c\n2', user: '' } }],
  ['a join without the connection’s info', { type: 'join', info: { client: 'c', user: 'u', channelInfo: '0' } }],
  ['an order', { type: 'order', order: '{"kick":\n"ada"}' }],
];

describe('Events of engines', () => {
  it.each(events)('come back as they were: %s', (_, event) => {
    expect(decodeEvent(encodeEvent(event))).toStrictEqual(event);
  });

  it('carry the data of a publication as it came, unquoted', () => {
    const text = encodeEvent({ type: 'publication', publication: { data: '{"a": "b"}', time: 7 } });
    expect(text).toBe('p[7]\n{"a": "b"}');
  });

  const alien = ['', 'x', 'p', 'p[1]', 'p{}\n1', 'p["1"]\n1', 'p[1,7]\n1', 'p[1,["c"]]\n1', 'p[1,null,7]\n1'];
  alien.push('p[1,null,null,{"a":1}]\n1', 'p[1,null,null,[]]\n1', 'p[1\n1', 'j', 'j[1,2]', 'l["c"]', 'l["c","u",1]');
  alien.push('l["c","u",null,1]', 'jnull');
  it.each(alien)('are undefined where they cannot be read: %j', (text) => {
    expect(decodeEvent(text)).toBeUndefined();
  });
});

describe('Who a client is', () => {
  it('fits on one line', () => {
    const text = encodeClientInfo({ ...info, user: 'a\nb' });
    expect(text).not.toContain('\n');
    expect(decodeClientInfo(text)).toStrictEqual({ ...info, user: 'a\nb' });
  });
});
