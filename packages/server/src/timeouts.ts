/** Times in milliseconds. */
export interface TimeoutOptions {
  /**
   * A Ping goes to a peer from which nothing has come for `interval`. If still nothing at all comes within `timeout`, the
   * socket is cut: HEARTBEAT_TIMEOUT. Default 30,000 and 20,000; `false` switches it off.
   */
  readonly heartbeat?:
    | { readonly interval?: number | undefined; readonly timeout?: number | undefined }
    | false
    | undefined;
  /**
   * A socket is closed with 1001 when nothing at all, Pongs included, has come for so long: what frees dead peers where
   * the heartbeat is off. Default 120,000; `false` switches it off.
   */
  readonly idleTimeout?: number | false | undefined;
  /** How long `upgrade` and `origin` may take; later the answer is 503. Default 10,000; `false` switches it off. */
  readonly handshakeTimeout?: number | false | undefined;
  /**
   * How long the peer has for its part of the closing handshake and for closing its side of the connection; later the
   * socket is cut. The same holds for a client that was refused. Default 10,000; `false` switches it off.
   */
  readonly closeTimeout?: number | false | undefined;
  /** A socket is cut when its peer has taken nothing for so long although bytes wait. Default 30,000; `false`: never. */
  readonly writeTimeout?: number | false | undefined;
}

/** The same, resolved: `Infinity` is what is switched off. */
export interface Timeouts {
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  readonly idle: number;
  readonly handshake: number;
  readonly close: number;
  readonly write: number;
}

export type TimeoutCode = 'HEARTBEAT_TIMEOUT' | 'IDLE_TIMEOUT' | 'CLOSE_TIMEOUT' | 'WRITE_TIMEOUT';

const messages: Readonly<Record<TimeoutCode, string>> = {
  HEARTBEAT_TIMEOUT: 'Nothing came from the peer after a Ping',
  IDLE_TIMEOUT: 'Nothing came from the peer for the idle timeout',
  CLOSE_TIMEOUT: 'The peer did not finish the close',
  WRITE_TIMEOUT: 'The peer did not take what was sent to it',
};

/** Why a socket was closed or cut over a peer that kept silent. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  /** Stable, one per deadline. */
  readonly code: TimeoutCode;

  constructor(code: TimeoutCode) {
    super(messages[code]);
    this.code = code;
  }
}

/** @throws RangeError naming the option that is no time, or contradicts another */
export function resolveTimeouts(options: TimeoutOptions): Timeouts {
  const { idleTimeout, handshakeTimeout, closeTimeout, writeTimeout } = options;
  const { heartbeat = {} } = options;
  const { interval, timeout } = heartbeat === false ? ({ interval: false, timeout: false } as const) : heartbeat;
  const timeouts: Timeouts = {
    heartbeatInterval: milliseconds('heartbeat.interval', interval, 30_000),
    heartbeatTimeout: milliseconds('heartbeat.timeout', timeout, 20_000),
    idle: milliseconds('idleTimeout', idleTimeout, 120_000),
    handshake: milliseconds('handshakeTimeout', handshakeTimeout, 10_000),
    close: milliseconds('closeTimeout', closeTimeout, 10_000),
    write: milliseconds('writeTimeout', writeTimeout, 30_000),
  };
  // A living peer that has nothing to say would be closed before it was ever asked.
  if (heartbeat !== false && timeouts.idle <= timeouts.heartbeatInterval) {
    throw new RangeError('idleTimeout must be longer than heartbeat.interval, or the heartbeat off');
  }
  return timeouts;
}

function milliseconds(name: string, given: number | false | undefined, byDefault: number): number {
  if (given === false) return Number.POSITIVE_INFINITY;
  const value = given ?? byDefault;
  if (typeof value !== 'number' || !(value > 0))
    throw new RangeError(`${name} must be a positive number of milliseconds, not ${String(value)}`);
  return value;
}
