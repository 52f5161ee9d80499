import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Poller } from '../../src/operate/poller.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Answers after `took` milliseconds as `isGood` says. */
function counting(took = 0) {
  const asked = { times: 0, atOnce: 0, isGood: true };
  let underWay = 0;
  const ask = async () => {
    asked.times++;
    asked.atOnce = Math.max(asked.atOnce, ++underWay);
    if (took > 0) await new Promise((resolve) => setTimeout(resolve, took));
    underWay--;
    return asked.isGood;
  };
  return { asked, poller: new Poller({ ask, interval: 1000 }) };
}

test('it asks once in each interval, however long an answer takes within it', async () => {
  const { asked, poller } = counting(400);
  poller.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked.times).toBeGreaterThanOrEqual(10);
  expect(asked.times).toBeLessThanOrEqual(11);
  poller.stop();
});

test('it asks one question at a time, also when it rests and goes on before an answer', async () => {
  const { asked, poller } = counting(3000);
  poller.start();
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(100);
    poller.stop();
    poller.start();
  }
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked.atOnce).toBe(1);
  expect(asked.times).toBeGreaterThan(4);
  poller.stop();
});

test('it waits longer the more often there was no answer, and no longer than a while', async () => {
  const { asked, poller } = counting();
  asked.isGood = false;
  poller.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.times).toBeLessThan(9);
  const before = asked.times;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(asked.times - before).toBeGreaterThanOrEqual(2);
  asked.isGood = true;
  await vi.advanceTimersByTimeAsync(20_000);
  const well = asked.times;
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.times - well).toBe(5);
  poller.stop();
});

test('it asks nothing while it rests', async () => {
  const { asked, poller } = counting();
  poller.start();
  await vi.advanceTimersByTimeAsync(100);
  poller.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.times).toBe(1);
});
