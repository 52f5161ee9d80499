import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHandshake, tagHandshake } from '../../src/shared/handshake.ts';

describe('the id of a handshake', () => {
  it('has 128 random bits and stands in the query of the URL', () => {
    const tagged = tagHandshake('ws://localhost:8080/echo?a=1', 'localhost:8080');
    expect(tagged?.id).toMatch(/^[\da-f]{32}$/);
    expect(tagged?.url).toBe(`ws://localhost:8080/echo?a=1&handshake=${tagged?.id}`);
    expect(tagHandshake('ws://localhost:8080/', 'localhost:8080')?.id).not.toBe(tagged?.id);
  });

  it('replaces one that is there', () => {
    const tagged = tagHandshake('wss://host/?handshake=old', 'host');
    expect(tagged?.url).toBe(`wss://host/?handshake=${tagged?.id}`);
  });

  it.each(['ws://other:8080/echo', 'ws://localhost/echo', 'not a URL', ''])(
    'is not given to another server: %j',
    (url) => {
      expect(tagHandshake(url, 'localhost:8080')).toBeUndefined();
    },
  );
});

describe('the record of a handshake', () => {
  const record = {
    method: 'GET',
    url: '/echo',
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    request: [['Host', 'localhost']],
    response: { status: 101, headers: [['Upgrade', 'websocket']] },
  };

  it('is taken as it is', () => {
    expect(readHandshake(record)).toEqual(record);
  });

  it.each([
    ['method', 1],
    ['url', undefined],
    ['httpVersion', null],
    ['remoteAddress', {}],
    ['request', [['Host']]],
    ['request', [['Host', 1]]],
    ['request', 'Host'],
    ['response', { status: '101', headers: [] }],
    ['response', { status: 101 }],
    ['response', null],
  ])('is not taken with a bad %s', (field, value) => {
    expect(readHandshake({ ...record, [field]: value })).toBeUndefined();
  });

  it('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readHandshake(value)).toBeUndefined();
      }),
    );
  });
});
