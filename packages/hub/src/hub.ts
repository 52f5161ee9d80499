import { randomUUID } from 'node:crypto';
import { Deadlines } from '@tidewire/node';
import type { ChannelPage, ChannelsRequest } from './channel-pages.ts';
import type { Client, ConnectRequest, ConnectResult } from './client.ts';
import { Clients } from './clients.ts';
import {
  CommandError,
  type Disconnect,
  DisconnectError,
  disconnectCodes,
  type Unsubscribe,
  unsubscribeCodes,
} from './codes.ts';
import { connect } from './connecting.ts';
import type { ConnectionDetails, ConnectionPage, ConnectionsRequest } from './connections.ts';
import { assertPresence, type HubContext, namespaceFor, publish } from './context.ts';
import type { EngineListener, History, HistoryRequest, Member, MemberCounts, Published } from './engine.ts';
import { EngineInterest } from './engine-interest.ts';
import { FanOut } from './fan-out.ts';
import type { HubDrainOptions, HubOptions, NodeDescription, PublicationOptions } from './hub-options.ts';
import { type JsonValue, json } from './json-value.ts';
import { Life } from './life.ts';
import { resolveLimits } from './limits.ts';
import { MemoryEngine } from './memory/memory-engine.ts';
import { type Namespace, NamespaceTable } from './namespace-table.ts';
import { type NodeHandler, Nodes } from './nodes.ts';
import { Occupancy, type OccupancyEvent } from './occupancy.ts';
import { Orders } from './orders.ts';
import type { Outlet } from './outlet.ts';
import { createPermissions } from './permissions/create-permissions.ts';
import type { SubscriptionGrant, Trace, Visitor } from './permissions.ts';
import { Presence } from './presence.ts';
import type { Json } from './publication.ts';
import { Rooms } from './rooms.ts';
import { Tails } from './tail.ts';
import { Turnstile } from './turnstile.ts';
import { type NodeStats, occupied, type Stats, Watching } from './watching.ts';

// The hub as an application holds it: what wires the parts together, and no more.

/** Milliseconds that a node has to answer another one. */
const NODE_TIMEOUT = 5000;
/** So many channels compare their position with the engine's at a time. */
const CHECKS_AT_ONCE = 32;

export class Hub {
  /** Names this node among all. */
  readonly node: string = randomUUID();
  readonly #name: string;
  readonly #version: string;
  readonly #context: HubContext;
  readonly #orders: Orders;
  readonly #nodes: Nodes;
  readonly #occupancy: Occupancy;
  readonly #life: Life;
  readonly #watching: Watching;
  readonly #begin = performance.now();

  /** @throws RangeError naming the option that makes no sense */
  constructor(options: HubOptions = {}) {
    const { engine = new MemoryEngine(), observer = {}, namespaces = { '': { subscribe: 'everyone' } } } = options;
    const limits = resolveLimits(options.limits);
    const deadlines = new Deadlines();
    const fanOut = new FanOut(observer);
    const interest = new EngineInterest(engine);
    const tails = new Tails(options.recentSize ?? 64 * 1024 * 1024);
    const checks = new Turnstile(CHECKS_AT_ONCE);
    this.#occupancy = new Occupancy(engine, this.node, (event, channel, trace) =>
      this.#tellOccupancy(options, event, channel, trace),
    );
    const occupancy = this.#occupancy;
    this.#name = options.name ?? '';
    this.#version = options.version ?? '';
    this.#context = {
      engine,
      deadlines,
      fanOut,
      observer,
      limits,
      clients: new Clients(),
      rooms: new Rooms({ engine, interest, fanOut, deadlines, tails, checks, observer, limits, occupancy }),
      presence: new Presence({ engine, deadlines, node: this.node }),
      namespaces: new NamespaceTable(namespaces),
      permissions: options.permissions ?? createPermissions(),
      methods: new Map(),
      receive: undefined,
    };
    this.#context.permissions.useNamespaces?.(namespaces);
    this.#orders = new Orders(this.#context, interest);
    this.#life = new Life(this.#context, occupancy);
    this.#nodes = new Nodes(engine, this.node);
    this.#nodes.answer('channels', async (pattern) => JSON.stringify([...occupied(this.#context.rooms, pattern)]));
    this.#nodes.answer('forget', async (channel) => {
      this.#context.rooms.forget(channel);
      return '';
    });
    const { clients, rooms } = this.#context;
    const describe = () => this.#stats(options);
    this.#watching = new Watching({ node: this.node, nodes: this.#nodes, clients, rooms, describe });
  }

  get connectionCount(): number {
    return this.#context.clients.size;
  }

  get isDraining(): boolean {
    return this.#life.isDraining;
  }

  /** Whether it has started, and the engine works. */
  get isHealthy(): boolean {
    return this.#life.isHealthy;
  }

  /** Rejects with an `EngineError` if the engine cannot start, or the hub is stopped meanwhile. */
  start(): Promise<void> {
    return this.#life.start(this.node, this.#listener());
  }

  /**
   * Lets a client in. Rejects with a `CommandError`, or with a `DisconnectError` when the outlet was closed.
   * @param begun called in the turn in which the client begins, before its first push
   */
  async connect(
    outlet: Outlet,
    request: ConnectRequest,
    begun: (client: Client, result: ConnectResult) => void,
  ): Promise<void> {
    if (!this.#life.takesClients) {
      outlet.close(disconnectCodes.SHUTDOWN);
      throw new DisconnectError('SHUTDOWN');
    }
    await connect(this.#context, this.#orders, outlet, request, begun);
  }

  /**
   * For dialects: counts a connection from when it is open, so that who never says who he is takes a place of his address,
   * too (`HubLimits.connectionsPerAddress`).
   * @returns what is to be called once, when the connection is gone; `undefined` if it is one too many: 3504
   */
  takePlace(address: string | undefined): (() => void) | undefined {
    return this.#context.clients.takePlace(this.#context.limits, address);
  }

  // --- channels ------------------------------------------------------------------------------------------------------

  /** Rejects with a `CommandError` if there is no such channel, with an `EngineError` if it is not known to be published. */
  async publish(channel: string, data: JsonValue, options: PublicationOptions = {}): Promise<Published> {
    const namespace = namespaceFor(this.#context, channel);
    const { tags, key } = options;
    return publish(this.#context, channel, namespace, { data: json(data), tags, key, time: Date.now() }, options);
  }

  /** The outcome for each channel, in their order. */
  async broadcast(
    channels: readonly string[],
    data: JsonValue,
    options: PublicationOptions = {},
  ): Promise<readonly PromiseSettledResult<Published>[]> {
    return Promise.allSettled(channels.map((channel) => this.publish(channel, data, options)));
  }

  /** Rejects with a `CommandError` if there is no such channel, or it has no history. */
  async history(channel: string, request?: HistoryRequest): Promise<History> {
    const { retention } = this.#withHistory(channel);
    return this.#context.engine.history(channel, retention, request);
  }

  /** Clients that come back later are told that they have missed something. */
  async removeHistory(channel: string): Promise<void> {
    const { retention } = this.#withHistory(channel);
    await this.#context.engine.removeHistory(channel, retention);
    await this.#nodes.askAll('forget', channel, NODE_TIMEOUT);
  }

  /** Rejects with a `CommandError` if there is no such channel, or nobody knows who is in it. */
  async presence(channel: string): Promise<readonly Member[]> {
    assertPresence(namespaceFor(this.#context, channel));
    return this.#context.engine.members(channel);
  }

  async presenceStats(channel: string): Promise<MemberCounts> {
    assertPresence(namespaceFor(this.#context, channel));
    return this.#context.engine.memberCounts(channel);
  }

  /**
   * The channels that clients are subscribed to, on all nodes.
   * @param pattern a name, or the beginning of names with a star behind it. Default: all
   */
  async channels(pattern = '*'): Promise<ReadonlyMap<string, { readonly subscribers: number }>> {
    const found = new Map<string, { subscribers: number }>();
    for (const answer of await this.#nodes.askAll('channels', pattern, NODE_TIMEOUT)) {
      const counts: [string, number][] = JSON.parse(answer);
      for (const [name, count] of counts) {
        const entry = found.get(name) ?? { subscribers: 0 };
        entry.subscribers += count;
        found.set(name, entry);
      }
    }
    return found;
  }

  /** The same a page at a time, however many there are. @throws RangeError naming what makes no sense */
  channelPage(request: ChannelsRequest = {}): Promise<ChannelPage> {
    return this.#watching.channels(request);
  }

  // --- users ---------------------------------------------------------------------------------------------------------

  /** A message to all clients of the user, outside of any channel. */
  async send(user: string, data: JsonValue): Promise<void> {
    await this.#orders.give(user, { type: 'send', data: json(data) });
  }

  /** Subscribes all clients of the user, as many as are connected. */
  async subscribe(
    user: string,
    channel: string,
    { client, ...grant }: SubscriptionGrant & { readonly client?: string | undefined } = {},
  ): Promise<void> {
    namespaceFor(this.#context, channel, true);
    await this.#orders.give(user, { type: 'subscribe', channel, grant, ...(client !== undefined && { client }) });
  }

  /** Ends a subscription of the user's clients. Default of `unsubscribe`: 2000, upon which they do not come back. */
  async unsubscribe(
    user: string,
    channel: string,
    options: { readonly client?: string | undefined; readonly unsubscribe?: Unsubscribe | undefined } = {},
  ): Promise<void> {
    const { client, unsubscribe = unsubscribeCodes.SERVER } = options;
    await this.#orders.give(user, {
      type: 'unsubscribe',
      channel,
      unsubscribe,
      ...(client !== undefined && { client }),
    });
  }

  /** Ends the connections of the user. Default of `disconnect`: 3503, upon which they do not come back. */
  async disconnect(
    user: string,
    options: {
      readonly client?: string | undefined;
      readonly except?: readonly string[] | undefined;
      readonly disconnect?: Disconnect | undefined;
    } = {},
  ): Promise<void> {
    const { client, except = [], disconnect = disconnectCodes.FORCE_NO_RECONNECT } = options;
    await this.#orders.give(user, { type: 'disconnect', except, disconnect, ...(client !== undefined && { client }) });
  }

  /** Says until when connections of the user are good, in milliseconds since 1970, or that they are not any more. */
  async refresh(
    user: string,
    options: {
      readonly client?: string | undefined;
      readonly expiresAt?: number | undefined;
      readonly isExpired?: boolean | undefined;
    } = {},
  ): Promise<void> {
    const { client, expiresAt, isExpired = false } = options;
    await this.#orders.give(user, {
      type: 'refresh',
      isExpired,
      ...(client !== undefined && { client }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
  }

  // --- clients -------------------------------------------------------------------------------------------------------

  /** The clients of all nodes, a page at a time, the newest first. @throws RangeError naming what makes no sense */
  connections(request: ConnectionsRequest = {}): Promise<ConnectionPage> {
    return this.#watching.connections(request);
  }

  /**
   * One client, wherever it is; `undefined` if there is none of that name. Rejects with an `EngineError` if that is not known,
   * because a node does not answer. So do the next two.
   */
  connection(client: string): Promise<ConnectionDetails | undefined> {
    return this.#watching.connection(client);
  }

  /** Ends one connection, whoever's it is. @returns whether it was there */
  disconnectClient(client: string, disconnect: Disconnect = disconnectCodes.FORCE_NO_RECONNECT): Promise<boolean> {
    return this.#watching.disconnect(client, disconnect);
  }

  /** Ends a subscription of one client, if it has it. @returns whether the client was there */
  unsubscribeClient(
    client: string,
    channel: string,
    unsubscribe: Unsubscribe = unsubscribeCodes.SERVER,
  ): Promise<boolean> {
    return this.#watching.unsubscribe(client, channel, unsubscribe);
  }

  // --- the application's part ----------------------------------------------------------------------------------------

  /**
   * Answers calls of clients. What is thrown is answered with 100, or as a `CommandError` says.
   * @throws Error if the method is answered already
   */
  rpc(
    method: string,
    handler: (visitor: Visitor, data: Json | undefined) => JsonValue | undefined | Promise<JsonValue | undefined>,
  ): void {
    const { methods } = this.#context;
    if (methods.has(method)) throw new Error(`${method} is answered already`);
    methods.set(method, async (visitor, data) => {
      const answer = await handler(visitor, data);
      return answer === undefined ? undefined : json(answer);
    });
  }

  /** Takes messages that clients send to the application, in place of who took them before. */
  onMessage(handler: (visitor: Visitor, data: Json) => unknown): void {
    this.#context.receive = handler;
  }

  // --- nodes ---------------------------------------------------------------------------------------------------------

  /** @throws Error if that kind is answered already */
  answerNodes(kind: string, handler: NodeHandler): void {
    this.#nodes.answer(kind, handler);
  }

  /** Rejects with an `EngineError` if there is no answer in five seconds. */
  askNode(node: string, kind: string, payload: string): Promise<string> {
    return this.#nodes.ask(node, kind, payload, NODE_TIMEOUT);
  }

  /** What each node says of itself; others than this one may have said it a few seconds ago. */
  async info(): Promise<readonly NodeDescription[]> {
    const nodes = await this.#context.engine.nodes();
    return nodes.map(({ id, state }): NodeDescription => (id === this.node ? this.#describe() : JSON.parse(state)));
  }

  /** What each node says of itself at this moment, and what it measures. */
  stats(): Promise<Stats> {
    return this.#watching.stats();
  }

  // --- life ----------------------------------------------------------------------------------------------------------

  /**
   * Exchanges options. What is subscribed goes on under the new ones, or under the old ones where its namespace is gone. Where
   * history or presence begins or ends, subscribers are told to come again (2500).
   * @throws RangeError naming the option that makes no sense; nothing has changed then
   */
  reconfigure(change: Pick<HubOptions, 'namespaces' | 'limits' | 'permissions'>): void {
    const context = this.#context;
    const limits = change.limits === undefined ? context.limits : resolveLimits(change.limits);
    const namespaces = change.namespaces === undefined ? context.namespaces : new NamespaceTable(change.namespaces);
    context.limits = limits;
    context.namespaces = namespaces;
    context.permissions = change.permissions ?? context.permissions;
    context.permissions.useNamespaces?.(namespaces.options);
    context.rooms.reconfigure(namespaces, limits);
  }

  /**
   * Refuses new clients, sends those that are there away, waits for as long as they may be away without having left, and
   * stops. When it is called again, it does the rest at once.
   */
  drain(options: HubDrainOptions = {}): Promise<void> {
    return this.#life.drain(options);
  }

  /** Ends all connections with 3001. Never rejects. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  #tellOccupancy({ occupancy }: HubOptions, event: OccupancyEvent, channel: string, trace: Trace | undefined): void {
    const { observer } = this.#context;
    try {
      const told: unknown = occupancy?.(event, channel, trace);
      if (told instanceof Promise) told.catch((error) => observer.threw?.('occupancy', error));
    } catch (error) {
      observer.threw?.('occupancy', error);
    }
  }

  #listener(): EngineListener {
    const { rooms, observer, presence } = this.#context;
    return {
      published: (channel, publication, position) => rooms.published(channel, publication, position),
      signalled: (channel, signal) => {
        if (signal.type === 'order') this.#orders.received(channel, signal.order);
        else rooms.presenceChanged(channel, signal.type, signal.info);
      },
      interrupted: (reason) => {
        this.#life.isInterrupted = true;
        observer.engineInterrupted?.(reason);
      },
      resumed: () => {
        this.#life.isInterrupted = false;
        observer.engineResumed?.();
        rooms.resumed();
      },
      expired: (channel, left) => {
        if (this.#occupancy.expired(channel, left)) return;
        const namespace = this.#context.namespaces.of(channel);
        if (namespace !== undefined) presence.expired(channel, namespace, left);
      },
      requested: (payload) => this.#nodes.requested(payload),
      describe: () => JSON.stringify(this.#describe()),
      measured: (operation, duration, isOk) => observer.engineMeasured?.(operation, duration, isOk),
      shortened: (publications, positions) => observer.historyShortened?.(publications, positions),
    };
  }

  #describe(): NodeDescription {
    const { clients, rooms } = this.#context;
    const { channels, subscriptions } = rooms.count();
    return {
      id: this.node,
      name: this.#name,
      version: this.#version,
      uptime: Math.floor((performance.now() - this.#begin) / 1000),
      connections: clients.size,
      users: clients.userCount,
      channels,
      subscriptions,
    };
  }

  #stats({ figures }: HubOptions): Omit<NodeStats, 'slow'> {
    const { isDraining, isHealthy } = this.#life;
    const state = isDraining ? 'draining' : isHealthy ? 'ready' : 'interrupted';
    return { ...this.#describe(), state, figures: figures?.() };
  }

  #withHistory(channel: string): Namespace & { readonly retention: NonNullable<Namespace['retention']> } {
    const namespace = namespaceFor(this.#context, channel);
    const { retention } = namespace;
    if (retention === undefined) throw new CommandError('NOT_AVAILABLE', 'the channel has no history');
    return { ...namespace, retention };
  }
}
