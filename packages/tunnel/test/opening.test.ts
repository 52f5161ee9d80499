import { nodePlatform } from '@tidewire/node';
import {
  areSameKeys,
  createIdentity,
  defaultTunnelParameters,
  isIdentifier,
  openingAnswer,
  openingRequest,
  readOpeningAnswer,
  readOpeningRequest,
  readRefusal,
  refusalBody,
  resolveTunnelParameters,
  type TunnelRefusalCode,
  tunnelRefusals,
} from '@tidewire/tunnel';
import { describe, expect, it } from 'vitest';

const readRequest = (body: string | Uint8Array) => readOpeningRequest(Buffer.from(body), nodePlatform);

describe('an opening', () => {
  it('carries the subprotocols', () => {
    expect(readRequest(openingRequest(['a', 'b']))).toEqual({ subprotocols: ['a', 'b'] });
    expect(readRequest('{"version":1,"subprotocols":[],"more":1}')).toEqual({ subprotocols: [] });
  });

  it.each<[string | Uint8Array, TunnelRefusalCode]>([
    ['', 'MALFORMED'],
    ['{', 'MALFORMED'],
    ['null', 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['{"subprotocols":[]}', 'MALFORMED'],
    ['{"version":"1","subprotocols":[]}', 'MALFORMED'],
    ['{"version":2,"subprotocols":[]}', 'VERSION'],
    ['{"version":1}', 'MALFORMED'],
    ['{"version":1,"subprotocols":"a"}', 'MALFORMED'],
    ['{"version":1,"subprotocols":[1]}', 'MALFORMED'],
    ['{"version":1,"subprotocols":[["a"]]}', 'MALFORMED'],
    ['{"version":1,"subprotocols":["a b"]}', 'MALFORMED'],
    ['{"version":1,"subprotocols":["a","a"]}', 'MALFORMED'],
    ['{"__proto__":{"version":1,"subprotocols":[]}}', 'MALFORMED'],
    [Uint8Array.of(0x22, 0xff, 0x22), 'MALFORMED'],
    [`{"version":1,"subprotocols":["${'a'.repeat(8192)}"]}`, 'TOO_LARGE'],
    ['['.repeat(8000), 'MALFORMED'],
  ])('%s is refused: %s', (body, code) => {
    expect(readRequest(body)).toBe(code);
  });
});

describe('the answer to an opening', () => {
  const opened = { ...createIdentity(nodePlatform), subprotocol: 'a', parameters: defaultTunnelParameters };
  const said = (changes: object) => JSON.stringify({ ...JSON.parse(openingAnswer(opened)), ...changes });

  it('says who the session is, and what the server takes', () => {
    expect(readOpeningAnswer(openingAnswer(opened), ['a'])).toEqual(opened);
    expect(readOpeningAnswer(said({ subprotocol: '' }), ['a'])).toEqual({ ...opened, subprotocol: '' });
  });

  it.each([
    ['no JSON', '<html>'],
    ['another version', said({ version: 2 })],
    ['no id', said({ id: undefined })],
    ['a short id', said({ id: 'abc' })],
    ['a key in upper case', said({ key: 'A'.repeat(32) })],
    ['a subprotocol that nobody asked for', said({ subprotocol: 'b' })],
    ['a subprotocol that is none', said({ subprotocol: ['a'] })],
    ['no parameters', said({ parameters: undefined })],
    ['a window of 0', said({ parameters: { ...defaultTunnelParameters, window: 0 } })],
    ['a time that is no number', said({ parameters: { ...defaultTunnelParameters, pollTime: '25000' } })],
    ['a time beyond 2^31', said({ parameters: { ...defaultTunnelParameters, pollTime: 2 ** 31 } })],
  ])('is none with %s', (_, body) => {
    expect(readOpeningAnswer(body, ['a'])).toBeUndefined();
  });
});

describe('the identity of a session', () => {
  it('is random, and as long as it has to be', () => {
    const [one, other] = [createIdentity(nodePlatform), createIdentity(nodePlatform)];
    expect(isIdentifier(one.id)).toBe(true);
    expect(one.key).toHaveLength(16);
    expect(one.id).not.toBe(other.id);
    expect(areSameKeys(one.key, other.key)).toBe(false);
  });

  it('is known by all of the key', () => {
    const key = Uint8Array.of(1, 2, 3);
    expect(areSameKeys(key, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(areSameKeys(key, Uint8Array.of(1, 2))).toBe(false);
    expect(areSameKeys(key, Uint8Array.of(1, 2, 3, 0))).toBe(false);
    expect(areSameKeys(key, Uint8Array.of(1, 2, 4))).toBe(false);
  });
});

describe('the parameters', () => {
  it('have defaults', () => {
    expect(resolveTunnelParameters()).toEqual(defaultTunnelParameters);
    expect(resolveTunnelParameters({ window: 20_000 }).window).toBe(20_000);
  });

  it.each([0, 16_383, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse a window of %d by name', (window) => {
    expect(() => resolveTunnelParameters({ window })).toThrow(new RegExp(`window .* not ${window}`));
  });
});

describe('a refusal', () => {
  it.each(Object.keys(tunnelRefusals))('%s is said as JSON and read again', (code) => {
    expect(readRefusal(refusalBody(code as TunnelRefusalCode))).toBe(code);
  });

  it.each(['', '<html>', '{}', '{"error":"x"}', '{"error":{"code":1}}', '{"error":{"code":"toString"}}'])(
    'is not %s',
    (body) => {
      expect(readRefusal(body)).toBeUndefined();
    },
  );
});
