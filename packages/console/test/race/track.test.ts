import { describe, expect, it } from 'vitest';
import { formatBytes, formatCpu, formatLatency } from '../../src/race/numbers.ts';
import { createTrack, takeLines } from '../../src/race/track.ts';

describe('a track', () => {
  it('takes each message once, and asks for those behind it', () => {
    const arrived: number[] = [];
    const track = createTrack(
      'a+b',
      () => {},
      ({ n }) => arrived.push(n),
    );
    expect(track.url('/race/stream')).toBe('/race/stream?run=a%2Bb&after=0');
    takeLines(track, '{"n":1,"at":1}\n{"n":2,"at":2}\n');
    takeLines(track, '{"n":2,"at":2}\nnonsense\n{"n":3,"at":3}\n');
    expect(arrived).toEqual([1, 2, 3]);
    expect(track.url('/race/stream')).toBe('/race/stream?run=a%2Bb&after=3');
  });
});

describe('a number of the race', () => {
  it.each([
    [formatLatency(0.04), '0.0 ms'],
    [formatLatency(9.96), '10 ms'],
    [formatLatency(512.3), '512 ms'],
    [formatLatency(1234), '1.23 s'],
    [formatBytes(78.4), '78 B'],
    [formatBytes(1234), '1.2 kB'],
    [formatBytes(45_600), '46 kB'],
    [formatBytes(2_345_678), '2.3 MB'],
    [formatCpu(45.4), '45 µs'],
    [formatCpu(1234), '1.2 ms'],
  ])('reads %s', (shown, wanted) => {
    expect(shown).toBe(wanted);
  });
});
