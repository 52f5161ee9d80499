import { describe, expect, it } from 'vitest';
import { advanceMaskingKey, maskInPlace, maskInto } from '../src/masking.ts';

const key = 0x91_a2_f3_44 | 0;
const keyBytes = [0x91, 0xa2, 0xf3, 0x44];

const expected = (bytes: Uint8Array) => bytes.map((byte, i) => byte ^ (keyBytes[i % 4] ?? 0));

describe('masking', () => {
  it('is RFC 6455, 5.3, for every length and alignment', () => {
    for (let offset = 0; offset < 8; offset++) {
      for (const size of [0, 1, 2, 3, 4, 5, 7, 8, 31, 126, 127, 128, 129, 130, 131, 160, 163, 1000]) {
        const memory = new Uint8Array(offset + size + 9).fill(0xee);
        const payload = Uint8Array.from({ length: size }, (_, i) => i * 7);
        memory.set(payload, offset);
        maskInPlace(memory, offset, offset + size, key);
        expect(memory.subarray(offset, offset + size)).toEqual(expected(payload));
        expect([...memory.subarray(0, offset), ...memory.subarray(offset + size)].every((byte) => byte === 0xee)).toBe(
          true,
        );

        const target = new Uint8Array(size + 9);
        maskInto(memory, offset, offset + size, target, 5, key);
        expect(target.subarray(5, 5 + size)).toEqual(payload);
      }
    }
  });

  it('tells what is ASCII, copied or in its place', () => {
    for (const size of [1, 2, 3, 4, 5, 130, 131, 132, 133]) {
      for (let at = -1; at < size; at++) {
        const payload = new Uint8Array(size).fill(0x41);
        if (at >= 0) payload[at] = 0x80;
        maskInPlace(payload, 0, size, key);
        expect(maskInto(payload, 0, size, new Uint8Array(size), 0, key)).toBe(at < 0);
        expect(maskInPlace(payload, 0, size, key)).toBe(at < 0);
      }
    }
  });

  it('changes nothing with a key of 0', () => {
    const target = new Uint8Array(3);
    maskInto(Uint8Array.of(1, 2, 3), 0, 3, target, 0, 0);
    expect([...target]).toEqual([1, 2, 3]);
  });

  it('goes on in the middle of a payload', () => {
    const payload = Uint8Array.from({ length: 500 }, (_, i) => i * 3);
    for (let cut = 0; cut < 140; cut++) {
      const whole = payload.slice();
      maskInPlace(whole, 0, cut, key);
      maskInPlace(whole, cut, 500, advanceMaskingKey(key, cut));
      expect(whole).toEqual(expected(payload));
    }
  });
});
