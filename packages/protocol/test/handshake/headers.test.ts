import { assertHeader, HeaderList } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('HeaderList', () => {
  const headers = new HeaderList(['Host', 'one', 'X-Many', ' a, b ', 'x-MANY', '\tc,,', 'Empty', '', 'Odd']);

  test('finds headers whatever the case of their names', () => {
    expect(headers.get('hOST')).toBe('one');
    expect(headers.all('x-many')).toEqual(['a, b', 'c,,']);
    expect(headers.get('X-Many')).toBe('a, b');
  });

  test('changes the case of A to Z only: the Kelvin sign is no k', () => {
    const odd = new HeaderList(['X-\u212a', 'kelvin', 'X-K', 'letter']);
    expect(odd.all('x-k')).toEqual(['letter']);
    expect(odd.all('x-\u212a')).toEqual(['kelvin']);
  });

  test('tells an empty header from a missing one', () => {
    expect(headers.has('Empty')).toBe(true);
    expect(headers.get('Empty')).toBe('');
    expect(headers.has('Missing')).toBe(false);
    expect(headers.get('Missing')).toBeUndefined();
    expect(headers.all('Missing')).toEqual([]);
  });

  test('does not take a value for a name, nor a last name without a value for a header', () => {
    expect(headers.has('one')).toBe(false);
    expect(headers.has('Odd')).toBe(false);
  });

  test('reads all headers of a name as one list, without its empty elements', () => {
    expect(headers.list('x-many')).toEqual(['a', 'b', 'c']);
    expect(headers.list('Empty')).toEqual([]);
    expect(headers.list('Missing')).toEqual([]);
  });

  test('gives all headers in order, in the spelling in which they came', () => {
    expect([...headers]).toEqual([
      ['Host', 'one'],
      ['X-Many', 'a, b'],
      ['x-MANY', 'c,,'],
      ['Empty', ''],
    ]);
  });

  test('trims spaces and tabs and nothing else', () => {
    expect(new HeaderList(['a', ' \t x y \t ']).get('a')).toBe('x y');
    expect(new HeaderList(['a', '\u00a0x\ufeff']).get('a')).toBe('\u00a0x\ufeff');
    expect(new HeaderList(['a', ' \t ']).get('a')).toBe('');
  });

  test('knows no case but that of A to Z', () => {
    expect(new HeaderList(['\u212aey', 'KELVIN SIGN']).has('Key')).toBe(false);
    expect(new HeaderList(['ä', 'small']).has('Ä')).toBe(false);
  });

  // CVE-2021-32640: a quadratic implementation does not come to an end within the time that a test has
  test('takes linear time for a list of nothing but spaces and commas', () => {
    const spaces = ' '.repeat(256 * 1024);
    expect(new HeaderList(['a', `b${spaces}x`]).list('a')).toEqual([`b${spaces}x`]);
    expect(new HeaderList(['a', `${spaces},`.repeat(8)]).list('a')).toEqual([]);
    expect(new HeaderList(['a', ','.repeat(256 * 1024)]).list('a')).toEqual([]);
  });

  test('holds thousands of headers', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => [`Name-${index}`, String(index)]).flat();
    expect(new HeaderList(many).get('name-9999')).toBe('9999');
  });
});

describe('assertHeader', () => {
  test.each(['', 'a b', 'a:b', 'a\r\nb', 'a\nb', 'a\0', 'ä', '(a)'])('throws for the name %j', (name) => {
    expect(() => assertHeader(name, 'value')).toThrow(TypeError);
    expect(() => assertHeader(name, 'value')).toThrow(JSON.stringify(name));
  });

  test.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0', '\x1b[2J', '\x7f', '€', '\u{1f30a}', '\u010a'])(
    'throws for the value %j and names the header',
    (value) => {
      expect(() => assertHeader('X-Name', value)).toThrow(TypeError);
      expect(() => assertHeader('X-Name', value)).toThrow('X-Name');
    },
  );

  test.each([['a\r\nb: c'], 7, undefined, null, { toString: () => 'a' }])(
    'throws for %j, which is no string',
    (value) => {
      expect(() => Reflect.apply(assertHeader, undefined, ['X-Name', value])).toThrow(TypeError);
      expect(() => Reflect.apply(assertHeader, undefined, [value, 'value'])).toThrow(TypeError);
    },
  );

  test('lets everything through that HTTP allows', () => {
    expect(() => assertHeader("!#$%&'*+-.^_`|~09AZaz", 'visible, \t tab, and \x80 to \xff')).not.toThrow();
    expect(() => assertHeader('Empty', '')).not.toThrow();
  });

  test('lets nothing through that could end a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        try {
          assertHeader(name, value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(`${name}: ${value}`).toMatch(/^[^:\s]+: [^\r\n\0]*$/);
      }),
      { seed: 9110, numRuns: 1000 },
    );
  });
});
