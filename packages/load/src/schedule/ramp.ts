/** How connections are opened over a time. */
export interface Ramp {
  /** Milliseconds. */
  readonly over: number;
  /** In so many groups; `undefined`: one by one. */
  readonly steps?: number | undefined;
}

/** When the connection with this index, from 0 on, of so many is to be opened, in milliseconds from the start. */
export function openTime({ over, steps }: Ramp, index: number, count: number): number {
  if (steps === undefined) return (index / count) * over;
  return (Math.floor((index * steps) / count) / steps) * over;
}
