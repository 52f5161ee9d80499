import {
  EngineError,
  type EngineListener,
  type Entered,
  type Left,
  type Published,
  type PublishOptions,
} from '../engine.ts';
import type { ClientInfo, Publication, Signal } from '../publication.ts';
import { Directory } from './members.ts';
import { MemoryStreamStore } from './memory-stream-store.ts';
import { NetworkNode } from './network-node.ts';
import { RecentKeys } from './recent-keys.ts';
import type { MaybePromise, StreamStore } from './stream-store.ts';
import { Subscriptions } from './subscriptions.ts';

// What joins the nodes of one process, of which there is mostly one. Everything happens within the call, but what waits for
// the store. Events are told in the order in which they came about: what a listener publishes while it is being told comes
// after what it is being told of, for all nodes.

export interface MemoryNetworkOptions {
  /** Default: streams in memory. */
  readonly store?: StreamStore | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds that a node that was cut off keeps its members. Default 15,000. */
  readonly lease?: number | undefined;
  /** Milliseconds between two sweeps: see `sweep`. Default 1000. */
  readonly sweepInterval?: number | undefined;
}

const CUT_OFF = 'cut off from the network';
const MAX_UNSTORED_KEYS = 1_000_000;

export class MemoryNetwork {
  readonly store: StreamStore;
  readonly now: () => number;
  readonly #lease: number;
  readonly #sweepInterval: number;
  readonly #nodes = new Map<string, NetworkNode>();
  readonly #cutOff = new Set<NetworkNode>();
  readonly subscriptions = new Subscriptions<NetworkNode>();
  readonly #directory = new Directory();
  /** Of publications without a stream. */
  readonly #unstoredKeys = new RecentKeys(MAX_UNSTORED_KEYS);
  readonly #untold: (() => void)[] = [];
  #isTelling = false;
  #opening: MaybePromise<void> | undefined;
  #closing: MaybePromise<void> = undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ store, now = Date.now, lease = 15_000, sweepInterval = 1000 }: MemoryNetworkOptions = {}) {
    this.store = store ?? new MemoryStreamStore();
    this.now = now;
    this.#lease = lease;
    this.#sweepInterval = sweepInterval;
  }

  /** @throws EngineError `UNAVAILABLE` if the store cannot be opened, or the name is taken */
  async join(id: string, listener: EngineListener): Promise<NetworkNode> {
    if (this.#nodes.has(id)) throw new EngineError('UNAVAILABLE', `There is a node named ${id} already`);
    const node = new NetworkNode(id, listener);
    this.#nodes.set(id, node);
    try {
      this.#opening ??= this.#open();
      await this.#opening;
    } catch (error) {
      this.#nodes.delete(id);
      this.#opening = undefined;
      throw error;
    }
    this.#timer ??= setInterval(() => void this.sweep(), this.#sweepInterval).unref();
    return node;
  }

  /** Takes the node out, and what belongs to it. The store is closed with the last one. */
  async leave(node: NetworkNode): Promise<void> {
    this.subscriptions.removeNode(node);
    this.#nodes.delete(node.id);
    this.#cutOff.delete(node);
    this.#takeOut(node);
    if (this.#nodes.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#opening = undefined;
    this.#closing = this.store.close();
    await this.#closing;
  }

  /** Of those whose lease has not run out. */
  nodes(): readonly NetworkNode[] {
    this.#expire();
    return [...this.#nodes.values()].filter(({ isExpired }) => !isExpired);
  }

  /**
   * Cuts a node off, as if its process had died or its cable had been pulled: it is told nothing but `interrupted`, and its
   * methods reject. When the lease is over, its members are taken out.
   */
  cut(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined || !node.isConnected) return;
    node.lastState = node.listener.describe();
    node.leaseEnd = this.now() + this.#lease;
    this.#cutOff.add(node);
    node.interrupt(CUT_OFF);
  }

  /** Puts a node back that was cut off. If its lease has run out, it enters its members again. */
  mend(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined || node.isConnected) return;
    this.#cutOff.delete(node);
    node.leaseEnd = Number.POSITIVE_INFINITY;
    if (node.isExpired) this.#enterAgain(node);
    node.isExpired = false;
    node.resume(CUT_OFF);
  }

  publish(channel: string, publication: Publication, options: PublishOptions): MaybePromise<Published> {
    const { retention, idempotencyKey } = options;
    if (retention === undefined) return this.#publishUnstored(channel, publication, idempotencyKey);
    return this.store.append(channel, publication, retention, idempotencyKey, (position) =>
      this.#tell(channel, (listener) => listener.published(channel, publication, position)),
    );
  }

  signal(channel: string, signal: Signal): void {
    this.store.inOrder(channel, () => this.#tell(channel, (listener) => listener.signalled(channel, signal)));
  }

  enter(node: NetworkNode, channel: string, info: ClientInfo): Entered {
    this.#expire();
    node.keep(channel, info);
    return this.#directory.enter(channel, { info, node: node.id });
  }

  leaveChannel(node: NetworkNode, channel: string, client: string): Left {
    this.#expire();
    node.forget(channel, client);
    return this.#directory.leave(channel, client);
  }

  /** Who is in which channel, now. */
  get directory(): Directory {
    this.#expire();
    return this.#directory;
  }

  /** Forgets what is too old, and nodes whose lease has run out. A timer calls it, and so may a test that has its own clock. */
  sweep(): MaybePromise<void> {
    this.#expire();
    this.#unstoredKeys.forgetOld(this.now());
    return this.store.sweep();
  }

  async #open(): Promise<void> {
    const reason = 'the store is unavailable';
    await this.#closing;
    await this.store.open({
      now: this.now,
      isSubscribed: (channel) => this.subscriptions.has(channel),
      interrupted: () => this.#nodes.forEach((node) => void node.interrupt(reason)),
      resumed: () => this.#nodes.forEach((node) => void node.resume(reason)),
      shortened: (...dropped) => this.#nodes.forEach(({ listener }) => void listener.shortened?.(...dropped)),
    });
  }

  #publishUnstored(channel: string, publication: Publication, key: string | undefined): Published {
    if (key !== undefined) {
      if (this.#unstoredKeys.find(channel, key, this.now()) !== undefined)
        return { position: undefined, isDuplicate: true };
      this.#unstoredKeys.add(channel, key, undefined, this.now());
    }
    this.store.inOrder(channel, () =>
      this.#tell(channel, (listener) => listener.published(channel, publication, undefined)),
    );
    return { position: undefined, isDuplicate: false };
  }

  #tell(channel: string, say: (listener: EngineListener) => void): void {
    if (this.#isTelling) {
      this.#untold.push(() => this.#tellAll(channel, say));
      return;
    }
    this.#isTelling = true;
    try {
      this.#tellAll(channel, say);
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) next();
    } finally {
      this.#isTelling = false;
    }
  }

  #tellAll(channel: string, say: (listener: EngineListener) => void): void {
    this.subscriptions.each(channel, (node) => {
      if (node.isConnected) say(node.listener);
    });
  }

  #expire(): void {
    if (this.#cutOff.size === 0) return;
    const now = this.now();
    for (const node of this.#cutOff) {
      if (node.isExpired || now < node.leaseEnd || this.#living() === undefined) continue;
      node.isExpired = true;
      this.#takeOut(node);
    }
  }

  #living(): NetworkNode | undefined {
    for (const node of this.#nodes.values()) if (node.isConnected) return node;
    return undefined;
  }

  /** Takes out the members of a node, and tells one that lives. */
  #takeOut(node: NetworkNode): void {
    const living = this.#living();
    for (const [channel, clients] of node.members) {
      const left = [...clients.keys()].map((client) => this.#directory.leave(channel, client, node.id));
      const gone = left.filter(({ member }) => member !== undefined);
      if (gone.length > 0) living?.listener.expired(channel, gone);
    }
  }

  #enterAgain(node: NetworkNode): void {
    for (const [channel, clients] of node.members)
      for (const info of clients.values()) this.#directory.enter(channel, { info, node: node.id });
  }
}
