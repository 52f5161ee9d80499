import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { observe } from '../../src/service/hub-observer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('that histories are too large is said at once, and then once in a minute with all that was dropped since', () => {
  const lines: unknown[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const observer = observe({}, undefined, pino({ base: null }, stream));
  for (let second = 0; second < 90; second++) {
    observer.historyShortened(10, 1);
    vi.advanceTimersByTime(1000);
  }
  expect(lines).toMatchObject([
    { level: 40, publications: 10, positions: 1, msg: expect.stringContaining('engine.memory.maxHistory') },
    { publications: 600, positions: 60 },
  ]);
});
