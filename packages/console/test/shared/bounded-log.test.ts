import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedLog } from '../../src/shared/bounded-log.ts';

const logOf = (maxEntries: number, maxBytes: number, released: number[] = []) =>
  new BoundedLog<number>({
    maxEntries,
    maxBytes,
    sizeOf: (entry) => entry,
    release: (entry) => released.push(entry),
  });

describe('a bounded log', () => {
  it('keeps the newest entries, counts the others and gives them back', () => {
    const released: number[] = [];
    const log = logOf(3, 1000, released);
    for (const entry of [1, 2, 3, 4, 5]) log.append(entry);
    expect(log.snapshot()).toEqual([3, 4, 5]);
    expect(log.dropped).toBe(2);
    expect(released).toEqual([1, 2]);
  });

  it('keeps no more bytes than it may, but always the newest entry', () => {
    const log = logOf(100, 10);
    for (const entry of [4, 4, 4]) log.append(entry);
    expect(log.snapshot()).toEqual([4, 4]);
    log.append(50);
    expect(log.snapshot()).toEqual([50]);
    log.append(10);
    expect(log.snapshot()).toEqual([10]);
  });

  it('is as new after it was cleared', () => {
    const released: number[] = [];
    const log = logOf(2, 10, released);
    for (const entry of [5, 5, 5]) log.append(entry);
    log.clear();
    expect(log.snapshot()).toEqual([]);
    expect(log.dropped).toBe(0);
    expect(released).toEqual([5, 5, 5]);
    for (const entry of [5, 5]) log.append(entry);
    expect(log.snapshot()).toEqual([5, 5]);
  });

  it('does not change a snapshot', () => {
    const log = logOf(1, 10);
    log.append(1);
    const snapshot = log.snapshot();
    log.append(2);
    expect(snapshot).toEqual([1]);
  });

  it('holds a suffix of what was appended, and has released the rest, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20)),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 40 }),
        (entries, most, bytes) => {
          const released: number[] = [];
          const log = logOf(most, bytes, released);
          for (const entry of entries) log.append(entry);
          expect([...released, ...log.snapshot()]).toEqual(entries);
          expect(log.dropped).toBe(released.length);
          const kept = log.snapshot();
          expect(kept.length).toBeLessThanOrEqual(most);
          if (kept.length > 1) expect(kept.reduce((sum, entry) => sum + entry, 0)).toBeLessThanOrEqual(bytes);
        },
      ),
    );
  });
});
