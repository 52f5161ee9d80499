/** What one peer may take. Sizes are in bytes. A value of `Infinity` switches a limit off. */
export interface Limits {
  /** The largest message accepted, after decompression. Beyond: MESSAGE_TOO_BIG, 1009. Default 16 MiB. */
  readonly maxMessageSize: number;
  /** The largest payload of one frame. Beyond: FRAME_TOO_BIG, 1009. Default `Infinity`: the message's limit holds. */
  readonly maxFrameSize: number;
  /** Fragments of one message. Beyond: TOO_MANY_FRAGMENTS, 1008. Default 131,072. */
  readonly maxFragments: number;
  /** Ping, Pong and Close frames within one second. Beyond: TOO_MANY_CONTROL_FRAMES, 1008. Default 1000. */
  readonly maxControlFramesPerSecond: number;
  /**
   * Bytes waiting to be sent. A message that comes when more is waiting is refused (`send` returns `'refused'`), or,
   * where the caller has declared it with `closeWhenFull`, fails the connection: OUTPUT_LIMIT, 1008. Default 16 MiB.
   */
  readonly maxBufferedAmount: number;
}

const MiB = 1024 * 1024;

export const defaultLimits: Limits = {
  maxMessageSize: 16 * MiB,
  maxFrameSize: Number.POSITIVE_INFINITY,
  maxFragments: 131_072,
  maxControlFramesPerSecond: 1000,
  maxBufferedAmount: 16 * MiB,
};

/**
 * The default limits with those of `given` in their place.
 * @throws RangeError if one of them is not a positive integer or `Infinity`
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} must be a positive integer or Infinity, not ${String(value)}`);
    }
    limits[name] = value;
  }
  return limits;
}
