import { createHash } from 'node:crypto';
import { portablePlatform } from '@tidewire/protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

const { sha1Base64, utf8Length, utf8Write, utf8Decode, randomFill, now, allocate } = portablePlatform;
const runs = { seed: 6455, numRuns: 500 };

function encode(text: string): Uint8Array {
  const bytes = allocate(utf8Length(text));
  expect(utf8Write(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('sha1', () => {
  test.each([
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ])('gives the digest that the standard names for "%s"', (text, hex) => {
    expect(Buffer.from(sha1Base64(text), 'base64').toString('hex')).toBe(hex);
  });

  test('agrees with OpenSSL on every length around the borders of blocks', () => {
    for (let length = 0; length <= 260; length += 1) {
      const text = String.fromCharCode(...Array.from({ length }, (_, index) => (index * 151 + length) & 0x7f));
      expect(sha1Base64(text)).toBe(createHash('sha1').update(text).digest('base64'));
    }
  });
});

describe('UTF-8', () => {
  const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

  test('is written as the runtime writes it, a lone surrogate as U+FFFD', () => {
    const text = fc.oneof(anyText, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (given) => {
        expect(Buffer.from(encode(given))).toEqual(Buffer.from(given));
      }),
      runs,
    );
  });

  test.each([
    ['a high surrogate at the end', 'a\ud800'],
    ['a low surrogate first', '\udc00a'],
    ['two high surrogates', '\ud800\ud800\udc00'],
    ['the first and last character of each length', '\0\x7f\x80\u07ff\u0800\uffff\u{10000}\u{10ffff}'],
  ])('is written as the runtime writes it: %s', (_, text) => {
    expect(Buffer.from(encode(text))).toEqual(Buffer.from(text));
  });

  test('is written from the offset on and nowhere else', () => {
    const target = new Uint8Array(6).fill(0x2e);
    expect(utf8Write('é€', target, 1)).toBe(5);
    expect([...target]).toEqual([0x2e, 0xc3, 0xa9, 0xe2, 0x82, 0xac]);
  });

  test('comes back as the text that it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = encode(text);
        expect(utf8Decode(bytes, 0, bytes.length)).toBe(text);
      }),
      runs,
    );
  });

  test('is decoded or refused exactly as a strict decoder does', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const nearlyValid = fc.array(
      fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4),
    );
    const bytes = fc.oneof(
      fc.uint8Array(),
      nearlyValid.map((values) => Uint8Array.from(values)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        let wanted: string | undefined;
        try {
          wanted = strict.decode(given);
        } catch {
          wanted = undefined;
        }
        expect(utf8Decode(given, 0, given.length)).toBe(wanted);
      }),
      { ...runs, numRuns: 5000 },
    );
  });

  // The rows of the Unicode standard's table 3-7, one step outside each of their ranges, and cut off.
  test.each([
    ['a continuation byte first', [0x80]],
    ['an overlong 2-byte sequence', [0xc1, 0xbf]],
    ['an overlong 3-byte sequence', [0xe0, 0x9f, 0xbf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong 4-byte sequence', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead byte that has no meaning', [0xf5, 0x80, 0x80, 0x80]],
    ['2 bytes of which the second is none', [0xc2, 0x7f]],
    ['3 bytes of which the third is none', [0xe1, 0x80, 0xc0]],
    ['4 bytes of which the fourth is none', [0xf1, 0x80, 0x80, 0x41]],
    ['2 bytes cut off', [0xc2]],
    ['3 bytes cut off', [0xe1, 0x80]],
    ['4 bytes cut off', [0xf1, 0x80, 0x80]],
  ])('is refused: %s', (_, values) => {
    const bytes = Uint8Array.from([0x41, ...values]);
    expect(utf8Decode(bytes, 0, bytes.length)).toBeUndefined();
  });

  test('keeps a byte order mark', () => {
    expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), 0, 4)).toBe('\ufeffA');
  });

  test('is decoded between start and end only, in a view as well', () => {
    const bytes = Uint8Array.of(0xff, 0xff, 0x41, 0xc3, 0xa9, 0xff).subarray(1);
    expect(utf8Decode(bytes, 1, 4)).toBe('Aé');
    expect(utf8Decode(bytes, 1, 3)).toBeUndefined();
    expect(utf8Decode(bytes, 2, 2)).toBe('');
  });

  test('of many megabytes is decoded without running out of arguments', () => {
    const text = 'aé€\u{1f30a}'.repeat(500_000);
    const bytes = encode(text);
    expect(utf8Decode(bytes, 0, bytes.length) === text).toBe(true);
  });
});

describe('randomFill', () => {
  test.each([0, 1, 65_536, 65_537, 200_000])('fills %d bytes', (length) => {
    const bytes = new Uint8Array(length);
    randomFill(bytes);
    // the chance that a filled chunk has 20 zeros in a row at its end is 2^-160
    for (let end = length; end >= 20; end -= 65_536) expect(bytes.subarray(end - 20, end).some(Boolean)).toBe(true);
  });

  test('leaves what is outside of a view alone', () => {
    const bytes = new Uint8Array(40);
    randomFill(bytes.subarray(10, 30));
    expect([...bytes.subarray(0, 10), ...bytes.subarray(30)].some(Boolean)).toBe(false);
    expect(bytes.subarray(10, 30).some(Boolean)).toBe(true);
  });
});

describe('now', () => {
  test('is the monotonic clock of the runtime', () => {
    const before = performance.now();
    const time = now();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(performance.now());
  });

  test('does not go back with the wall clock where there is no other', () => {
    const wallClock = vi.spyOn(Date, 'now');
    vi.stubGlobal('performance', undefined);
    const times = [5_000_000_000_000, 4_000_000_000_000, 5_000_000_000_001].map((time) => {
      wallClock.mockReturnValue(time);
      return now();
    });
    wallClock.mockRestore();
    expect(times).toEqual([5_000_000_000_000, 5_000_000_000_000, 5_000_000_000_001]);
  });
});

test('the portable platform has no DEFLATE codec', () => {
  expect(portablePlatform.deflate).toBeUndefined();
});
