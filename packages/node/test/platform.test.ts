import { nodePlatform } from '@tidewire/node';
import { portablePlatform } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const parameters = { seed: 20_261_121, numRuns: 500 };

describe("Node's platform", () => {
  it('encodes and decodes text as the portable one does', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
    );
    fc.assert(
      fc.property(text, (value) => {
        const results = [nodePlatform, portablePlatform].map((platform) => {
          const target = new Uint8Array(platform.utf8Length(value) + 2);
          return [platform.utf8Write(value, target, 1), [...target], platform.utf8Decode(target, 1, target.length - 1)];
        });
        expect(results[0]).toEqual(results[1]);
      }),
      parameters,
    );
  });

  it('rejects the bytes that the portable one rejects', () => {
    const tricky = fc.array(
      fc.constantFrom(
        0x00,
        0x41,
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xed,
        0xef,
        0xf0,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(tricky, (values) => {
        const bytes = Uint8Array.from(values);
        for (const given of [bytes, Buffer.from(bytes)]) {
          expect(nodePlatform.utf8Decode(given, 0, given.length)).toBe(
            portablePlatform.utf8Decode(bytes, 0, bytes.length),
          );
        }
      }),
      { ...parameters, numRuns: 3000 },
    );
  });

  it('hashes, draws random bytes and tells the time', () => {
    expect(nodePlatform.sha1Base64('abc')).toBe('qZk+NkcGgWq6PiVxeFDCbJzQ2J0=');
    const bytes = new Uint8Array(64);
    nodePlatform.randomFill(bytes);
    expect(new Set(bytes).size).toBeGreaterThan(30);
    const first = nodePlatform.now();
    expect(nodePlatform.now()).toBeGreaterThanOrEqual(first);
  });
});
