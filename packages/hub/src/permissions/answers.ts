import { CommandError } from '../codes.ts';
import type { Json } from '../publication.ts';

// Answers that come at once or by a promise, and what they mean.

export type MaybePromise<T> = T | Promise<T>;

export const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** What follows from `value`: at once, if that is there. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

export const isGrant = (answer: unknown): answer is object => typeof answer === 'object' && answer !== null;

/** `known` with what `change` names in its place. */
export function merged<T extends object>(known: T, change: T): T {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.assign({ ...known }, Object.fromEntries(named));
}

/**
 * What a hook says, over what was known before it.
 * @throws CommandError 103 unless it is `true` or an object
 */
export function granted<T extends object>(answer: T | boolean, known: T): T {
  if (answer === true) return known;
  if (isGrant(answer)) return merged(known, answer);
  throw new CommandError('PERMISSION_DENIED');
}

/** @throws Error if a hook wants something published that is no JSON */
export function checked(answer: { readonly data: Json } | boolean): { readonly data: Json } | boolean {
  if (isGrant(answer)) {
    if (typeof answer.data !== 'string') throw new TypeError('data must be JSON as text');
    JSON.parse(answer.data);
  }
  return answer;
}

export function withCause<E extends Error>(error: E, cause: unknown): E {
  error.cause = cause;
  return error;
}
