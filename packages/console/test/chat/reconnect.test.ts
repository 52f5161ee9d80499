import { describe, expect, it } from 'vitest';
import { mayReconnect, reconnectDelay } from '../../src/chat/reconnect.ts';

describe('the wait before connecting again', () => {
  it('doubles with each failure, up to half a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 1000].map((failures) => reconnectDelay(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is shorter by chance, down to half', () => {
    expect([0, 0.5, 1].map((random) => reconnectDelay(2, random))).toEqual([2000, 3000, 4000]);
  });
});

describe('a close', () => {
  it('is followed by another attempt if it was not our fault', () => {
    expect([1000, 1001, 1006, 1009, 1011, 1012, 1013, 4000].filter(mayReconnect)).toHaveLength(8);
    expect([1002, 1003, 1007, 1008].filter(mayReconnect)).toEqual([]);
  });
});
