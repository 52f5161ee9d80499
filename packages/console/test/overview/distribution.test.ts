import { expect, test } from 'vitest';
import { difference, quantile, together } from '../../src/overview/distribution.ts';

const bounds = [0.001, 0.01, 0.1];
const counted = (...counts: number[]) => ({ bounds, counts, sum: 1 });

test('a quantile lies in the bucket in which it was counted', () => {
  const all = counted(50, 40, 10, 0);
  expect(quantile(all, 0.5)).toBeCloseTo(0.001);
  expect(quantile(all, 0.25)).toBeCloseTo(0.0005);
  expect(quantile(all, 0.9)).toBeCloseTo(0.01);
  expect(quantile(all, 0.99)).toBeCloseTo(0.091);
  expect(quantile(counted(0, 0, 0, 1), 0.5)).toBe(0.1);
  expect(quantile(counted(0, 0, 1, 0), 0)).toBeCloseTo(0.01);
  expect(quantile(counted(0, 0, 0, 0), 0.5)).toBeUndefined();
});

test('what happened between two counts is their difference', () => {
  expect(difference(counted(5, 5, 5, 5), counted(1, 2, 3, 4)).counts).toEqual([4, 3, 2, 1]);
  expect(difference(counted(5, 5, 5, 5), undefined).counts).toEqual([5, 5, 5, 5]);
  const other = { bounds: [1], counts: [1, 1], sum: 1 };
  expect(difference(counted(5, 5, 5, 5), other).counts).toEqual([5, 5, 5, 5]);
});

test('nodes are counted together, but for one that counts by other bounds', () => {
  const other = { bounds: [1], counts: [1, 1], sum: 1 };
  expect(together([counted(1, 0, 0, 0), other, counted(0, 2, 0, 0)])?.counts).toEqual([1, 2, 0, 0]);
  expect(together([])).toBeUndefined();
});
