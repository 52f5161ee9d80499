import type { ClientSession } from './client-session.ts';
import type { Disconnect } from './codes.ts';

/** Milliseconds between two steps at least; what is due by then goes together. */
const MIN_STEP = 10;

/**
 * Sends clients away, spread evenly in time, so that they do not all come back in the same moment.
 * @param within milliseconds
 * @param hurried when it resolves, this is over: those that are left are somebody else's
 */
export async function sendAway(
  sessions: readonly ClientSession[],
  within: number,
  disconnect: Disconnect,
  hurried: Promise<void>,
): Promise<void> {
  const begin = performance.now();
  let isHurried = false;
  hurried.then(() => {
    isHurried = true;
  });
  for (const [i, session] of sessions.entries()) {
    const wait = begin + (within * i) / sessions.length - performance.now();
    if (wait > 0) await pause(Math.max(MIN_STEP, wait), hurried);
    if (isHurried) return;
    session.disconnect(disconnect);
  }
}

/** Waits for `delay` milliseconds, or until `over` resolves. */
export async function pause(delay: number, over?: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delay);
  });
  await (over === undefined ? passed : Promise.race([passed, over]));
  clearTimeout(timer);
}
