import type { Disconnect, Unsubscribe } from './codes.ts';
import type { HistoryRequest, MemberCounts } from './engine.ts';
import type { ClientInfo, Json, StoredPublication, StreamPosition } from './publication.ts';

// One connection, as a dialect drives it. Every method checks what its client may do. What is refused rejects with a
// `CommandError`, after which the connection goes on, or with a `DisconnectError`, after which the hub closes the outlet.

/** Where a client comes from, and what it says of itself. */
export interface ConnectRequest {
  readonly token?: string | undefined;
  readonly data?: Json | undefined;
  /** Of the client's program. */
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly remoteAddress?: string | undefined;
  /** Of the handshake, with lower-case names; `traceparent` and `tracestate` among them (W3C Trace Context). */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** Positions in channels that the hub has subscribed the client to before, by channel. */
  readonly positions?: ReadonlyMap<string, StreamPosition> | undefined;
}

export interface ConnectResult {
  /** The connection's name. */
  readonly client: string;
  readonly user: string;
  readonly data: Json | undefined;
  /** Seconds until the connection must be refreshed; `undefined` if it never expires. */
  readonly ttl: number | undefined;
  /** What the hub has subscribed the client to. */
  readonly subscriptions: ReadonlyMap<string, SubscribeResult>;
}

export interface SubscribeRequest {
  /** A channel, or a prefix of channels that ends with `:*`. */
  readonly channel: string;
  readonly token?: string | undefined;
  readonly data?: Json | undefined;
  /** Where the client has been in this channel. */
  readonly position?: StreamPosition | undefined;
  /** Whether the client wants to know of its place in the stream even where nothing can be recovered. */
  readonly isPositioned?: boolean | undefined;
  /** Whether the client wants join and leave. */
  readonly wantsJoinLeave?: boolean | undefined;
}

export interface SubscribeResult {
  readonly data: Json | undefined;
  /** Seconds until the subscription must be refreshed; `undefined` if it never expires. */
  readonly ttl: number | undefined;
  /** Whether coming back with a position can recover what was missed. */
  readonly isRecoverable: boolean;
  /** Where the channel was when the subscription began, before anything is pushed; `undefined` without history. */
  readonly position: StreamPosition | undefined;
  /** What was missed since the position of the request; empty if that could not be given in full. */
  readonly missed: readonly StoredPublication[];
  /** Whether a position was given, and whether `missed` is all there is between it and `position`. */
  readonly recovery: 'none' | 'recovered' | 'failed';
}

export interface Client {
  /** The connection's name. */
  readonly id: string;
  readonly user: string;
  /**
   * The result is handed to `begun`, in the turn in which the subscription begins and before its first push. If it ends
   * before that, because the client has gone, `begun` is not called.
   */
  subscribe(request: SubscribeRequest, begun: (result: SubscribeResult) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  publish(channel: string, data: Json): Promise<void>;
  presence(channel: string): Promise<readonly ClientInfo[]>;
  presenceStats(channel: string): Promise<MemberCounts>;
  /** `position` is where the channel is now. */
  history(
    channel: string,
    request: HistoryRequest,
  ): Promise<{ readonly position: StreamPosition; readonly publications: readonly StoredPublication[] }>;
  /** @returns what the application's handler for `method` answers */
  rpc(method: string, data: Json | undefined): Promise<Json | undefined>;
  /** A message to the application that nobody answers. */
  send(data: Json): Promise<void>;
  /** @returns seconds until the next; `undefined` if the connection never expires any more */
  refresh(token: string): Promise<number | undefined>;
  refreshSubscription(channel: string, token: string): Promise<number | undefined>;
  /** Whether the client may send one more command now: `false` is answered with 111, and three times the rate with 3013. */
  countsCommand(): boolean;

  /** Everything has left the process: see `Outlet.write`. */
  drained(): void;
  /** The connection is gone. Idempotent. */
  closed(disconnect: Disconnect): void;
}

export type { Unsubscribe };
