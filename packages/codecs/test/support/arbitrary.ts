import type { JsonValue } from '@tidewire/codecs';
import fc from 'fast-check';

// What the properties of the codecs are tried on.

/** As a test's name shows it, so that a failure can be had again: SEED=… */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

export const parameters = { seed, numRuns: 200 };

/** As it comes back from JSON: -0 is 0 there. */
export const anyJson: fc.Arbitrary<JsonValue> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)));

export const anyObject: fc.Arbitrary<{ readonly [key: string]: JsonValue }> = fc
  .dictionary(fc.string(), anyJson, { maxKeys: 5 })
  .map((value) => JSON.parse(JSON.stringify(value)));

export const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes));

/** With the characters that protocols have meanings for. */
export const anyText = fc
  .string({ unit: fc.oneof(fc.constantFrom(...'\0\n\r\\:,/{}[]"0123456789-bA'), fc.string()), maxLength: 40 })
  .map((text) => new TextDecoder().decode(new TextEncoder().encode(text)));

export const anyMessage = fc.oneof(anyText, anyBytes);
