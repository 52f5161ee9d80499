import { randomUUID } from 'node:crypto';
import { freePort } from '../servers/free-port.ts';
import { Balancer } from './balancer.ts';
import type { EngineServers } from './engine-servers.ts';
import { HubProcess } from './hub-process.ts';
import { API_KEY, Publisher } from './publisher.ts';
import type { Scale } from './schedule.ts';
import { SECRET, Subscriber } from './subscriber.ts';
import { Watcher } from './watcher.ts';

// All that takes part in a run: servers, nodes, the balancer before them, and everybody who comes to it.

/** Milliseconds for which a connection that is lost may come back. */
export const GRACE = 1000;
const LONG = 10_000;
/** So many of the clients are in the room with the short history, too: each tenth. */
const SHARE = 10;
const SHORT_ROOM = 'short:1';

export class Cluster {
  readonly nodes: readonly HubProcess[];
  readonly balancer: Balancer;
  readonly publishers: readonly Publisher[];
  readonly watchers: readonly Watcher[];
  readonly subscribers: readonly Subscriber[];
  readonly #servers: EngineServers;

  static async start(servers: EngineServers, scale: Scale): Promise<Cluster> {
    const nodes: HubProcess[] = [];
    for (const name of ['node A', 'node B', 'node C']) {
      nodes.push(new HubProcess(name, await freePort(), configOf(servers, scale)));
    }
    // One after the other, as a first start of a cluster is.
    for (const node of nodes) await node.start();
    return new Cluster(servers, nodes, await Balancer.open(nodes.map(({ port }) => port)), scale);
  }

  private constructor(servers: EngineServers, nodes: readonly HubProcess[], balancer: Balancer, scale: Scale) {
    this.#servers = servers;
    this.nodes = nodes;
    this.balancer = balancer;
    const { port } = balancer;
    const long = Array.from({ length: scale.rooms }, (_, i) => `room:${i + 1}`);
    const run = randomUUID();
    this.publishers = [SHORT_ROOM, ...long].map((room) => new Publisher(room, port, run));
    this.watchers = [SHORT_ROOM, ...long].map((room) => new Watcher(room, nodes.at(-1)?.port ?? 0));
    this.subscribers = Array.from({ length: scale.clients }, (_, i) => {
      const room = long[i % long.length] ?? '';
      return new Subscriber({
        name: `client-${i}`,
        // Some users have two connections, in the same room.
        user: `user-${i < scale.clients / 2 ? i % (scale.clients / 2 - ((scale.clients / 2) % long.length)) : i}`,
        rooms: i % SHARE === 0 ? [room, SHORT_ROOM] : [room],
        port,
        tokenLife: scale.tokenLife,
        patience: scale.ping.timeout,
      });
    });
  }

  get rooms(): readonly string[] {
    return this.publishers.map(({ room }) => room);
  }

  /** Those in the room with the short history. */
  get shortlived(): readonly Subscriber[] {
    return this.subscribers.filter(({ told }) => told.has(SHORT_ROOM));
  }

  get shortRoom(): Publisher | undefined {
    return this.publishers.find(({ room }) => room === SHORT_ROOM);
  }

  /** What a room keeps. */
  sizeOf(room: string, scale: Scale): number {
    return room === SHORT_ROOM ? scale.shortHistory : LONG;
  }

  /** The connections that are in a room now, as those that have them know it. */
  expectedIn(room: string): { readonly clients: ReadonlySet<string>; readonly users: number } {
    const inRoom = this.subscribers.filter(({ told }) => told.has(room));
    const watchers = this.watchers.filter((watcher) => watcher.room === room);
    const clients = [...inRoom, ...watchers].map(({ connection }) => connection ?? 'nobody');
    return { clients: new Set(clients), users: new Set(inRoom.map(({ user }) => user)).size + watchers.length };
  }

  /** Asks a node's API. */
  async ask<Answer>(node: HubProcess, operation: string, request: object): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${node.port}/api/${operation}`, {
      method: 'POST',
      signal: AbortSignal.timeout(20_000),
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const body: Answer = JSON.parse(await answer.text());
    if (!answer.ok) throw new Error(`${node.name} answers ${operation} with ${JSON.stringify(body)}`);
    return body;
  }

  async close(): Promise<void> {
    for (const watcher of this.watchers) watcher.close();
    for (const { client } of this.subscribers) client.disconnect();
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.balancer.close();
    await this.#servers.close();
  }
}

function configOf(servers: EngineServers, { lease, shortHistory, ping }: Scale): object {
  const presence = { grace: `${GRACE}ms`, events: 'connection' };
  return {
    engine: servers.config(lease),
    namespaces: {
      room: { presence, history: { size: LONG, ttl: '10m' } },
      short: { presence, history: { size: shortHistory, ttl: '10m' } },
    },
    tokens: { secrets: [SECRET] },
    api: { keys: [{ name: 'publishers', key: API_KEY }] },
    clients: { pingInterval: `${ping.interval}ms`, pongTimeout: `${ping.timeout}ms` },
    drain: { window: '2s' },
    playground: false,
  };
}
