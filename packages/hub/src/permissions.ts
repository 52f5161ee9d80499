import type { ConnectRequest, SubscribeRequest } from './client.ts';
import type { Json } from './publication.ts';

// Who may do what. The hub asks before it does anything for a client; who answers knows tokens, the namespaces' options and the
// application's hooks. All of these may throw a `CommandError` or a `DisconnectError`, which is the answer to the client.

type MaybePromise<T> = T | Promise<T>;

/** W3C Trace Context of the handshake or the request that has led to a question, as it came. */
export interface Trace {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** A client, as hooks see it. */
export interface Visitor {
  /** The connection's name. */
  readonly client: string;
  readonly user: string;
  readonly transport: string;
  readonly connectionInfo: Json | undefined;
  /** What `connect` has attached for later questions, and nobody else sees. */
  readonly meta: unknown;
  readonly trace: Trace | undefined;
}

export interface Admission {
  /** Default: the empty string, nobody in particular. */
  readonly user?: string | undefined;
  readonly connectionInfo?: Json | undefined;
  /** For the client. */
  readonly data?: Json | undefined;
  /** Milliseconds since 1970; the connection ends with 3005 if it is not refreshed by then. Default: never. */
  readonly expiresAt?: number | undefined;
  /** To subscribe the client to at once. */
  readonly channels?: readonly string[] | undefined;
  readonly meta?: unknown;
}

export interface SubscriptionGrant {
  readonly channelInfo?: Json | undefined;
  /** For the client. */
  readonly data?: Json | undefined;
  /** Milliseconds since 1970; the subscription ends with 2501 if it is not refreshed by then. Default: never. */
  readonly expiresAt?: number | undefined;
}

export interface Question {
  readonly visitor: Visitor;
  readonly channel: string;
  /** Whether the client is subscribed to it. */
  readonly isSubscribed: boolean;
}

export interface Permissions {
  connect(request: ConnectRequest, client: string, transport: string): MaybePromise<Admission>;
  /** @returns the new time of expiry, if there is one */
  refresh(visitor: Visitor, token: string): MaybePromise<Pick<Admission, 'expiresAt' | 'connectionInfo'>>;
  subscribe(visitor: Visitor, request: SubscribeRequest): MaybePromise<SubscriptionGrant>;
  refreshSubscription(visitor: Visitor, channel: string, token: string): MaybePromise<SubscriptionGrant>;
  /** @returns the data to publish, which a hook may have changed */
  publish(question: Question, data: Json): MaybePromise<Json>;
  seePresence(question: Question): MaybePromise<void>;
  seeHistory(question: Question): MaybePromise<void>;
}
