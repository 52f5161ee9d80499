import type { HubObserver } from '@tidewire/hub';

/** Times in milliseconds, sizes in bytes. */
export interface SessionOptions {
  /** A ping goes to each client so often; `false` for never. Default 25,000; a second at least. */
  readonly pingInterval?: number | false | undefined;
  /** A client that says nothing for so long after a ping is sent away with 3012. Default 8000; less than the interval. */
  readonly pongTimeout?: number | undefined;
  /** How long a client may take before it says who it is; later it is sent away with 3502. */
  readonly connectTimeout?: number | undefined;
  /** The largest message, or body of a request. Default 64 KiB. */
  readonly maxMessageSize?: number | undefined;
  /** Commands in one message. One more ends the connection with 3501. Default 1000. */
  readonly maxCommandsPerMessage?: number | undefined;
  /** Commands of one client that wait for their answers. One more ends the connection with 3013. Default 1000. */
  readonly maxPendingCommands?: number | undefined;
  /** Characters of payloads and tokens in those commands. More end the connection with 3013. Default 4 Mi. */
  readonly maxPendingSize?: number | undefined;
  /** Bytes that may wait for a client when there is an answer for it. More end the connection with 3008. Default 1 MiB. */
  readonly maxBufferedAmount?: number | undefined;
  /** Who is told how long the answers to pings take, and of what nobody has foreseen: the client is told 100. */
  readonly observer?: SessionObserver | undefined;
}

export type SessionObserver = Pick<HubObserver, 'pongReceived' | 'threw'>;

export interface SessionSettings {
  /** `Infinity` for never. */
  readonly pingInterval: number;
  readonly pongTimeout: number;
  readonly connectTimeout: number;
  readonly maxMessageSize: number;
  readonly maxCommandsPerMessage: number;
  readonly maxPendingCommands: number;
  readonly maxPendingSize: number;
  readonly maxBufferedAmount: number;
  readonly observer: SessionObserver;
}

/**
 * The options with their defaults.
 * @throws RangeError naming the option that makes no sense
 */
export function resolveSessionOptions(options: SessionOptions, connectTimeout: number): SessionSettings {
  const settings: SessionSettings = {
    pingInterval: options.pingInterval === false ? Number.POSITIVE_INFINITY : (options.pingInterval ?? 25_000),
    pongTimeout: options.pongTimeout ?? 8000,
    connectTimeout: options.connectTimeout ?? connectTimeout,
    maxMessageSize: options.maxMessageSize ?? 65_536,
    maxCommandsPerMessage: options.maxCommandsPerMessage ?? 1000,
    maxPendingCommands: options.maxPendingCommands ?? 1000,
    maxPendingSize: options.maxPendingSize ?? 4 * 1024 * 1024,
    maxBufferedAmount: options.maxBufferedAmount ?? 1024 * 1024,
    observer: options.observer ?? {},
  };
  for (const [name, value] of Object.entries(settings)) {
    if (name !== 'observer' && !(typeof value === 'number' && value > 0)) {
      throw new RangeError(`${name} must be a positive number, not ${String(value)}`);
    }
  }
  if (settings.pingInterval < 1000) throw new RangeError('pingInterval must be 1000 or more');
  if (settings.pongTimeout >= settings.pingInterval) throw new RangeError('pongTimeout must be less than pingInterval');
  return settings;
}
