// What a channel is like is said by its namespace: what stands before the first colon of its name. `chat:lobby` is in `chat`,
// `lobby` in the namespace without a name.

/**
 * Who may do something in a channel. `everyone`: all clients. `users`: those with a user. `subscribers`: those that are subscribed
 * to it. `ask`: those for which the application's hook says so. `nobody`: no client; the application itself may, and so may who
 * has a token, or a capability in its connection's token, that allows it.
 */
export type Access = 'everyone' | 'users' | 'subscribers' | 'ask' | 'nobody';

/** What happens to a subscriber that reads more slowly than is published. */
export type SlowConsumerPolicy =
  /** Its connection ends with 3008; it comes back and recovers what it has missed. */
  | 'disconnect'
  /** The oldest publications that wait for it are dropped. */
  | 'drop-oldest'
  /** Of the publications with the same key, the newest waits for it. One without a key replaces one without a key. */
  | 'conflate';

export interface HistoryOptions {
  /** Publications that are kept for each channel. */
  readonly size: number;
  /** Milliseconds that they are kept. */
  readonly ttl: number;
  /** Milliseconds that a channel's epoch and last offset outlive its last publication. Default 30 days. */
  readonly positionTtl?: number | undefined;
}

export interface PresenceOptions {
  /**
   * Milliseconds that a connection may be away without being told to have left. When another connection of the same user
   * comes meanwhile, there is no moment without the user. Leaving by unsubscribing has no grace. Default 5000.
   */
  readonly grace?: number | undefined;
  /**
   * Who is told to the channel's subscribers to join and leave: `connection`: each connection. `user`: a user with its first
   * connection and its last. Each is told to all subscribers that want to know, so that ten thousand who come to a channel
   * together are a hundred million words: `none` is for channels of that size. Default `connection`.
   */
  readonly events?: 'connection' | 'user' | 'none' | undefined;
}

export interface NamespaceOptions {
  /** Default: nothing is kept. */
  readonly history?: HistoryOptions | undefined;
  /** Whether who comes back gets what it has missed, in channels with a history. Default `true`. */
  readonly recovery?: boolean | undefined;
  /** Default: nobody knows who is in a channel. */
  readonly presence?: PresenceOptions | boolean | undefined;
  /** Default `users`. */
  readonly subscribe?: Access | undefined;
  /** Who may subscribe to `namespace:*`, and to narrower prefixes such as `namespace:a:*`. Default `nobody`. */
  readonly subscribePrefix?: Access | undefined;
  /** Default `nobody`. */
  readonly publish?: Access | undefined;
  /** Who may see who is there, and is told of joins and leaves if it wants to be. Default `subscribers`. */
  readonly seePresence?: Access | undefined;
  /** Who may read what was published. Default `subscribers`. */
  readonly seeHistory?: Access | undefined;
  /** Default `disconnect`. */
  readonly slowConsumer?: SlowConsumerPolicy | undefined;
  /** Bytes that may wait for one slow subscriber of these channels. Default 1 MiB. */
  readonly maxQueueSize?: number | undefined;
  /** The largest publication of a client, in bytes of JSON. Default 64 KiB. */
  readonly maxPublicationSize?: number | undefined;
  /** Publications that one connection, and one user, may make in a second, on average. Default: no limit of its own. */
  readonly publishRate?: number | undefined;
  /** Whether the application wants to know when a channel gets its first subscriber and loses its last. Default `false`. */
  readonly occupancy?: boolean | undefined;
}
