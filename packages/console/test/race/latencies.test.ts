import { describe, expect, it } from 'vitest';
import { Latencies } from '../../src/race/latencies.ts';

const lanes = ['polling', 'websocket'] as const;

/** Message `n`, made `n` seconds after the start. */
const message = (n: number) => ({ n, at: n * 1000 });

describe('the latencies', () => {
  it('stand in a column for each lane, with a gap for what has not come', () => {
    const latencies = new Latencies(lanes);
    latencies.record('websocket', message(1), 5);
    latencies.record('websocket', message(2), 6);
    latencies.record('polling', message(1), 800);
    expect(latencies.columns).toEqual([
      [1, 2],
      [800, null],
      [5, 6],
    ]);
    expect([latencies.count('polling'), latencies.count('websocket'), latencies.count('events')]).toEqual([1, 2, 0]);
  });

  it('are not below zero, whatever the clocks say', () => {
    const latencies = new Latencies(lanes);
    latencies.record('websocket', message(1), -0.4);
    expect(latencies.columns[2]).toEqual([0]);
  });

  it('have a median of the recent ones', () => {
    const latencies = new Latencies(lanes);
    expect(latencies.median('websocket', 0)).toBeUndefined();
    for (const [index, latency] of [900, 3, 1, 2].entries()) {
      latencies.record('websocket', message(index + 1), latency);
    }
    expect(latencies.median('websocket', 2)).toBe(2);
    expect(latencies.median('websocket', 100)).toBe(2);
    expect(latencies.median('polling', 0)).toBeUndefined();
  });

  it('are forgotten in the end, the oldest first', () => {
    const latencies = new Latencies(lanes);
    for (let n = 1; n <= 10_000; n += 1) latencies.record('websocket', message(n), n);
    const [times, polling, websocket] = latencies.columns;
    expect(times.length).toBeLessThanOrEqual(3000);
    expect([times.at(-1), polling?.length, websocket?.at(-1)]).toEqual([10_000, times.length, 10_000]);
    latencies.record('polling', message(1), 1);
    latencies.record('polling', message(9999), 7);
    expect(latencies.columns[1]?.at(-2)).toBe(7);
    expect(latencies.columns[0].length).toBe(times.length);
  });
});
