import { type ExtensionOffer, parseExtensions, serializeExtensions } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const extension = (name: string, ...parameters: [name: string, value?: string][]): ExtensionOffer => ({
  name,
  parameters: parameters.map(([parameter, value]) => ({ name: parameter, value })),
});

describe('parseExtensions', () => {
  test.each<[string, ExtensionOffer[]]>([
    ['foo', [extension('foo')]],
    ['foo, bar', [extension('foo'), extension('bar')]],
    ['foo; a', [extension('foo', ['a'])]],
    ['foo;a=1;b', [extension('foo', ['a', '1'], ['b'])]],
    ['foo; a="1"', [extension('foo', ['a', '1'])]],
    ['foo; a="1\\2\\3"; b', [extension('foo', ['a', '123'], ['b'])]],
    [' \tfoo ;\ta = 1 , bar ; b = "2" ', [extension('foo', ['a', '1']), extension('bar', ['b', '2'])]],
    ['foo; a; a=1; a', [extension('foo', ['a'], ['a', '1'], ['a'])]],
    ['foo, foo', [extension('foo'), extension('foo')]],
    [', foo,, ,bar,', [extension('foo'), extension('bar')]],
    ['__proto__; constructor', [extension('__proto__', ['constructor'])]],
    [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate',
      [
        extension('permessage-deflate', ['client_max_window_bits'], ['server_max_window_bits', '10']),
        extension('permessage-deflate'),
      ],
    ],
    [
      'permessage-deflate; server_max_window_bits="10"',
      [extension('permessage-deflate', ['server_max_window_bits', '10'])],
    ],
  ])('reads %j', (header, extensions) => {
    expect(parseExtensions(header)).toEqual(extensions);
  });

  test.each([
    '',
    ' \t ',
    ',',
    ' , ,',
    'foo bar',
    'foo;',
    'foo; ,bar',
    'foo;;a',
    ';a',
    '=1',
    'foo=1',
    'foo; =1',
    'foo; a=',
    'foo; a=,bar',
    'foo; a==1',
    'foo; a=1 2',
    'foo; a="1"2',
    'foo; a="1" "2"',
    'foo; a=""',
    'foo; a="',
    'foo; a="1',
    'foo; a="1\\',
    'foo; a="1\\"',
    'foo; a="\\""',
    'foo; a="1 2"',
    'foo; a="1,2"',
    'foo; a=\\1',
    'foo; "a"=1',
    '"foo"',
    'foo; a=\x7f',
    'foo; a=ä',
    'foo\r\n',
    'foo\0',
    '\u00a0foo',
    'f(o)o',
    'foo; a="ä"',
  ])('says that %j is malformed', (header) => {
    expect(parseExtensions(header)).toBeUndefined();
  });

  // Flaws CVE-2021-32640 and CVE-2020-7662: a quadratic parser does not come to an end within the time a test has.
  const size = 256 * 1024;
  test.each<[string, string, boolean]>([
    ['spaces within a name', `b${' '.repeat(size)}x`, false],
    [
      'spaces around everything',
      `b${' '.repeat(size)};${'\t'.repeat(size)}a${' '.repeat(size)}=${' '.repeat(size)}1`,
      true,
    ],
    ['a quoted string of escapes without an end', `b; a="${'\\a'.repeat(size)}`, false],
    ['a quoted string of backslashes without an end', `b; a="${'\\'.repeat(size)}`, false],
    ['many quoted strings without an end', 'b; a="'.repeat(size / 4), false],
    ['a long quoted string', `b; a="${'\\a'.repeat(size)}"`, true],
    ['a long token', `b; ${'a'.repeat(size)}`, true],
    ['many parameters', `b${';a=1'.repeat(size / 4)}`, true],
    ['many extensions', `b${',a'.repeat(size / 2)}`, true],
    ['many commas', `b${' ,'.repeat(size)}`, true],
    ['many commas, then something wrong', `b${' ,'.repeat(size)}=`, false],
  ])('takes linear time for %s', (_, header, wellFormed) => {
    expect(parseExtensions(header) !== undefined).toBe(wellFormed);
  });

  test('never throws, and what it reads can be written', () => {
    const alphabet = fc.constantFrom(
      'a',
      'b',
      '1',
      ' ',
      '\t',
      ',',
      ';',
      '=',
      '"',
      '\\',
      '\r',
      '\n',
      '\0',
      'é',
      '\u{1f30a}',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: alphabet }), fc.string({ unit: 'binary' })), (header) => {
        const extensions = parseExtensions(header);
        if (extensions !== undefined) expect(parseExtensions(serializeExtensions(extensions))).toEqual(extensions);
      }),
      { seed: 6455, numRuns: 5000 },
    );
  });
});

describe('serializeExtensions', () => {
  test('writes the shortest form', () => {
    expect(serializeExtensions([extension('foo', ['a', '1'], ['b']), extension('bar')])).toBe('foo; a=1; b, bar');
    expect(serializeExtensions([])).toBe('');
  });

  test('is undone by parseExtensions', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
    const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }) });
    const extensions = fc.array(fc.record({ name: token, parameters: fc.array(parameter) }), { minLength: 1 });
    fc.assert(
      fc.property(extensions, (given) => {
        expect(parseExtensions(serializeExtensions(given))).toEqual(given);
      }),
      { seed: 6455, numRuns: 500 },
    );
  });

  test.each([
    [extension('foo\r\nX-Injected: 1')],
    [extension('')],
    [extension('foo', ['a b'])],
    [extension('foo', ['a', '1, bar'])],
    [extension('foo', ['a', '"1"'])],
    [extension('foo', ['a', ''])],
  ])('throws for %j, which is not made of tokens', (given) => {
    expect(() => serializeExtensions([given])).toThrow(TypeError);
  });

  test('throws for a value that is no string', () => {
    const parameters = [{ name: 'server_max_window_bits', value: 10 }];
    expect(() => Reflect.apply(serializeExtensions, undefined, [[{ name: 'foo', parameters }]])).toThrow(TypeError);
  });
});
