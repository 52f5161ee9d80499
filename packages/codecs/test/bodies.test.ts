import {
  cborDecoder,
  imageDecoder,
  imageType,
  type JsonValue,
  jsonDecoder,
  messagePackDecoder,
  readCbor,
  readMessagePack,
  textDecoder,
  writeCbor,
  writeMessagePack,
} from '@tidewire/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBytes, anyJson, parameters } from './support/arbitrary.ts';

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

describe.each([
  ['MessagePack', readMessagePack, writeMessagePack],
  ['CBOR', readCbor, writeCbor],
])('%s', (_name, read, write) => {
  it(`reads what it has written, several behind each other (SEED=${parameters.seed})`, () => {
    fc.assert(
      fc.property(fc.array(anyJson, { minLength: 1, maxLength: 4 }), (all) => {
        const bytes = Uint8Array.from(all.flatMap((each) => [...write(each)]));
        expect(read(bytes)).toEqual({ values: all });
      }),
      parameters,
    );
  });

  it('reads numbers and lengths at the limits of their forms', () => {
    const numbers = [0, 23, 24, 31, 32, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53];
    for (const number of [...numbers, ...numbers.map((each) => -1 - each), 0.5, 1e300])
      expect(read(write(number))).toEqual({ values: [number] });
    for (const length of [23, 24, 31, 32, 255, 256, 65535, 65536])
      expect(read(write('a'.repeat(length)))).toEqual({ values: ['a'.repeat(length)] });
  });

  it('takes every prefix and every bytes without a throw, and says what is wrong with a prefix', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(), anyBytes, (value, cut, bytes) => {
        const whole = write(value);
        expect(read(whole.subarray(0, cut % whole.length)).problem).toBeDefined();
        JSON.stringify(read(bytes));
      }),
      parameters,
    );
  });
});

// RFC 8949, Appendix A, as far as JSON cannot say it or the form is one of its own.
const cbor: [string, JsonValue][] = [
  ['1bffffffffffffffff', { $bigint: '18446744073709551615' }],
  ['c249010000000000000000', { $bigint: '18446744073709551616' }],
  ['3bffffffffffffffff', { $bigint: '-18446744073709551616' }],
  ['c349010000000000000000', { $bigint: '-18446744073709551617' }],
  ['f98000', { $float: '-0' }],
  ['f93e00', 1.5],
  ['f97bff', 65504],
  ['f90001', 2 ** -24],
  ['fa47c35000', 100000],
  ['f97c00', { $float: 'Infinity' }],
  ['f97e00', { $float: 'NaN' }],
  ['f7', { $undefined: true }],
  ['f0', { $simple: 16 }],
  ['f8ff', { $simple: 255 }],
  ['c074323031332d30332d32315432303a30343a30305a', { $date: '2013-03-21T20:04:00Z' }],
  ['c11a514b67b0', { $date: '2013-03-21T20:04:00.000Z' }],
  ['d74401020304', { $tag: 23, value: { $bytes: '01020304' } }],
  ['d9d9f7820102', [1, 2]],
  [
    'a201020304',
    {
      $map: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  ['5f42010243030405ff', { $bytes: '0102030405' }],
  ['7f657374726561646d696e67ff', 'streaming'],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  [
    'a2616101616102',
    {
      $map: [
        ['a', 1],
        ['a', 2],
      ],
    },
  ],
];

const messagePack: [string, JsonValue][] = [
  ['cfffffffffffffffff', { $bigint: '18446744073709551615' }],
  ['d38000000000000000', { $bigint: '-9223372036854775808' }],
  ['d080', -128],
  ['d18000', -32768],
  ['cc80', 128],
  ['cd8000', 32768],
  ['ca3fc00000', 1.5],
  ['c4020102', { $bytes: '0102' }],
  ['a1ff', { $bytes: 'ff' }],
  ['8101a161', { $map: [[1, 'a']] }],
  ['d405aa', { $ext: 5, data: { $bytes: 'aa' } }],
  ['d6ff514b67b0', { $date: '2013-03-21T20:04:00.000Z' }],
  ['d7ff77359400514b67b0', { $date: '2013-03-21T20:04:00.500Z' }],
  ['c70cff1dcd650000000000514b67b0', { $date: '2013-03-21T20:04:00.500Z' }],
  ['dc000101', [1]],
  ['de0001a16101', { a: 1 }],
];

describe('what JSON cannot say', () => {
  it.each(cbor)('is an object with a $ for %s in CBOR', (hex, value) => {
    expect(readCbor(bytesOf(hex))).toEqual({ values: [value] });
  });

  it.each(messagePack)('is an object with a $ for %s in MessagePack', (hex, value) => {
    expect(readMessagePack(bytesOf(hex))).toEqual({ values: [value] });
  });

  it('shows the beginning of long bytes', () => {
    const { values } = readMessagePack(Uint8Array.of(0xc5, 0x10, 0x00, ...new Uint8Array(4096)));
    expect(values).toEqual([{ $bytes: `${'00'.repeat(1024)}…`, $length: 4096 }]);
  });

  it('makes an own member of a key that objects have a meaning for', () => {
    const [value] = readCbor(writeCbor(JSON.parse('{"__proto__":{"a":1}}'))).values;
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}');
  });

  it.each(['ff', '9fff00ff', '1c', 'fc', '5f01ff', '', '5f'])('says what is wrong with %s in CBOR', (hex) => {
    expect(readCbor(bytesOf(hex)).problem).toBeDefined();
  });

  it.each(['c1', '92', 'd9ff', 'dfffffffff'])('says what is wrong with %s in MessagePack', (hex) => {
    expect(readMessagePack(bytesOf(hex)).problem).toBeDefined();
  });
});

describe('decoders of bodies', () => {
  it('show what they understand, and leave the rest', () => {
    const decode = (kind: typeof jsonDecoder, data: string | Uint8Array) => kind.create().decode(data, 'toClient');
    expect(decode(jsonDecoder, '{"a":1}')).toMatchObject([{ body: { value: { a: 1 } } }]);
    expect(decode(jsonDecoder, '{"a":')).toBeUndefined();
    expect(decode(messagePackDecoder, writeMessagePack({ a: 1 }))).toMatchObject([{ body: { value: { a: 1 } } }]);
    expect(decode(messagePackDecoder, Uint8Array.of(0xc1))).toBeUndefined();
    expect(decode(messagePackDecoder, Uint8Array.of(1, 2, 0xc1))?.map(({ problem }) => problem !== undefined)).toEqual([
      false,
      false,
      true,
    ]);
    expect(decode(cborDecoder, writeCbor([1]))).toMatchObject([{ body: { value: [1] } }]);
    expect(decode(cborDecoder, 'text')).toBeUndefined();
    expect(decode(textDecoder, Uint8Array.of(104, 105))).toMatchObject([{ body: { text: 'hi' } }]);
    expect(decode(textDecoder, Uint8Array.of(255))).toBeUndefined();
    expect(decode(imageDecoder, bytesOf('89504e470d0a1a0a'))).toMatchObject([{ kind: 'image/png' }]);
    expect(decode(imageDecoder, Uint8Array.of(1))).toBeUndefined();
  });

  it.each([
    ['image/jpeg', 'ffd8ffe0'],
    ['image/gif', '474946383961'],
    ['image/webp', '52494646000000005745425056503820'],
    ['image/avif', '0000001c6674797061766966'],
    ['image/bmp', `424d${'00'.repeat(30)}`],
    [undefined, '424d'],
    [undefined, ''],
  ])('know %s by its first bytes', (type, hex) => {
    expect(imageType(bytesOf(hex))).toBe(type);
  });
});
