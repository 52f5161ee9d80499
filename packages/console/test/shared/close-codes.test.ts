import { describe, expect, it } from 'vitest';
import { closeCodeMeaning } from '../../src/shared/close-codes.ts';

describe('the meaning of a close code', () => {
  it('is that of RFC 6455 and of the registry', () => {
    expect(closeCodeMeaning(1000, true)).toBe('Normal closure');
    expect(closeCodeMeaning(1009, true)).toBe('Message too big');
  });

  it('tells an abnormal closure from a connection that was never open', () => {
    expect(closeCodeMeaning(1006, true)).toMatch('Abnormal closure');
    expect(closeCodeMeaning(1006, false)).toBe('The connection could not be opened');
  });

  it.each([
    [3000, /library/],
    [3999, /library/],
    [4000, /application/],
    [4999, /application/],
    [1004, /Not a defined/],
    [2999, /Not a defined/],
    [5000, /Not a defined/],
  ])('of %d goes by its range', (code, meaning) => {
    expect(closeCodeMeaning(code, true)).toMatch(meaning);
  });
});
