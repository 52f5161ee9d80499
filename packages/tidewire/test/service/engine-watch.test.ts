import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineWatch } from '../../src/service/engine-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a short interruption of the engine is no trouble, a long one is until it ends', () => {
  const watch = new EngineWatch();
  watch.engineInterrupted('ECONNRESET');
  vi.advanceTimersByTime(9000);
  expect(watch.trouble()).toBeUndefined();
  watch.engineInterrupted('again');
  vi.advanceTimersByTime(3500);
  expect(watch.trouble()).toBe('the engine has been interrupted for 12 s: ECONNRESET');
  watch.engineResumed();
  expect(watch.trouble()).toBeUndefined();
});
