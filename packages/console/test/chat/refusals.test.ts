import { expect, test } from 'vitest';
import { readAdmitted } from '../../src/chat/guest.ts';
import { refusalText } from '../../src/chat/refusals.ts';

test('what was not published is told in words', () => {
  expect(refusalText({ code: 1000, message: 'text must not be blank' })).toBe('Not sent: text must not be blank');
  expect(refusalText({ code: 111, message: 'too many requests' })).toBe('Not so fast: this was not sent');
  expect(refusalText({ code: 2, message: 'transport closed' })).toBe('Not sent: the connection was lost');
  expect(refusalText(undefined)).toBe('Not sent: the connection was lost');
});

test('what the service answers to a guest is taken only if it is whole', () => {
  const answer = { token: 't', user: 'u', name: 'Ann', limits: { text: 1, image: 2 } };
  expect(readAdmitted({ ...answer, more: 1 })).toEqual(answer);
  for (const wrong of [null, 5, {}, { ...answer, token: 1 }, { ...answer, limits: {} }, { ...answer, limits: null }])
    expect(readAdmitted(wrong)).toBeUndefined();
});
