// What section 6.5 and later send: the stress sequences that UTF-8 decoders are usually tried with, valid (true) or not, in
// the order of Autobahn's numbers. The forms themselves follow from RFC 3629.
import { hex } from '../words.ts';

export interface Group {
  readonly title: string;
  readonly sequences: readonly (readonly [valid: boolean, bytes: Uint8Array])[];
}

const valid = (...all: string[]): (readonly [boolean, Uint8Array])[] => all.map((digits) => [true, hex(digits)]);
const invalid = (...all: string[]): (readonly [boolean, Uint8Array])[] => all.map((digits) => [false, hex(digits)]);

/** The five Greek letters that many UTF-8 tests begin with; the third has an accent and takes three bytes. */
const greek = 'ceba e1bdb9 cf83 cebc ceb5'.replaceAll(' ', '');

/** Every prefix of the Greek word: valid where a letter ends. */
function prefixes(): (readonly [boolean, Uint8Array])[] {
  const whole = hex(greek);
  const letterEnds = [2, 5, 7, 9, 11];
  return Array.from(whole, (_, n) => [letterEnds.includes(n + 1), whole.subarray(0, n + 1)]);
}

/** Each byte from `from` up to, not including, `to`, followed by `then`. */
function range(from: number, to: number, then = ''): string {
  let digits = '';
  for (let byte = from; byte < to; byte++) digits += byte.toString(16) + then;
  return digits;
}

/** Lead bytes and continuations whose last byte is missing: overlong ones, then the largest of each length. */
const cutShort = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'];

/** The last two code points of each plane but the first, which are no characters but are valid. */
function nonCharacters(): string[] {
  const all = ['efbfbe', 'efbfbf'];
  for (let plane = 1; plane <= 16; plane++) {
    for (const low of [0xfffe, 0xffff])
      all.push(Buffer.from(String.fromCodePoint(plane * 0x10000 + low)).toString('hex'));
  }
  return all;
}

const ascii = (word: string): string => Buffer.from(word).toString('hex');
const around = (digits: string): string => ascii('hello') + digits + ascii('world');

export const groups: readonly Group[] = [
  {
    title: 'some valid text',
    sequences: valid(around('24'), around('c2a2'), around('e282ac'), around('f0a4ada2'), greek),
  },
  { title: 'every prefix of a word', sequences: prefixes() },
  { title: 'the first code point of each length', sequences: valid('00', 'c280', 'e0a080', 'f0908080') },
  { title: 'the first of five and six bytes', sequences: invalid('f888808080', 'fc8480808080') },
  { title: 'the last code point of each length', sequences: valid('7f', 'dfbf', 'efbfbf', 'f48fbfbf') },
  { title: 'the last of four, five and six bytes', sequences: invalid('f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf') },
  {
    title: 'beside the borders',
    sequences: [...valid('ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'), ...invalid('f4908080')],
  },
  {
    title: 'continuation bytes alone',
    sequences: invalid('80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf', range(0x80, 0xbf)),
  },
  {
    title: 'lead bytes alone',
    sequences: invalid(
      range(0xc0, 0xdf, '20'),
      range(0xe0, 0xef, '20'),
      range(0xf0, 0xf7, '20'),
      range(0xf8, 0xfb, '20'),
      range(0xfc, 0xfd, '20'),
    ),
  },
  { title: 'the last byte missing', sequences: invalid(...cutShort) },
  { title: 'all of those in a row', sequences: invalid(cutShort.join('')) },
  { title: 'bytes that never occur', sequences: invalid('fe', 'ff', 'fefeffff') },
  { title: 'a slash written too long', sequences: invalid('c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af') },
  {
    title: 'the largest of each that is too long',
    sequences: invalid('c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'),
  },
  { title: 'NUL written too long', sequences: invalid('c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080') },
  {
    title: 'single surrogates',
    sequences: invalid('eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'),
  },
  {
    title: 'pairs of surrogates',
    sequences: invalid(
      ...['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => [`${high}edb080`, `${high}edbfbf`]),
    ),
  },
  { title: 'code points that are no characters', sequences: valid(...nonCharacters()) },
  {
    title: 'the specials',
    sequences: valid('efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'),
  },
];

/** The number of bytes up to and including the one that no valid text can have there, or `undefined` (RFC 3629, 4). */
export function firstBadByte(bytes: Uint8Array): number | undefined {
  let missing = 0;
  let low = 0x80;
  let high = 0xbf;
  for (const [at, byte] of bytes.entries()) {
    if (missing > 0) {
      if (byte < low || byte > high) return at + 1;
      missing--;
      [low, high] = [0x80, 0xbf];
    } else if (byte >= 0x80) {
      if (byte < 0xc2 || byte > 0xf4) return at + 1;
      missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      if (byte === 0xe0) low = 0xa0;
      if (byte === 0xed) high = 0x9f;
      if (byte === 0xf0) low = 0x90;
      if (byte === 0xf4) high = 0x8f;
    }
  }
  return undefined;
}
