import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../src/inspector/store/deque.ts';

describe('a queue whose items keep their numbers', () => {
  it('is what an array is of which the beginning is cut off, whatever is done to it', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ push: fc.nat(3000) }) },
        { weight: 5, arbitrary: fc.record({ shift: fc.nat(3000) }) },
        { weight: 1, arbitrary: fc.constant({ clear: true }) },
      ),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const deque = new Deque<number>();
        let start = 0;
        let end = 0;
        for (const step of all) {
          if ('push' in step) for (let n = 0; n < step.push; n += 1) deque.push(end++);
          for (let n = 0; 'shift' in step && n < step.shift; n += 1) {
            if (deque.shift() !== (start < end ? start : undefined)) throw new Error('That was not the oldest');
            start = Math.min(end, start + 1);
          }
          if ('clear' in step) {
            deque.clear();
            start = end;
          }
          expect([deque.start, deque.end, deque.length]).toEqual([start, end, end - start]);
          expect(deque.first).toBe(start < end ? start : undefined);
          expect(deque.last).toBe(start < end ? end - 1 : undefined);
          expect(deque.at(start - 1)).toBe(undefined);
          expect(deque.at(end)).toBe(undefined);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds the first of those that are behind something, or where they would begin', () => {
    const deque = new Deque<number>();
    for (let n = 0; n < 5000; n += 1) deque.push(n * 2);
    for (let n = 0; n < 3000; n += 1) deque.shift();
    expect(deque.search((item) => item >= 7000)).toBe(3500);
    expect(deque.search((item) => item >= 7001)).toBe(3501);
    expect(deque.search(() => true)).toBe(3000);
    expect(deque.search(() => false)).toBe(5000);
  });
});
