import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Encode } from '../../src/platform/base64.ts';

test('bytes of any number become the base64 that the runtime makes of them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64Encode(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
    { seed: 4648, numRuns: 500 },
  );
});
