import { type Channel, channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { WebSocketEndpoint } from './endpoint.ts';
import type { CloseDetails } from './options.ts';
import type { Socket } from './socket.ts';

// Events for who watches, through node:diagnostics_channel. Nothing is built for a channel that nobody listens to.

/** What the subscribers of `tidewire:server:open` get. */
export interface OpenEvent {
  readonly endpoint: WebSocketEndpoint<unknown>;
  readonly socket: Socket<unknown>;
}

/** What the subscribers of `tidewire:server:message` get, before the application does. */
export interface MessageEvent {
  readonly endpoint: WebSocketEndpoint<unknown>;
  readonly socket: Socket<unknown>;
  readonly message: string | Uint8Array;
}

/** What the subscribers of `tidewire:server:close` get. */
export interface CloseEvent extends CloseDetails {
  readonly endpoint: WebSocketEndpoint<unknown>;
  readonly socket: Socket<unknown>;
  readonly code: number;
  readonly reason: string;
}

/** What the subscribers of `tidewire:server:pong` get: the answer to a Ping of the heartbeat. */
export interface PongEvent {
  readonly endpoint: WebSocketEndpoint<unknown>;
  readonly socket: Socket<unknown>;
  /** From the Ping to its Pong, in milliseconds. The peer's own doing: it may answer late. */
  readonly roundTrip: number;
}

/** What the subscribers of `tidewire:server:error` get: a handler of the application threw. */
export interface ErrorEvent {
  /** `undefined` if it was a `path`. */
  readonly endpoint: WebSocketEndpoint<unknown> | undefined;
  /** `undefined` if it was `upgrade`, `origin` or a `path`. */
  readonly socket: Socket<unknown> | undefined;
  /** The request, if it was `upgrade`, `origin` or a `path`. */
  readonly request: IncomingMessage | undefined;
  readonly error: unknown;
}

/** What the subscribers of `tidewire:server:refused` get: an upgrade was refused. */
export interface RefusedEvent {
  /** `undefined` if the request was for no endpoint. */
  readonly endpoint: WebSocketEndpoint<unknown> | undefined;
  readonly request: IncomingMessage;
  readonly status: number;
  /** The code of the rule that the request broke, or why else: see `RefusedReason`. */
  readonly reason: string;
}

export const channels = {
  open: channel('tidewire:server:open'),
  message: channel('tidewire:server:message'),
  close: channel('tidewire:server:close'),
  pong: channel('tidewire:server:pong'),
  error: channel('tidewire:server:error'),
  refused: channel('tidewire:server:refused'),
};

/** The endpoints of which others are made up, by which. */
const wholes = new WeakMap<object, object>();

/** From here on the sockets of `part` are nobody's business, and what it refuses `whole` has refused. */
export function becomePart(part: object, whole: object): void {
  wholes.set(part, whole);
}

/** Whether somebody listens to what happens on the sockets of an endpoint. */
export function isWatched(where: Channel, { endpoint }: { readonly endpoint: object }): boolean {
  return where.hasSubscribers && !wholes.has(endpoint);
}

/** The endpoint that the application knows. */
export function wholeOf(endpoint: object): object {
  return wholes.get(endpoint) ?? endpoint;
}

/** Where nobody listens to the application's errors, a warning is better than silence. */
export function warn(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`A handler of a WebSocket endpoint threw: ${text}`, { type: 'WebSocketHandlerWarning' });
}
