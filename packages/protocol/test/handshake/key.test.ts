import { acceptFor, createKey, isKey, portablePlatform } from '@tidewire/protocol';
import { describe, expect, test } from 'vitest';

test.each([
  ['dGhlIHNhbXBsZSBub25jZQ==', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ['x3JJHMbDL1EzLkh9GBhXDw==', 'HSmrc0sMlYUkAGmm5OPpG2HaGWk='],
])('the key %s is answered by %s', (key, accept) => {
  expect(acceptFor(key, portablePlatform)).toBe(accept);
});

test('every new key is another one and valid', () => {
  const keys = Array.from({ length: 100 }, () => createKey(portablePlatform));
  expect(new Set(keys).size).toBe(100);
  expect(keys.every(isKey)).toBe(true);
});

describe('isKey', () => {
  test('does not ask for the form in which the last 4 bits are zero', () => {
    expect(isKey('AAAAAAAAAAAAAAAAAAAAAB==')).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['15 bytes', 'AAAAAAAAAAAAAAAAAAAA'],
    ['17 bytes', 'AAAAAAAAAAAAAAAAAAAAAAA='],
    ['no padding', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ['one character too many', 'AAAAAAAAAAAAAAAAAAAAAAA=='],
    ['another alphabet', 'AAAAAAAAAA-_AAAAAAAAAA=='],
    ['a space', 'AAAAAAAAAAA AAAAAAAAAA=='],
    ['a line feed at the end', 'AAAAAAAAAAAAAAAAAAAAAA==\n'],
  ])('says no to %s', (_, value) => {
    expect(isKey(value)).toBe(false);
  });
});
