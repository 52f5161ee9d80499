import type { ClientSession } from './client-session.ts';
import type { Clients } from './clients.ts';

// The clients of all nodes, as an operator looks through them: a page at a time, the newest first. A node answers with the part
// of a page that it has, and whoever has asked puts the parts together.

/** One client, as its node sees it. */
export interface Connection {
  readonly client: string;
  /** Empty for nobody in particular. */
  readonly user: string;
  readonly node: string;
  /** Milliseconds since 1970, by the clock of its node. */
  readonly since: number;
  /** `websocket`, `http_stream`, `sse`. */
  readonly transport: string;
  /** In which its pushes are written. */
  readonly dialect: string;
  readonly address?: string | undefined;
  /** How many it is subscribed to. */
  readonly channels: number;
  /** Bytes that have not left the process yet, those that wait for the outlet included. */
  readonly waitingBytes: number;
  /** Messages that wait for the outlet, because it has more than it gets rid of. */
  readonly waitingMessages: number;
  /** Whether what is published waits for it. */
  readonly isSlow: boolean;
}

/** More of one client. */
export interface ConnectionDetails extends Connection {
  /** What the application says of it: JSON. */
  readonly info?: string | undefined;
  /** The first thousand. */
  readonly subscriptions: readonly { readonly channel: string; readonly info?: string | undefined }[];
}

export interface ConnectionsRequest {
  /** Only those of this user. */
  readonly user?: string | undefined;
  /** Only those that are subscribed to it. */
  readonly channel?: string | undefined;
  /** Only those of this node. */
  readonly node?: string | undefined;
  /** Only those that are slow, or are not. */
  readonly isSlow?: boolean | undefined;
  /** 1 to 1000. Default 100. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
}

/** A node that should have answered. */
export interface SilentNode {
  readonly id: string;
  readonly name: string;
}

export interface ConnectionPage {
  /** The newest first. */
  readonly connections: readonly Connection[];
  /** How many there are on the nodes that have answered, on all pages. */
  readonly total: number;
  /** Where the next page begins; `undefined` if there is none. */
  readonly next: string | undefined;
  /** Nodes that have not answered in time: their clients are none of these. */
  readonly silent: readonly SilentNode[];
}

/** What a node knows of a page. */
export interface PartOfPage {
  readonly connections: readonly Connection[];
  readonly total: number;
  /** How many there are from where the page begins. */
  readonly rest: number;
}

const MOST_SUBSCRIPTIONS = 1000;

type Filter = Omit<ConnectionsRequest, 'node' | 'limit'> & { readonly limit: number };

interface Place {
  readonly since: number;
  readonly client: string;
}

/** @throws RangeError naming what makes no sense */
export function assertPage(limit: number, after: string | undefined): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new RangeError(`limit must be a whole number from 1 to 1000, not ${limit}`);
  }
  if (after !== undefined) placeOf(after);
}

export function partOf(clients: Clients, node: string, filter: Filter): PartOfPage {
  const { user, channel, isSlow, limit, after } = filter;
  const begin = after === undefined ? undefined : placeOf(after);
  const sessions = user === undefined || user === '' ? clients.all() : [...(clients.user(user)?.sessions ?? [])];
  const taken: ClientSession[] = [];
  let total = 0;
  let rest = 0;
  for (const session of sessions.reverse()) {
    if (user !== undefined && session.user !== user) continue;
    if (channel !== undefined && !session.isIn(channel)) continue;
    if (isSlow !== undefined && session.isSlow !== isSlow) continue;
    total++;
    if (begin !== undefined && compare(begin, placeIn(session)) >= 0) continue;
    rest++;
    // They come by their time; of those of one millisecond all are needed to put them in order.
    if (taken.length < limit || taken.at(-1)?.since === session.since) taken.push(session);
  }
  taken.sort((one, other) => compare(placeIn(one), placeIn(other)));
  return { connections: taken.slice(0, limit).map((session) => connectionOf(session, node)), total, rest };
}

export function pageOf(parts: readonly PartOfPage[], limit: number, silent: readonly SilentNode[]): ConnectionPage {
  const sum = (read: (part: PartOfPage) => number) => parts.reduce((all, part) => all + read(part), 0);
  const connections = parts
    .flatMap((part) => part.connections)
    .sort(compare)
    .slice(0, limit);
  const last = connections.at(-1);
  const isMore = last !== undefined && sum(({ rest }) => rest) > connections.length;
  return {
    connections,
    total: sum(({ total }) => total),
    next: isMore ? `${last.since}.${last.client}` : undefined,
    silent,
  };
}

export function connectionOf(session: ClientSession, node: string): Connection {
  const { outlet, address, waiting } = session;
  return {
    client: session.id,
    user: session.user,
    node,
    since: session.since,
    transport: outlet.transport,
    dialect: outlet.encoder.name,
    ...(address === undefined ? {} : { address }),
    channels: session.channelCount,
    waitingBytes: outlet.bufferedAmount + waiting.bytes,
    waitingMessages: waiting.messages,
    isSlow: session.isSlow,
  };
}

export function detailsOf(session: ClientSession, node: string): ConnectionDetails {
  const { connectionInfo } = session.visitor;
  const subscriptions = session.channels().slice(0, MOST_SUBSCRIPTIONS);
  return {
    ...connectionOf(session, node),
    ...(connectionInfo === undefined ? {} : { info: connectionInfo }),
    subscriptions: subscriptions.map(([channel, info]) => ({ channel, ...(info === undefined ? {} : { info }) })),
  };
}

function placeIn({ since, id }: ClientSession): Place {
  return { since, client: id };
}

/** Newer ones are before older ones. */
function compare(one: Place, other: Place): number {
  if (one.since !== other.since) return other.since - one.since;
  if (one.client === other.client) return 0;
  return one.client < other.client ? -1 : 1;
}

/** @throws RangeError */
function placeOf(after: string): Place {
  const [, since, client] = /^(\d{1,15})\.(.{1,100})$/.exec(after) ?? [];
  if (since === undefined || client === undefined) throw new RangeError('after must be the next of a page');
  return { since: Number(since), client };
}
