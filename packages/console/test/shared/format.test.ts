import { describe, expect, it } from 'vitest';
import { formatClock, formatSize, formatTime, prettyJson } from '../../src/shared/format.ts';

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 ** 2, '1.0 MiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [5 * 1024 ** 4, '5120.0 GiB'],
  ])('of %d bytes reads %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

describe('a time', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

  it('is the time of day with milliseconds', () => {
    expect(formatTime(at)).toBe('03:04:05.006');
  });

  it('is the time of day to the minute in the chat', () => {
    expect(formatClock(at)).toBe('03:04');
  });
});

describe('JSON', () => {
  it('is laid out if it is an object or an array', () => {
    expect(prettyJson(' {"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  it.each(['1', '"text"', 'null', 'hello', '{', '[1,', ''])('is left as it is otherwise: %j', (text) => {
    expect(prettyJson(text)).toBeUndefined();
  });
});
