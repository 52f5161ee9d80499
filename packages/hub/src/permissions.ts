import type { ConnectRequest, SubscribeRequest } from './client.ts';
import type { NamespaceOptions } from './namespaces.ts';
import type { Json } from './publication.ts';

// Who may do what. The hub asks before it does anything for a client; who answers knows tokens, the namespaces' options and the
// application's hooks. All of these may throw a `CommandError` or a `DisconnectError`, which is the answer to the client.

type MaybePromise<T> = T | Promise<T>;

/** W3C Trace Context of the handshake or the request that has led to a question, as it came. */
export interface Trace {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** What a connection may do in a channel: subscribe, publish, see who is there, read what was published. */
export type Allowed = 'sub' | 'pub' | 'prs' | 'hst';

/** What a connection may do whatever the namespace says. Of several, the first that is about the channel counts. */
export interface Capability {
  readonly channels: readonly string[];
  /** With `wildcard`, a `*` in `channels` stands for any characters, and for none. Default: names as they are. */
  readonly match?: 'wildcard' | undefined;
  readonly allow: readonly Allowed[];
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
  /** What `connect` has allowed it, or the last `refresh` that said anything of it. */
  readonly capabilities?: readonly Capability[] | undefined;
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
  /** To subscribe the client to at once, and what is to be said of it there. */
  readonly subscriptions?: ReadonlyMap<string, SubscriptionGrant> | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
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

/** What a refresh may change. What it does not name stays, but for the time of expiry: without one, there is none any more. */
export type Refreshment = Pick<Admission, 'expiresAt' | 'connectionInfo' | 'capabilities'>;

export interface Permissions {
  /** Tells of the hub's namespaces: before the first question, and whenever they are exchanged. */
  useNamespaces?(namespaces: Readonly<Record<string, NamespaceOptions>>): void;
  connect(request: ConnectRequest, client: string, transport: string): MaybePromise<Admission>;
  refresh(visitor: Visitor, token: string): MaybePromise<Refreshment>;
  subscribe(visitor: Visitor, request: SubscribeRequest): MaybePromise<SubscriptionGrant>;
  refreshSubscription(visitor: Visitor, channel: string, token: string): MaybePromise<SubscriptionGrant>;
  /** @returns the data to publish, which a hook may have changed */
  publish(question: Question, data: Json): MaybePromise<Json>;
  seePresence(question: Question): MaybePromise<void>;
  seeHistory(question: Question): MaybePromise<void>;
}
