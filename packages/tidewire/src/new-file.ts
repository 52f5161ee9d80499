import { openSync } from 'node:fs';
import { describeWriteError, UsageError } from './problem.ts';

// A recording is written while it happens. So it begins in a file that was not there before: a name that was mistyped must not cost
// what was recorded yesterday.

/**
 * Makes a file that only this user can read: what goes over a connection is nobody else's business.
 * @param flag what named it, for the error
 * @returns its descriptor
 * @throws UsageError if there is one already, or none can be made
 */
export function openNew(flag: string, path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    throw new UsageError(`${flag} ${path} cannot be made: ${describeWriteError(error)}`);
  }
}
