import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../src/race/server-clock.ts';

describe('the clock of the server', () => {
  it('is read in the middle of the quickest answer', () => {
    const clock = new ServerClock();
    expect(clock.uncertainty).toBeUndefined();
    clock.add(100, 200, 5000);
    expect(clock.at(150)).toBe(5000);
    expect(clock.uncertainty).toBe(50);
    clock.add(300, 310, 5165);
    expect(clock.at(305)).toBe(5165);
    clock.add(400, 500, 9000);
    expect([clock.at(305), clock.uncertainty]).toEqual([5165, 5]);
  });

  it('follows a clock that drifts: old answers are forgotten', () => {
    const clock = new ServerClock();
    clock.add(0, 1, 1000);
    for (let i = 1; i <= 20; i += 1) clock.add(i * 100, i * 100 + 10, i * 100 + 2005);
    expect(clock.at(0)).toBe(2000);
  });
});
