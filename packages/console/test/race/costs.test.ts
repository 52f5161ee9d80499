import { describe, expect, it } from 'vitest';
import { Costs } from '../../src/race/costs.ts';

const tally = (messages: number, bytes: number, cpu: number) => ({
  requests: 1,
  received: bytes / 2,
  sent: bytes / 2,
  messages,
  cpu,
  http: '1.1',
});

describe('what a message costs', () => {
  it('is unknown before the first', () => {
    const costs = new Costs(['stream']);
    expect(costs.perMessage('stream')).toBeUndefined();
    costs.add(1, { stream: tally(0, 600, 10) });
    expect(costs.perMessage('stream')).toBeUndefined();
  });

  it('counts everything at first, and then the last ten seconds', () => {
    const costs = new Costs(['stream']);
    costs.add(0, { stream: tally(0, 600, 100) });
    costs.add(5, { stream: tally(5, 1100, 200) });
    expect(costs.perMessage('stream')).toEqual({ bytes: 220, cpu: 40 });
    costs.add(15, { stream: tally(15, 2100, 300) });
    expect(costs.perMessage('stream')).toEqual({ bytes: 100, cpu: 10 });
  });

  it('counts everything if the last seconds had no message', () => {
    const costs = new Costs(['stream']);
    costs.add(0, { stream: tally(2, 400, 20) });
    costs.add(20, { stream: tally(2, 800, 20) });
    expect(costs.perMessage('stream')).toEqual({ bytes: 400, cpu: 10 });
  });

  it('is drawn as the bytes of each lane over time', () => {
    const costs = new Costs(['polling', 'stream']);
    costs.add(1, { stream: tally(1, 600, 1) });
    costs.add(2, { stream: tally(2, 700, 2), polling: tally(1, 50, 1) });
    expect(costs.columns).toEqual([
      [1, 2],
      [null, 50],
      [600, 700],
    ]);
    for (let at = 3; at < 5000; at += 1) costs.add(at, {});
    expect(costs.columns[0].length).toBeLessThanOrEqual(700);
  });
});
