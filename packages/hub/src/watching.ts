import {
  type ChannelPage,
  type ChannelsRequest,
  channelPageOf,
  firstOf,
  matcherOf,
  type Occupied,
} from './channel-pages.ts';
import type { Clients } from './clients.ts';
import type { Disconnect, Unsubscribe } from './codes.ts';
import {
  assertPage,
  type ConnectionDetails,
  type ConnectionPage,
  type ConnectionsRequest,
  detailsOf,
  type PartOfPage,
  pageOf,
  partOf,
  type SilentNode,
} from './connections.ts';
import { EngineError, type NodeInfo } from './engine.ts';
import type { NodeDescription } from './hub-options.ts';
import type { JsonValue } from './json-value.ts';
import type { Nodes, Round } from './nodes.ts';
import type { Rooms } from './rooms.ts';

// What an operator asks of all nodes, and what each answers. A node that does not answer holds up nobody for long, and is named:
// what is not known is not passed off as what is not there.

/** Milliseconds that a node has to answer. */
const PATIENCE = 2000;

/** What a node says of itself at this moment. */
export interface NodeStats extends NodeDescription {
  readonly state: 'ready' | 'interrupted' | 'draining';
  /** Clients that are slow at this moment. */
  readonly slow: number;
  /** What is measured there: see `HubOptions.figures`. */
  readonly figures?: JsonValue | undefined;
}

export interface Stats {
  readonly nodes: readonly NodeStats[];
  /** Nodes that have not answered in time. */
  readonly silent: readonly SilentNode[];
}

interface WatchingHost {
  readonly node: string;
  readonly nodes: Nodes;
  readonly clients: Clients;
  readonly rooms: Rooms;
  describe(): Omit<NodeStats, 'slow'>;
}

export class Watching {
  readonly #nodes: Nodes;

  constructor({ node, nodes, clients, rooms, describe }: WatchingHost) {
    this.#nodes = nodes;
    const answer = (kind: string, handler: (payload: string) => unknown) =>
      nodes.answer(kind, async (payload) => JSON.stringify(handler(payload)) ?? 'null');
    answer('connections', (payload) => {
      const { limit = 100, ...filter }: ConnectionsRequest = JSON.parse(payload);
      assertPage(limit, filter.after);
      return partOf(clients, node, { ...filter, limit });
    });
    answer('connection', (client) => {
      const session = clients.get(client);
      return session && detailsOf(session, node);
    });
    answer('disconnect', (payload) => {
      const [client, { code, reason }]: [string, Disconnect] = JSON.parse(payload);
      const session = clients.get(client);
      session?.disconnect({ code, reason });
      return session !== undefined;
    });
    answer('unsubscribe', (payload) => {
      const [client, channel, { code, reason }]: [string, string, Unsubscribe] = JSON.parse(payload);
      const session = clients.get(client);
      session?.unsubscribed(channel, { code, reason });
      return session !== undefined;
    });
    answer('channel page', (payload) => {
      const { pattern = '*', limit = 100, after }: ChannelsRequest = JSON.parse(payload);
      return firstOf(occupied(rooms, pattern), limit, after);
    });
    answer('stats', () => ({ ...describe(), slow: clients.slowCount }));
  }

  /** @throws RangeError naming what makes no sense */
  async connections({ node, limit = 100, after, ...filter }: ConnectionsRequest): Promise<ConnectionPage> {
    assertPage(limit, after);
    const request = JSON.stringify({ ...filter, after, limit });
    const round = await this.#nodes.askEach('connections', request, PATIENCE, node);
    const parts = round.answers.map((answer): PartOfPage => JSON.parse(answer));
    return pageOf(parts, limit, round.silent.map(named));
  }

  /** Rejects with an `EngineError` if it was not found, and a node has not answered. */
  async connection(client: string): Promise<ConnectionDetails | undefined> {
    const round = await this.#nodes.askEach('connection', client, PATIENCE);
    const found: ConnectionDetails | null = JSON.parse(round.answers.find((answer) => answer !== 'null') ?? 'null');
    if (found === null) assertWhole(round);
    return found ?? undefined;
  }

  async disconnect(client: string, disconnect: Disconnect): Promise<boolean> {
    return this.#found(await this.#nodes.askEach('disconnect', JSON.stringify([client, disconnect]), PATIENCE));
  }

  async unsubscribe(client: string, channel: string, unsubscribe: Unsubscribe): Promise<boolean> {
    const payload = JSON.stringify([client, channel, unsubscribe]);
    return this.#found(await this.#nodes.askEach('unsubscribe', payload, PATIENCE));
  }

  /** @throws RangeError naming what makes no sense */
  async channels(request: ChannelsRequest): Promise<ChannelPage> {
    const { limit = 100 } = request;
    assertPage(limit, undefined);
    const round = await this.#nodes.askEach('channel page', JSON.stringify({ ...request, limit }), PATIENCE);
    const parts = round.answers.map((answer): Occupied[] => JSON.parse(answer));
    return channelPageOf(parts, limit, round.silent.map(named));
  }

  async stats(): Promise<Stats> {
    const round = await this.#nodes.askEach('stats', '', PATIENCE);
    return { nodes: round.answers.map((answer): NodeStats => JSON.parse(answer)), silent: round.silent.map(named) };
  }

  #found(round: Round): boolean {
    if (round.answers.includes('true')) return true;
    assertWhole(round);
    return false;
  }
}

export function* occupied(rooms: Rooms, pattern: string): Generator<Occupied> {
  const isMeant = matcherOf(pattern);
  for (const { name, subscribers } of rooms.occupied()) if (isMeant(name)) yield [name, subscribers];
}

/** @throws EngineError if it is not known what a node would have answered */
function assertWhole({ silent: [node] }: Round): void {
  if (node !== undefined) throw new EngineError('REQUEST_TIMEOUT', `Node ${node.id} has not answered`);
}

function named({ id, state }: NodeInfo): SilentNode {
  const { name }: Partial<NodeDescription> = JSON.parse(state);
  return { id, name: name ?? '' };
}
