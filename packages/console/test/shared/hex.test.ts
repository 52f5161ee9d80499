import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexDump, parseHex } from '../../src/shared/hex.ts';

const bytes = (text: string) => {
  const parsed = parseHex(text);
  return parsed === undefined ? undefined : [...parsed];
};

describe('a hex dump', () => {
  it('has an offset, the bytes and the printable characters in each line', () => {
    const dump = hexDump(
      Uint8Array.from({ length: 10 }, (_, index) => 0x3c + index),
      8,
    );
    expect(dump).toBe('000000  3c 3d 3e 3f 40 41 42 43  <=>?@ABC\n000008  44 45                    DE');
  });

  it('shows what is not printable as a dot', () => {
    expect(hexDump(Uint8Array.of(0, 0x1f, 0x20, 0x7e, 0x7f, 0xff), 6)).toBe('000000  00 1f 20 7e 7f ff  .. ~..');
  });

  it('is empty for no bytes', () => {
    expect(hexDump(new Uint8Array(), 16)).toBe('');
  });
});

describe('bytes in hexadecimal', () => {
  it.each(['48656c6C6F', '48 65 6c 6c 6f', '0x48, 0x65, 0x6c, 0x6c, 0x6f', '48:65:6C:6c:6f\n'])(
    'may be written as %j',
    (text) => {
      expect(bytes(text)).toEqual([0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    },
  );

  it.each(['4', '4 8 6', 'hello', '4g', '48-65', '0x0x1'])('may not be written as %j', (text) => {
    expect(bytes(text)).toBeUndefined();
  });

  it('may be none', () => {
    expect(bytes(' ')).toEqual([]);
  });

  it('are what toString(16) says', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const text = [...array].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        expect(bytes(text)).toEqual([...array]);
      }),
    );
  });
});
