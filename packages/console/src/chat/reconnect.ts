const first = 1000;
const longest = 30_000;

/**
 * How long to wait before trying again, in milliseconds: twice as long after each failure, up to half a minute, and less
 * than that by chance, so that a room full of clients does not come back all at once.
 * @param failures how many attempts have failed in a row, from 0
 * @param random from 0 to 1
 */
export function reconnectDelay(failures: number, random: number): number {
  return Math.round(Math.min(longest, first * 2 ** failures) * (0.5 + random / 2));
}

/** Whether the server may take us after a close with this code: 1002, 1003, 1007 and 1008 say that we are at fault. */
export function mayReconnect(code: number): boolean {
  return code !== 1002 && code !== 1003 && code !== 1007 && code !== 1008;
}
