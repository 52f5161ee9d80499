import { describe, expect, test } from 'vitest';
import { Agenda, type Clock } from '../src/schedule/agenda.ts';
import { openTime } from '../src/schedule/ramp.ts';
import { Random } from '../src/schedule/random.ts';
import { SendTimes, type Spacing } from '../src/schedule/send-times.ts';

function timesOf(spacing: Spacing, rate = 10, seed = 1): number[] {
  const times = new SendTimes({ rate, spacing, start: 1000, end: 101_000 }, new Random(seed, 'test'));
  const all: number[] = [];
  for (let time = times.next(); time !== undefined; time = times.next()) all.push(time);
  return all;
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, i) => time - (times[i] ?? 0));

describe('the times of messages', () => {
  test('are exactly as many as the rate says, evenly, if the spacing is fixed', () => {
    const times = timesOf('fixed');
    expect(times.length).toBe(1000);
    expect(times[0]).toBeGreaterThanOrEqual(1000);
    expect(times.at(-1)).toBeLessThan(101_000);
    for (const gap of gaps(times)) expect(gap).toBeCloseTo(100, 6);
  });

  test('are from half to one and a half apart, if it is uniform', () => {
    const all = gaps(timesOf('uniform'));
    expect(Math.min(...all)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...all)).toBeLessThan(150);
    expect(all.length).toBeGreaterThan(950);
    expect(all.length).toBeLessThan(1050);
  });

  test('are those of independent people, if it is exponential', () => {
    const all = gaps(timesOf('exponential'));
    const mean = all.reduce((sum, gap) => sum + gap, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / all.length);
    // Of an exponential distribution both are the same.
    expect(mean).toBeGreaterThan(90);
    expect(mean).toBeLessThan(110);
    expect(deviation / mean).toBeGreaterThan(0.9);
    expect(deviation / mean).toBeLessThan(1.1);
  });

  test('are the same for the same seed, and others for another', () => {
    expect(timesOf('exponential', 10, 7)).toEqual(timesOf('exponential', 10, 7));
    expect(timesOf('exponential', 10, 7)).not.toEqual(timesOf('exponential', 10, 8));
  });
});

test('a ramp opens evenly, or in steps', () => {
  const of = (steps?: number) => [0, 1, 5, 9].map((i) => openTime({ over: 1000, steps }, i, 10));
  expect(of()).toEqual([0, 100, 500, 900]);
  expect(of(2)).toEqual([0, 0, 500, 500]);
});

/** A clock that stands still until it is set. */
class FakeClock implements Clock {
  time = 0;
  readonly timers: { readonly time: number; readonly act: () => void }[] = [];

  now(): number {
    return this.time;
  }

  at(time: number, act: () => void): () => void {
    const timer = { time, act };
    this.timers.push(timer);
    return () => this.timers.splice(this.timers.indexOf(timer), 1);
  }

  /** Of what is to be done soon. */
  soon(act: () => void): () => void {
    return this.at(Number.NEGATIVE_INFINITY, act);
  }

  set(time: number): void {
    this.time = time;
    for (const timer of this.timers.filter((each) => each.time <= time)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.act();
    }
  }
}

describe('an agenda', () => {
  test('does everything in the order of its times, with one timer', () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock);
    const done: number[] = [];
    const times = Array.from({ length: 200 }, (_, i) => (i * 7919) % 211);
    for (const time of times) agenda.add(time, (due) => done.push(due));
    expect(clock.timers.length).toBe(1);
    for (let time = 0; time <= 211; time += 10) clock.set(time);
    clock.set(300);
    expect(done).toEqual(times.toSorted((one, other) => one - other));
  });

  test('makes up for what was held up, by the times that were wanted', () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock);
    const done: number[] = [];
    const act = (due: number) => {
      done.push(due);
      if (due < 50) agenda.add(due + 10, act);
    };
    agenda.add(10, act);
    clock.set(1000);
    expect(done).toEqual([10, 20, 30, 40, 50]);
  });

  test('lets others have their turn after a few milliseconds of what is overdue, and then goes on with it', () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock);
    const done: number[] = [];
    const act = (due: number) => {
      done.push(due);
      clock.time += 2;
    };
    for (let time = 1; time <= 10; time++) agenda.add(time, act);
    clock.set(1000);
    expect(done).toEqual([1, 2, 3]);
    // What is added between two turns has its place by its time.
    agenda.add(0, act);
    expect(clock.timers.length).toBe(1);
    clock.set(clock.time);
    expect(done).toEqual([1, 2, 3, 0, 4, 5]);
    clock.set(clock.time);
    clock.set(clock.time);
    expect(done).toEqual([1, 2, 3, 0, 4, 5, 6, 7, 8, 9, 10]);
    expect(clock.timers.length).toBe(0);
  });

  test('does at least one thing in a turn, however long that takes, and can be told to forget the others', () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock);
    const done: number[] = [];
    const act = (due: number) => {
      done.push(due);
      clock.time += 100;
    };
    for (let time = 1; time <= 4; time++) agenda.add(time, act);
    clock.set(1000);
    clock.set(clock.time);
    expect(done).toEqual([1, 2]);
    agenda.clear();
    expect(clock.timers.length).toBe(0);
    clock.set(clock.time);
    expect(done).toEqual([1, 2]);
  });

  test('forgets everything when it is told to', () => {
    const clock = new FakeClock();
    const agenda = new Agenda(clock);
    agenda.add(10, () => expect.fail('It was forgotten'));
    agenda.clear();
    expect(clock.timers.length).toBe(0);
    clock.set(20);
  });
});
