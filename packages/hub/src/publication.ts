// What goes through a channel. Payloads are JSON text from end to end: a publication is parsed by the client that gets it,
// and by nobody on the way.

/** JSON as text. Whoever takes it from outside has seen that it parses. */
export type Json = string;

/** Who a client is, as others see it. */
export interface ClientInfo {
  /** Names the connection. */
  readonly client: string;
  /** Names the person or program behind it; the empty string for nobody in particular. */
  readonly user: string;
  /** What the application has said of the connection when it was admitted. */
  readonly connectionInfo?: Json | undefined;
  /** What the application has said of this connection in this channel. */
  readonly channelInfo?: Json | undefined;
}

export interface Publication {
  readonly data: Json;
  /** The client that has published it; `undefined` if it was the application. */
  readonly info?: ClientInfo | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** With the policy `conflate`, a slow subscriber gets the newest publication of each key. */
  readonly key?: string | undefined;
  /** When a hub took it, in milliseconds since 1970. */
  readonly time: number;
}

/** A place in the stream of a channel: everything up to and with `offset`. Positions of different epochs do not compare. */
export interface StreamPosition {
  /** Changes whenever offsets begin anew. */
  readonly epoch: string;
  /** 0 before the first publication. Grows with each; by how much is the engine's business. At most 2^53 - 1. */
  readonly offset: number;
}

/** A publication of a channel that has a history. */
export interface StoredPublication {
  readonly publication: Publication;
  readonly offset: number;
}

/** What is told to the subscribers of a channel, and not kept. */
export type Signal =
  | { readonly type: 'join' | 'leave'; readonly info: ClientInfo }
  /** Of the hub's own channels only: a word from one node to those that hold the clients of a user. */
  | { readonly type: 'order'; readonly order: Json };
