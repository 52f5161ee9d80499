import { asksForWebSocket, HeaderList, type OpeningHeaders, readOpeningHeaders } from '@tidewire/protocol';
import { describe, expect, test } from 'vitest';

const nothing: OpeningHeaders = {
  host: undefined,
  key: undefined,
  version: undefined,
  origin: undefined,
  olderOrigin: undefined,
  upgrade: undefined,
  connection: undefined,
  subprotocols: undefined,
  extensions: undefined,
  hasBody: false,
};

const read = (...fields: string[]) => readOpeningHeaders(new HeaderList(fields));

const names: [string, Exclude<keyof OpeningHeaders, 'hasBody'>][] = [
  ['Host', 'host'],
  ['Origin', 'origin'],
  ['Upgrade', 'upgrade'],
  ['Connection', 'connection'],
  ['Sec-WebSocket-Key', 'key'],
  ['Sec-WebSocket-Origin', 'olderOrigin'],
  ['Sec-WebSocket-Version', 'version'],
  ['Sec-WebSocket-Protocol', 'subprotocols'],
  ['Sec-WebSocket-Extensions', 'extensions'],
];

describe('readOpeningHeaders', () => {
  test.each(names)('finds %s in any case, without the spaces around its value', (name, key) => {
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(read('X', 'y', spelled, ' \tvalue ')).toEqual({ ...nothing, [key]: 'value' });
    }
  });

  test.each([...names.map(([name]) => name), 'Content-Length', 'Transfer-Encoding'])(
    'does not take another name of the same length for %s',
    (name) => {
      expect(read(`${name.slice(0, -1)}~`, 'value', `\u212a${name.slice(1)}`, 'value')).toEqual(nothing);
    },
  );

  test.each(names)('does not take a last %s without a value for a header', (name) => {
    expect(read(name)).toEqual(nothing);
  });

  test('joins lists that come in several headers', () => {
    expect(read('Upgrade', 'a', 'upgrade', ' websocket ').upgrade).toBe('a,websocket');
    expect(read('Sec-WebSocket-Protocol', 'a, b', 'Sec-WebSocket-Protocol', 'c').subprotocols).toBe('a, b,c');
  });

  test.each(['Host', 'Origin', 'Sec-WebSocket-Key', 'Sec-WebSocket-Origin', 'Sec-WebSocket-Version'])(
    'lets no value of a repeated %s pass for the value',
    (name) => {
      for (const values of [
        ['a', 'a'],
        ['', ''],
        ['a', 'b', 'a'],
      ]) {
        const found = Object.values(read(...values.flatMap((value) => [name, value])));
        expect(found.filter((value) => typeof value === 'string')).toEqual(['\n']);
      }
    },
  );

  test.each<[boolean, string[]]>([
    [false, ['Content-Length', '0']],
    [false, ['Content-Length', '000', 'Content-Length', '0']],
    [true, ['Content-Length', '1']],
    [true, ['Content-Length', '1', 'Content-Length', '0']],
    [true, ['Content-Length', '']],
    [true, ['Content-Length', '0, 0']],
    [true, ['Content-Length', '-0']],
    [true, ['Transfer-Encoding', 'chunked']],
    [true, ['Transfer-Encoding', '']],
  ])('says %j to the question whether there is a body for %j', (hasBody, fields) => {
    expect(read(...fields)).toEqual({ ...nothing, hasBody });
  });
});

test.each<[boolean, string[]]>([
  [true, ['Upgrade', 'websocket']],
  [true, ['upgrade', 'WebSocket']],
  [true, ['Upgrade', 'h2c, , WEBSOCKET']],
  [true, ['Upgrade', 'h2c', 'Upgrade', 'websocket']],
  [false, ['Upgrade', 'h2c']],
  [false, ['Upgrade', 'websocket/13']],
  [false, ['Upgrade', 'web, socket']],
  [false, ['Connection', 'websocket']],
  [false, []],
])('it is %j that a WebSocket is asked for by %j', (asks, fields) => {
  expect(asksForWebSocket(read(...fields))).toBe(asks);
});
