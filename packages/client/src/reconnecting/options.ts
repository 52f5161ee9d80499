import { checkOptions, optional, type Rules } from '../option-rules.ts';
import type { WhenQueueFull } from './queue.ts';
import type { Ending } from './reconnection.ts';
import type { WhileHidden } from './surroundings.ts';

// What a program can ask of a WebSocket that reconnects, the same on Node and in a browser.

/** A class with the constructor and the members of the standard: this package's, a browser's, that of `ws`. */
export type WebSocketClass = new (url: string | URL, protocols?: string | string[], options?: never) => WebSocketLike;

/** What is used of a WebSocket. */
export interface WebSocketLike {
  readonly url: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: string;
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: object) => void): void;
}

/** Time, for tests. */
export interface Clock {
  /** Milliseconds since whenever. */
  now(): number;
  /** Returns what `clearTimeout` takes. */
  setTimeout(act: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Times are in milliseconds. */
export interface ReconnectingWebSocketOptions {
  /** What makes the connections. Default: `WebSocket` of this package. */
  readonly WebSocket?: WebSocketClass | undefined;
  /** Its third argument, such as `{ headers }` on Node. Default: none. */
  readonly webSocketOptions?: object | undefined;
  /** The ceiling of the wait after the first failure; it doubles with each further one. Default 1000. */
  readonly minDelay?: number | undefined;
  /** The highest ceiling. Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** A connection that has lived for so long makes the next wait begin with `minDelay` again. Default 10,000. */
  readonly stableAfter?: number | undefined;
  /** How long an attempt may take. Default 30,000; `Infinity` for as long as the connection itself takes. */
  readonly connectTimeout?: number | undefined;
  /** How many attempts in a row may follow on the first, or on a stable connection. Default: no limit. */
  readonly maxAttempts?: number | undefined;
  /** Whether there shall be no further attempt after this close. Default: `isFinalClose`. */
  readonly isFinal?: ((ending: Ending) => boolean) | undefined;
  /** What happens while nobody can see the page. `'wait'` does not reconnect until it is shown. Default `'reconnect'`. */
  readonly whileHidden?: WhileHidden | undefined;
  /** How many messages wait for a connection. Default 1000. */
  readonly maxQueuedMessages?: number | undefined;
  /** How many bytes of payload wait for a connection. Default 1 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  /** What happens to a message beyond that. Default `'throw'`. */
  readonly whenQueueFull?: WhenQueueFull | undefined;
  /** Default: that of the system. */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export type ResolvedReconnectingOptions = {
  readonly [Name in Exclude<keyof ReconnectingWebSocketOptions, 'WebSocket' | 'webSocketOptions'>]-?: NonNullable<
    ReconnectingWebSocketOptions[Name]
  >;
} & Pick<ReconnectingWebSocketOptions, 'WebSocket' | 'webSocketOptions'>;

const rules: Rules<ReconnectingWebSocketOptions> = {
  WebSocket: optional.function,
  webSocketOptions: optional.object,
  minDelay: optional.time,
  maxDelay: optional.time,
  stableAfter: optional.time,
  connectTimeout: optional.time,
  maxAttempts: optional.countOrInfinity,
  isFinal: optional.function,
  whileHidden: optional.oneOf('reconnect', 'wait'),
  maxQueuedMessages: optional.count,
  maxQueuedBytes: optional.count,
  whenQueueFull: optional.oneOf('throw', 'drop-oldest', 'drop-newest'),
  clock: optional.object,
  random: optional.function,
};

const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (act, milliseconds) => setTimeout(act, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** @throws TypeError naming the option that makes no sense */
export function resolveReconnectingOptions(given: ReconnectingWebSocketOptions): ResolvedReconnectingOptions {
  checkOptions('options', given, rules);
  return {
    WebSocket: given.WebSocket,
    webSocketOptions: given.webSocketOptions,
    minDelay: given.minDelay ?? 1000,
    maxDelay: given.maxDelay ?? 30_000,
    stableAfter: given.stableAfter ?? 10_000,
    connectTimeout: given.connectTimeout ?? 30_000,
    maxAttempts: given.maxAttempts ?? Number.POSITIVE_INFINITY,
    isFinal: given.isFinal ?? isFinalClose,
    whileHidden: given.whileHidden ?? 'reconnect',
    maxQueuedMessages: given.maxQueuedMessages ?? 1000,
    maxQueuedBytes: given.maxQueuedBytes ?? 1024 * 1024,
    whenQueueFull: given.whenQueueFull ?? 'throw',
    clock: given.clock ?? systemClock,
    random: given.random ?? Math.random,
  };
}

/**
 * Whether a server that closes with this code wants no more of this client: 1000, because all is said; 1010, because an
 * extension will be missing the next time, too; 3500 to 3999 and 4500 to 4999, by the convention of Centrifugo's protocol.
 */
export function isFinalClose({ code }: Ending): boolean {
  return code === 1000 || code === 1010 || (code >= 3500 && code <= 3999) || (code >= 4500 && code <= 4999);
}
