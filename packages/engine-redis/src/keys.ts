// The names of everything that the engine keeps in Redis, and of the Pub/Sub channels. The keys of one channel have a hash tag
// in common. The scripts (scripts/*.ts) make some of these names themselves.
//
//   PREFIX{CHANNEL}:stream         hash: epoch, offset, server, trimAt (see scripts/streams.ts)
//   PREFIX{CHANNEL}:publications   stream with ids OFFSET-TIME
//   PREFIX{CHANNEL}:once:KEY       what a publication with this idempotency key has got
//   PREFIX{CHANNEL}:members        hash: client to NODE newline INFO newline USER
//   PREFIX{CHANNEL}:users          hash: user to how many connections
//   PREFIXnodes                    set of nodes, living and dead
//   PREFIXlease:NODE               what the node says of itself; expires with its lease
//   PREFIXheld:NODE                set of the node's members: LENGTH-OF-CLIENT:CLIENT CHANNEL
//
//   PREFIXc:CHANNEL                Pub/Sub: the events of a channel
//   PREFIXn:NODE                   Pub/Sub: what is said to a node

export class Keys {
  readonly prefix: string;
  readonly nodes: string;
  readonly #events: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.nodes = `${prefix}nodes`;
    this.#events = `${prefix}c:`;
  }

  stream(channel: string): string {
    return `${this.prefix}{${channel}}:stream`;
  }

  publications(channel: string): string {
    return `${this.prefix}{${channel}}:publications`;
  }

  once(channel: string, key: string): string {
    return `${this.prefix}{${channel}}:once:${key}`;
  }

  members(channel: string): string {
    return `${this.prefix}{${channel}}:members`;
  }

  users(channel: string): string {
    return `${this.prefix}{${channel}}:users`;
  }

  lease(node: string): string {
    return `${this.prefix}lease:${node}`;
  }

  held(node: string): string {
    return `${this.prefix}held:${node}`;
  }

  events(channel: string): string {
    return this.#events + channel;
  }

  /** A pattern for PSUBSCRIBE. */
  eventsOf(prefixOfChannels: string): string {
    return `${escaped(this.#events + prefixOfChannels)}*`;
  }

  /** `undefined` if it is none of the channels for events. */
  channelOf(events: string): string | undefined {
    return events.startsWith(this.#events) ? events.slice(this.#events.length) : undefined;
  }

  node(node: string): string {
    return `${this.prefix}n:${node}`;
  }
}

/** https://redis.io/docs/latest/commands/psubscribe/: a backslash takes the meaning from what comes behind it. */
function escaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
