import {
  type Engine,
  EngineError,
  type EngineListener,
  type Entered,
  type History,
  type HistoryRequest,
  type Left,
  type Member,
  type MemberCounts,
  type NodeInfo,
  type Published,
  type PublishOptions,
  type Retention,
} from '../engine.ts';
import { measured } from '../measuring.ts';
import type { ClientInfo, Publication, Signal } from '../publication.ts';
import type { MemoryNetwork } from './memory-network.ts';
import type { NetworkNode } from './network-node.ts';
import { Requests } from './requests.ts';
import type { MaybePromise } from './stream-store.ts';

// A node of a network within the process. What it does is the network's work; here is when it may be done.

export class LocalEngine implements Engine {
  readonly name: string;
  readonly #network: MemoryNetwork;
  readonly #requests = new Requests();
  #hasStarted = false;
  #hasStopped = false;
  #node: NetworkNode | undefined;

  /** @param name for people */
  constructor(name: string, network: MemoryNetwork) {
    this.name = name;
    this.#network = network;
  }

  async start(id: string, listener: EngineListener): Promise<void> {
    if (this.#hasStarted || this.#hasStopped) throw new EngineError('STOPPED', 'An engine starts once');
    this.#hasStarted = true;
    const node = await this.#network.join(id, listener);
    if (this.#hasStopped) {
      await this.#network.leave(node);
      throw stopped();
    }
    this.#node = node;
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#requests.fail(stopped());
    const node = this.#node;
    this.#node = undefined;
    if (node !== undefined) await this.#network.leave(node);
  }

  publish(channel: string, publication: Publication, options: PublishOptions = {}): Promise<Published> {
    return this.#run('publish', () => this.#network.publish(channel, publication, options));
  }

  signal(channel: string, signal: Signal): Promise<void> {
    return this.#run('signal', () => this.#network.signal(channel, signal));
  }

  subscribe(channel: string): Promise<void> {
    return this.#run('subscribe', (node) => this.#network.subscriptions.add(channel, node));
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#run('unsubscribe', (node) => this.#network.subscriptions.remove(channel, node));
  }

  subscribePrefix(prefix: string): Promise<void> {
    return this.#run('subscribePrefix', (node) => this.#network.subscriptions.addPrefix(prefix, node));
  }

  unsubscribePrefix(prefix: string): Promise<void> {
    return this.#run('unsubscribePrefix', (node) => this.#network.subscriptions.removePrefix(prefix, node));
  }

  history(channel: string, retention: Retention, request: HistoryRequest = {}): Promise<History> {
    return this.#run('history', () => this.#network.store.read(channel, retention, request));
  }

  removeHistory(channel: string, retention: Retention): Promise<void> {
    return this.#run('removeHistory', () => this.#network.store.removeAll(channel, retention));
  }

  enter(channel: string, info: ClientInfo): Promise<Entered> {
    return this.#run('enter', (node) => this.#network.enter(node, channel, info));
  }

  leave(channel: string, client: string): Promise<Left> {
    return this.#run('leave', (node) => this.#network.leaveChannel(node, channel, client));
  }

  members(channel: string): Promise<readonly Member[]> {
    return this.#run('members', () => this.#network.directory.list(channel));
  }

  memberCounts(channel: string): Promise<MemberCounts> {
    return this.#run('memberCounts', () => this.#network.directory.counts(channel));
  }

  nodes(): Promise<readonly NodeInfo[]> {
    return this.#run('nodes', () => this.#network.nodes().map(({ id, state }) => ({ id, state })));
  }

  request(id: string, payload: string, timeout: number): Promise<string> {
    return this.#run('request', () => {
      const asked = this.#network.nodes().find((node) => node.id === id);
      return this.#requests.ask(id, asked, payload, timeout);
    });
  }

  /** Does `work` within the call, so that what it tells is told before anything else happens. */
  async #run<Result>(operation: string, work: (node: NetworkNode) => MaybePromise<Result>): Promise<Result> {
    const node = this.#node;
    if (node === undefined) throw stopped();
    if (!node.isConnected) throw new EngineError('UNAVAILABLE', 'The node is cut off from the network');
    return measured(node.listener, operation, () => work(node));
  }
}

function stopped(): EngineError {
  return new EngineError('STOPPED', 'The engine is not running');
}
