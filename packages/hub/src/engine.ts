import type { ClientInfo, Publication, Signal, StoredPublication, StreamPosition } from './publication.ts';

// What carries a hub from node to node: it orders publications and keeps them, tells nodes what concerns them, and knows who
// is present. What follows binds every engine, and the contract suite (test/engine-contract.ts) holds it.
//
// Streams
// - A channel that is published to with a retention has a stream. All nodes see the same publications in it, in the same
//   order, with growing offsets, whoever publishes.
// - `publish` resolves when the publication is stored as durably as the engine promises, and told to nobody before that. It
//   rejects when that is not known, and the publication may then be there or not; with the same idempotency key it can be
//   repeated, and is stored once.
// - An epoch is born with the first question for a position, at the latest. It ends when offsets are lost, or could be
//   given twice: after a loss of data nobody is ever told that a stream is the one it was.
// - Retention drops the oldest first. Epoch and last offset outlive the publications, by `positionTtl`. An engine may have a
//   bound of its own on all streams together. Beyond it drops publications before their time, so that histories are not complete,
//   and then ends epochs; it says so by `shortened`.
//
// Events
// - After `subscribe` has resolved, every event of the channel is told to this node, once, even if several subscriptions
//   match it; until then, and after `unsubscribe` was called, it may or may not be. The publications of a stream come in
//   their order. Each says which offset was before it, so that the node notices when one is missing.
// - An engine that cannot promise that for a while says `interrupted`, and `resumed` when all subscriptions stand again. What
//   was published in between is in the history, and is not told. Publications without a stream, and signals, may be lost.
//   Between the two, methods reject rather than wait for longer than the engine's timeout, and never queue without a bound.
// - Signals of one node about one channel arrive in their order, and each behind what the node has published there before it. A
//   later publication may overtake a signal.
//
// Members
// - A member belongs to the node that has entered it, whose lease keeps it. The node renews its lease by itself.
// - Counts are exact at every moment: of all nodes that enter the first member of a channel at the same time, one is told that
//   it was the first. So with the first of a user, and with the last ones that leave. The counts of a channel and those of a
//   user in it need not change at the same moment.
// - When a lease has run out, the members of that node are taken out, and one living node is told of each, once. A node that
//   finds that its own lease has run out enters its members again, and says `interrupted` and `resumed`.
//
// Nodes
// - A node that has stopped or crashed disappears from `nodes` within the time of the lease, at once if it has stopped.
//
// Methods may be called as soon as `start` has resolved, and reject after `stop`. Rejections are `EngineError`s.

/** How long a stream keeps what was published. */
export interface Retention {
  /** The namespace that has set it. Engines that keep a store for each use it as its name: letters, digits, `-` and `_`. */
  readonly name: string;
  /** Publications that a channel keeps, 1 at least. */
  readonly size: number;
  /** Milliseconds that a publication is kept. */
  readonly ttl: number;
  /** Milliseconds that epoch and last offset are kept after the last publication; not less than `ttl`. */
  readonly positionTtl: number;
}

export interface PublishOptions {
  /** Without it the publication is told to the subscribers of this moment, and not kept. */
  readonly retention?: Retention | undefined;
  /** A publication to the same channel with the same key within five minutes is not stored again, nor told. */
  readonly idempotencyKey?: string | undefined;
}

export interface Published {
  /** Where it is in the stream, or where the first one with the same key is; `undefined` without a retention. */
  readonly position: StreamPosition | undefined;
  /** Whether the key was known, so that nothing was published. */
  readonly isDuplicate: boolean;
}

export interface HistoryRequest {
  /** Those after this position, oldest first, or before it, newest first, if `isReversed`. Default: all that are kept. */
  readonly since?: StreamPosition | undefined;
  /** At most so many. 0 asks for the position alone. Default: all. */
  readonly limit?: number | undefined;
  readonly isReversed?: boolean | undefined;
}

export interface History {
  /** Of the newest publication of the channel at the time of the answer. */
  readonly position: StreamPosition;
  readonly publications: readonly StoredPublication[];
  /**
   * Whether nothing is missing between `since` and the first of `publications`, or the end of the stream if there are none:
   * `false` if the epoch is another one, or retention has taken something. `true` without `since`.
   */
  readonly isComplete: boolean;
}

/** A connection in a channel. */
export interface Member {
  readonly info: ClientInfo;
  /** The node that holds it. */
  readonly node: string;
}

export interface Entered {
  /** Whether the channel had no member. */
  readonly isFirst: boolean;
  /** Whether the channel had no member of the same user. */
  readonly isFirstOfUser: boolean;
}

export interface Left {
  /** `undefined` if it was no member; the others are `false` then. */
  readonly member: Member | undefined;
  readonly isLast: boolean;
  readonly isLastOfUser: boolean;
}

export interface MemberCounts {
  readonly clients: number;
  readonly users: number;
}

export interface NodeInfo {
  readonly id: string;
  /** What the node says of itself: JSON. At most as old as a third of the lease. */
  readonly state: string;
}

/** The position of a publication that is told, and the one before it. */
export interface EventPosition extends StreamPosition {
  /** The offset of its predecessor in the stream; 0 if it is the first. */
  readonly previous: number;
}

/** What an engine tells the node that has started it. None of these throws. */
export interface EngineListener {
  /** @param position `undefined` if the publication has no stream */
  published(channel: string, publication: Publication, position: EventPosition | undefined): void;
  signalled(channel: string, signal: Signal): void;
  /** Events may be lost from now on. */
  interrupted(reason: string): void;
  /** All subscriptions stand again. */
  resumed(): void;
  /** Members of a node that is gone were taken out. */
  expired(channel: string, left: readonly Left[]): void;
  /** Another node, or this one, asks. What is thrown goes back as the message of an `EngineError` with `REQUEST_FAILED`. */
  requested(payload: string): Promise<string>;
  /** What the node says of itself, for `nodes`. */
  describe(): string;
  /** How an operation went, for who measures: its name, milliseconds, and whether it succeeded. */
  measured?(operation: string, duration: number, isOk: boolean): void;
  /** The engine has reached a bound of its own, and has dropped publications, or positions of channels, that retention would keep. */
  shortened?(publications: number, positions: number): void;
}

/**
 * Why an engine could not do something. `UNAVAILABLE`: the server behind it does not answer, or not in time; it may have
 * done what was asked. `NODE_GONE`: no such node. `REQUEST_TIMEOUT`: the node did not answer. `REQUEST_FAILED`: it threw.
 * `STOPPED`: `stop` was called. `TOO_LARGE`: the server does not take a message of that size.
 */
export type EngineErrorCode =
  | 'UNAVAILABLE'
  | 'NODE_GONE'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_FAILED'
  | 'STOPPED'
  | 'TOO_LARGE';

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** See the top of this file for what binds an engine beyond these types. */
export interface Engine {
  /** For people: `memory`, `nats`, `redis`. */
  readonly name: string;

  /**
   * @param node names this node among all; a node that starts again has another name
   * @throws EngineError `UNAVAILABLE` if the server behind it cannot be reached
   */
  start(node: string, listener: EngineListener): Promise<void>;
  /** Gives up the lease and all subscriptions, and takes this node's members out. Never rejects. */
  stop(): Promise<void>;

  publish(channel: string, publication: Publication, options?: PublishOptions): Promise<Published>;
  signal(channel: string, signal: Signal): Promise<void>;

  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** To all channels whose names begin with `prefix`, which ends with a colon. */
  subscribePrefix(prefix: string): Promise<void>;
  unsubscribePrefix(prefix: string): Promise<void>;

  history(channel: string, retention: Retention, request?: HistoryRequest): Promise<History>;
  /** Takes out all publications; who comes back with an older position is told that it has missed some. */
  removeHistory(channel: string, retention: Retention): Promise<void>;

  /** Entering again replaces what is known of the member, and is neither first nor first of its user. */
  enter(channel: string, info: ClientInfo): Promise<Entered>;
  leave(channel: string, client: string): Promise<Left>;
  members(channel: string): Promise<readonly Member[]>;
  memberCounts(channel: string): Promise<MemberCounts>;

  /** All that live, this one included. */
  nodes(): Promise<readonly NodeInfo[]>;
  /**
   * Asks a node, which may be this one.
   * @param timeout milliseconds
   */
  request(node: string, payload: string, timeout: number): Promise<string>;
}
