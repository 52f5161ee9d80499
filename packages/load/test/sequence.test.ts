import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sequence } from '../src/measure/sequence.ts';

describe('a sequence', () => {
  test('knows what comes in order, ahead, late and again', () => {
    const sequence = new Sequence();
    expect([1, 2, 5, 3, 3, 5, 4, 6].map((number) => sequence.arrived(number))).toEqual([
      ...(['inOrder', 'inOrder', 'ahead', 'late', 'duplicate', 'duplicate', 'late', 'inOrder'] as const),
    ]);
    expect([sequence.missing(6), sequence.firstMissing(6)]).toEqual([0, undefined]);
    expect([sequence.missing(9), sequence.firstMissing(9)]).toEqual([3, 7]);
  });

  test('counts what is missing as a list of all that came would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), (numbers) => {
        const sequence = new Sequence();
        const came = new Set<number>();
        for (const number of numbers) {
          const isAgain = came.has(number);
          const isLate = [...came].some((other) => other > number);
          const expected = isAgain
            ? 'duplicate'
            : isLate
              ? 'late'
              : number === Math.max(0, ...came) + 1
                ? 'inOrder'
                : 'ahead';
          expect(sequence.arrived(number)).toBe(expected);
          came.add(number);
        }
        const missing = Array.from({ length: 60 }, (_, i) => i + 1).filter((number) => !came.has(number));
        expect([sequence.missing(60), sequence.firstMissing(60)]).toEqual([missing.length, missing[0]]);
      }),
    );
  });

  test('keeps its count with more gaps than it remembers', () => {
    const sequence = new Sequence();
    for (let number = 2; number <= 60_000; number += 2) sequence.arrived(number);
    expect([sequence.missing(60_000), sequence.firstMissing(60_000)]).toEqual([30_000, 1]);
  });
});
