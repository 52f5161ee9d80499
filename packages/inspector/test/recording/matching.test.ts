import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMatch, type Match, matches, Pattern, PatternError } from '../../src/recording/index.ts';
import { messageOf } from './support.ts';

describe('a match', () => {
  const message = messageOf({ connection: 3, data: 'Hello "Grüße" {"n":12}', length: 100 });
  it.each<[Match, boolean]>([
    [{}, true],
    [{ connection: 3, direction: 'toServer', opcodes: [1, 2], text: 'hello', pattern: 'n":\\d+' }, true],
    [{ connection: 4 }, false],
    [{ direction: 'toClient' }, false],
    [{ opcodes: [2, 8] }, false],
    [{ opcodes: [] }, false],
    [{ text: 'GRÜSSE' }, false],
    [{ text: 'GRÜßE' }, true],
    [{ text: 'hello', pattern: 'no' }, false],
    [{ pattern: 'hello' }, false],
    [{ pattern: '^Hello\\b' }, true],
    [{ minLength: 100, maxLength: 100 }, true],
    [{ minLength: 101 }, false],
    [{ maxLength: 99 }, false],
  ])('%j', (match, expected) => {
    expect(matches(message, match)).toBe(expected);
  });

  it('reads binary messages as text', () => {
    const data = new TextEncoder().encode('\0Grüße');
    expect(matches(messageOf({ data }), { text: 'grüße' })).toBe(true);
    expect(matches(messageOf({ data: Uint8Array.of(0xff) }), { pattern: '^\\uFFFD$' })).toBe(true);
  });

  it('is compiled once for 100,000 messages, and is through with them soon', () => {
    const messages = Array.from({ length: 100_000 }, (_, index) =>
      messageOf({ data: `{"event":"tick","id":${index},"padding":"${'x'.repeat(150)}"}` }),
    );
    const began = performance.now();
    const found = messages.filter(compileMatch({ text: 'TICK', pattern: '"id":\\d*7,.*x+"\\}$' }));
    expect(found).toHaveLength(10_000);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('a regular expression', () => {
  const units = ['a', 'b', 'A', ' ', '_', '-', '\n', '0', '9', 'ü', '\u2028', '.', '{', ']'];
  const text = fc.string({ unit: fc.constantFrom(...units), maxLength: 12 });
  const atoms = [
    ...[
      'a',
      'b',
      '.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\s',
      '\\S',
      '\\b',
      '\\B',
      '^',
      '$',
      '[ab]',
      '[^a]',
      '[a-b0-]',
      '[\\w-.]',
    ],
    ...['[^\\d\\s]', '\\.', '\\x61', '\\u00fc', '\\n', '\\0', '[\\b]', '[]', '[^]', '{', ']', '-', 'ab', '\\cJ'],
  ];
  /** Of what is taken here: with groups, alternatives and repetitions. */
  const source = fc.letrec<{ pattern: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...atoms),
      fc
        .tuple(
          fc.oneof(
            fc.constantFrom(...atoms.filter((each) => !/^(?:\\[bB]|[\^${])$/.test(each))),
            tie('pattern').map((each) => `(?:${each})`),
            tie('pattern').map((each) => `(${each})`),
          ),
          fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,}', '{0,2}', '{1,3}?'),
        )
        .map(([each, quantifier]) => each + quantifier),
      tie('pattern').map((each) => `(?<n>${each})`),
    ),
    pattern: fc
      .array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 3 })
      .map((all) => all.map((each) => each.join('')).join('|')),
  })).pattern;

  it('is found where JavaScript finds it', () => {
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 1, maxLength: 10 }), (pattern, texts) => {
        fc.pre((pattern.match(/\?<n>/g)?.length ?? 0) <= 1);
        const [ours, theirs] = [new Pattern(pattern), new RegExp(pattern)];
        for (const each of texts) expect([each, ours.isIn(each)]).toEqual([each, theirs.test(each)]);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a time that grows with the length of the text alone', () => {
    const text = `${'a'.repeat(200_000)}!`;
    const began = performance.now();
    for (const pattern of [
      '(a+)+$',
      '^(a|aa)*$',
      '(.*a){20}b',
      '^(([a-z])+.)+[A-Z]$',
      '.*.*.*=',
      '(a?){30}b',
      '(\\w|a|[^b])*b$',
    ])
      expect([pattern, new Pattern(pattern).isIn(text)]).toEqual([pattern, false]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each([
    ['(', /no regular expression: unterminated group/],
    ['a**', /no regular expression: nothing to repeat/],
    ['(?=a)', /look-ahead and look-behind cannot be used: the search might take for ever/],
    ['(?<!a)', /look-ahead and look-behind cannot be used/],
    ['(a)\\1', /references back, and octal escapes, cannot be used/],
    ['(?<n>a)\\k<n>', /references back/],
    ['(a{100}){100}', /too large: it may have 1000 steps/],
    ['a{99999999999}', /too large/],
  ])('%s is an error that says why', (pattern, words) => {
    expect(() => compileMatch({ pattern })).toThrow(PatternError);
    expect(() => compileMatch({ pattern })).toThrow(words);
  });
});
