import { property } from './refusals.ts';

/** What a server tells of itself when a session opens. Times in milliseconds, sizes in bytes. PROTOCOL.md, section 2. */
export interface TunnelParameters {
  /**
   * Bytes that the server takes beyond what its application has read, and the most that it keeps unacknowledged. At least
   * 16,384. Default 262,144.
   */
  readonly window: number;
  /** The largest body of a request, and of an answer that is none of a stream. At least 4096. Default 262,144. */
  readonly maxBodySize: number;
  /** How long a request that waits is held. Default 25,000: less than the 30 to 60 seconds that proxies allow. */
  readonly pollTime: number;
  /** How long a streaming answer lasts. Default 60,000: a client that is gone is noticed by then. */
  readonly streamTime: number;
  /** The longest silence in a streaming answer. Default 15,000. */
  readonly heartbeatInterval: number;
  /** How long a client that can only ask again and again waits in between. Default 1000. */
  readonly pollInterval: number;
  /** How long a session is kept of which nothing is heard. Default 30,000. */
  readonly graceTime: number;
}

export const defaultTunnelParameters: TunnelParameters = {
  window: 262_144,
  maxBodySize: 262_144,
  pollTime: 25_000,
  streamTime: 60_000,
  heartbeatInterval: 15_000,
  pollInterval: 1000,
  graceTime: 30_000,
};

const least: TunnelParameters = {
  window: 16_384,
  maxBodySize: 4096,
  pollTime: 1000,
  streamTime: 1000,
  heartbeatInterval: 1000,
  pollInterval: 100,
  graceTime: 1000,
};
const MOST = 2 ** 31 - 1;

const names = [
  'window',
  'maxBodySize',
  'pollTime',
  'streamTime',
  'heartbeatInterval',
  'pollInterval',
  'graceTime',
] as const;

/**
 * The default parameters with those of `given` in their place.
 * @throws RangeError naming the one that is no integer from its least value to 2^31 − 1
 */
export function resolveTunnelParameters(given: Partial<TunnelParameters> = {}): TunnelParameters {
  const parameters = { ...defaultTunnelParameters };
  for (const name of names) {
    const value = given[name];
    if (value === undefined) continue;
    if (!isInRange(name, value)) {
      throw new RangeError(`${name} must be an integer from ${least[name]} to ${MOST}, not ${String(value)}`);
    }
    parameters[name] = value;
  }
  return parameters;
}

/** What a server has said, or `undefined` if that is not all of the parameters, each in its range. */
export function readTunnelParameters(said: unknown): TunnelParameters | undefined {
  const parameters = { ...least };
  for (const name of names) {
    const value = property(said, name);
    if (!isInRange(name, value)) return undefined;
    parameters[name] = value;
  }
  return parameters;
}

function isInRange(name: keyof TunnelParameters, value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least[name] && value <= MOST;
}
