import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds to the second try; doubled from try to try. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

/**
 * Tries until it succeeds, at growing intervals.
 * @param isOver asked after each failure; when it says so, the last error is thrown
 */
export async function retrying<T>(attempt: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (isOver()) throw error;
      // Apart from each other, so that what has failed together does not come back together.
      const pause = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE) * (0.5 + Math.random());
      await delay(pause, undefined, { ref: false });
    }
  }
}
