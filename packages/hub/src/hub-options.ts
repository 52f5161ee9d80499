import type { Disconnect } from './codes.ts';
import type { HubPublishOptions } from './context.ts';
import type { Engine } from './engine.ts';
import type { JsonValue } from './json-value.ts';
import type { HubLimits } from './limits.ts';
import type { NamespaceOptions } from './namespaces.ts';
import type { HubObserver } from './observer.ts';
import type { Permissions, Trace } from './permissions.ts';

// What a hub is made of, and what it is asked for.

export interface HubOptions {
  /** Default: one in memory, for this node alone. */
  readonly engine?: Engine | undefined;
  /** By name; `''` is the one without a name. Default: that one alone, in which everybody may subscribe. */
  readonly namespaces?: Readonly<Record<string, NamespaceOptions>> | undefined;
  /** Default: by the namespaces alone; nobody has a user. */
  readonly permissions?: Permissions | undefined;
  readonly limits?: Partial<HubLimits> | undefined;
  readonly observer?: HubObserver | undefined;
  /**
   * Told of channels of namespaces with `occupancy`: the first subscriber of all nodes, with the trace of its handshake if it
   * had one, and the last.
   */
  readonly occupancy?: ((event: 'occupied' | 'vacated', channel: string, trace?: Trace) => unknown) | undefined;
  /** Of the node, for people. */
  readonly name?: string | undefined;
  /** Of the program, for people. */
  readonly version?: string | undefined;
  /** What is measured on this node, for `stats`. Called whenever a node asks for that, and must be cheap. */
  readonly figures?: (() => JsonValue) | undefined;
  /** Bytes of publications that the node keeps for who comes back, in all. Default 64 MiB. */
  readonly recentSize?: number | undefined;
}

export interface PublicationOptions extends HubPublishOptions {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly key?: string | undefined;
}

/** What a node says of itself. */
export interface NodeDescription {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Seconds. */
  readonly uptime: number;
  readonly connections: number;
  readonly users: number;
  readonly channels: number;
  readonly subscriptions: number;
}

export interface HubDrainOptions {
  /** Milliseconds over which the clients are sent away evenly. Default 0: all at once. */
  readonly within?: number | undefined;
  /** Default: 3001, upon which clients come back. */
  readonly disconnect?: Disconnect | undefined;
}
