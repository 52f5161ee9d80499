/** Milliseconds since 1970, with fractions. Does not go back. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
