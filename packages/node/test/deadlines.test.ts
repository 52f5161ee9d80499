import { Deadlines, Expiring } from '@tidewire/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Alarm extends Expiring {
  readonly times: number[] = [];
  onExpired: (() => void) | undefined;

  override expired(): void {
    this.times.push(performance.now());
    this.onExpired?.();
  }
}

describe('deadlines', () => {
  it('pass no sooner than set, and at most a tick and a half late', () => {
    const deadlines = new Deadlines(100);
    for (const delay of [0, 1, 99, 100, 101, 250, 1000, 60_000]) {
      const alarm = new Alarm();
      const start = performance.now();
      deadlines.set(alarm, delay);
      vi.advanceTimersByTime(delay + 200);
      expect(alarm.times).toHaveLength(1);
      const late = (alarm.times[0] ?? 0) - start - delay;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(200);
      vi.advanceTimersByTime(33);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be moved and cleared', () => {
    const deadlines = new Deadlines(100);
    const [moved, cleared] = [new Alarm(), new Alarm()];
    deadlines.set(moved, 200);
    deadlines.set(cleared, 200);
    deadlines.set(moved, 1000);
    deadlines.clear(cleared);
    deadlines.clear(cleared);
    expect(deadlines.size).toBe(1);
    vi.advanceTimersByTime(900);
    expect(moved.times).toHaveLength(0);
    vi.advanceTimersByTime(300);
    expect(moved.times).toHaveLength(1);
    expect(cleared.times).toHaveLength(0);
    expect(deadlines.size).toBe(0);
  });

  it('can be set, moved and cleared by one that expires', () => {
    const deadlines = new Deadlines(100);
    const [first, cleared, moved] = [new Alarm(), new Alarm(), new Alarm()];
    first.onExpired = () => {
      deadlines.clear(cleared);
      deadlines.set(moved, 500);
      if (first.times.length < 3) deadlines.set(first, 100);
    };
    // Of those that expire together, the one that was set last comes first.
    for (const alarm of [cleared, moved, first]) deadlines.set(alarm, 100);
    vi.advanceTimersByTime(250);
    expect(moved.times).toHaveLength(0);
    vi.advanceTimersByTime(2000);
    expect(first.times).toHaveLength(3);
    expect(cleared.times).toHaveLength(0);
    expect(moved.times).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('share one timer, whose ticks may be missed', () => {
    const deadlines = new Deadlines(100);
    const alarms = Array.from({ length: 1000 }, () => new Alarm());
    for (const [i, alarm] of alarms.entries()) deadlines.set(alarm, i);
    expect(vi.getTimerCount()).toBe(1);
    // The process is suspended: the clock moves on, and no timer runs meanwhile.
    vi.setSystemTime(Date.now() + 5000);
    vi.advanceTimersByTime(1300);
    expect(alarms.every(({ times }) => times.length === 1)).toBe(true);
  });
});
