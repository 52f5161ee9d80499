// What the pages for operators are told of the nodes: the answer of the operation `stats` of the server API. Totals count from
// the beginning of the process, so that whoever asks twice knows the rate; so do the counts of the latencies, which can be
// added up over nodes.

/** How long something took. */
export type Distribution = {
  /** The upper bounds of the counts, in seconds. */
  readonly bounds: readonly number[];
  /** How many were up to each bound, and above the one before; the last is of those beyond all bounds. */
  readonly counts: readonly number[];
  /** Of all, in seconds. */
  readonly sum: number;
};

/** What is counted since the process began. */
export const totalNames = [
  /** Clients that were admitted, and that have gone. */
  'opened',
  'closed',
  /** Opening handshakes that were refused. */
  'refused',
  /** Commands of clients, and those that were answered with an error. */
  'commands',
  'commandsFailed',
  /** What this node has given to the engine, and bytes of JSON in that. */
  'publications',
  'publicationBytes',
  /** Publications written, once for each subscriber; their bytes; and in how many bursts of a channel. */
  'deliveries',
  'deliveryBytes',
  'bursts',
  /** What was done about slow consumers: publications that waited or were left out, and clients that were sent away. */
  'slowQueued',
  'slowDropped',
  'slowConflated',
  'slowDisconnected',
  /** Clients that came back and were given what they had missed, or could not be. */
  'recovered',
  'recoveriesFailed',
  /** Times that the engine had not told of something. */
  'gaps',
  /** Errors of hooks, handlers and the hub itself. */
  'errors',
  /** Operations of the engine that failed, and times that it was interrupted. */
  'engineFailed',
  'interruptions',
  /** Bytes on all connections, TLS not included. */
  'received',
  'sent',
] as const;

export type TotalName = (typeof totalNames)[number];

export const latencyNames = [
  /** What one turn has published, until it was written to all subscribers of the channel. */
  'delivery',
  /** From a command of a client to its answer. */
  'command',
  /** Until the engine answered. */
  'engine',
  /** From a ping to its answer. */
  'ping',
] as const;

export type LatencyName = (typeof latencyNames)[number];

/** What a node measures. */
export type Figures = {
  /** When, in milliseconds since 1970. */
  readonly time: number;
  readonly engine: { readonly name: string; readonly isUp: boolean };
  readonly totals: { readonly [Name in TotalName]: number };
  readonly latencies: { readonly [Name in LatencyName]: Distribution };
  readonly process: {
    /** Seconds of CPU time since it began. */
    readonly cpu: number;
    /** Bytes: of the whole process, and of what JavaScript has of them. */
    readonly memory: number;
    readonly heap: number;
    /** By how much the event loop was late, in seconds, since it was last asked for. */
    readonly lag: { readonly p50: number; readonly p99: number; readonly max: number };
  };
  readonly network: {
    /** TCP connections. */
    readonly connections: number;
    /** Bytes that wait for peers to take them. */
    readonly unsent: number;
  };
};

export type NodeState = 'ready' | 'interrupted' | 'draining';

export type NodeStats = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Seconds. */
  readonly uptime: number;
  readonly connections: number;
  readonly users: number;
  readonly channels: number;
  readonly subscriptions: number;
  readonly state: NodeState;
  /** Clients that are slow at this moment. */
  readonly slow: number;
  /** Left out by a node that measures nothing, or measures as another version does. */
  readonly figures?: Figures | undefined;
};

export type StatsAnswer = {
  readonly nodes: readonly NodeStats[];
  /** Nodes that have not answered in time. */
  readonly silent: readonly { readonly id: string; readonly name: string }[];
};

/** A client, as the operation `connections` lists it. */
export type Connection = {
  readonly client: string;
  /** Empty for nobody in particular. */
  readonly user: string;
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly transport: string;
  readonly dialect: string;
  readonly address?: string | undefined;
  readonly channels: number;
  readonly waitingBytes: number;
  readonly waitingMessages: number;
  readonly isSlow: boolean;
};

export type ConnectionDetails = Connection & {
  readonly connectionInfo?: unknown;
  readonly subscriptions: readonly { readonly channel: string; readonly channelInfo?: unknown }[];
};

export type SilentNode = { readonly id: string; readonly name: string };

export type Member = {
  readonly client: string;
  readonly user: string;
  readonly node: string;
  readonly connectionInfo?: unknown;
  readonly channelInfo?: unknown;
};

export type Position = { readonly epoch: string; readonly offset: number };

export type Publication = {
  readonly offset: number;
  readonly data: unknown;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly info?: { readonly client: string; readonly user: string } | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly key?: string | undefined;
};

/** To whom something is done: all connections of a user, or one connection. */
export type Whom = { readonly user: string } | { readonly client: string };

/** The operations that the pages ask for: what each is given, and what it answers. */
export interface Operations {
  readonly info: {
    readonly request: object;
    readonly answer: { readonly nodes: readonly { readonly id: string; readonly name: string }[] };
  };
  readonly stats: { readonly request: object; readonly answer: StatsAnswer };
  readonly connections: {
    readonly request: {
      readonly user?: string | undefined;
      readonly channel?: string | undefined;
      readonly node?: string | undefined;
      readonly isSlow?: boolean | undefined;
      readonly limit?: number;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly connections: readonly Connection[];
      readonly total: number;
      readonly next?: string | undefined;
      readonly silent: readonly SilentNode[];
    };
  };
  readonly connection: {
    readonly request: { readonly client: string };
    readonly answer: { readonly connection?: ConnectionDetails | undefined };
  };
  readonly channels: {
    readonly request: {
      readonly pattern?: string | undefined;
      readonly limit: number;
      readonly after?: string | undefined;
    };
    readonly answer: {
      readonly channels: Readonly<Record<string, { readonly subscribers: number }>>;
      readonly next?: string | undefined;
      readonly silent?: readonly SilentNode[] | undefined;
    };
  };
  readonly presence: {
    readonly request: { readonly channel: string };
    readonly answer: { readonly members: readonly Member[] };
  };
  readonly presence_stats: {
    readonly request: { readonly channel: string };
    readonly answer: { readonly clients: number; readonly users: number };
  };
  readonly history: {
    readonly request: {
      readonly channel: string;
      readonly since?: Position | undefined;
      readonly limit: number;
      readonly isReversed?: boolean;
    };
    readonly answer: {
      readonly position: Position;
      readonly publications: readonly Publication[];
      readonly isComplete: boolean;
    };
  };
  readonly history_remove: { readonly request: { readonly channel: string }; readonly answer: object };
  readonly publish: {
    readonly request: { readonly channel: string; readonly data: unknown };
    readonly answer: { readonly position?: Position | undefined; readonly isDuplicate: boolean };
  };
  readonly disconnect: {
    readonly request: Whom & { readonly code?: number | undefined; readonly reason?: string | undefined };
    readonly answer: { readonly isFound?: boolean | undefined };
  };
  readonly unsubscribe: {
    readonly request: Whom & { readonly channel: string };
    readonly answer: { readonly isFound?: boolean | undefined };
  };
  readonly batch: {
    readonly request: { readonly commands: readonly object[]; readonly isParallel?: boolean };
    readonly answer: { readonly replies: readonly { readonly status: number; readonly result?: unknown }[] };
  };
}
