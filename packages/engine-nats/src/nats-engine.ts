import {
  type ClientInfo,
  type Engine,
  EngineError,
  type EngineListener,
  type Entered,
  type History,
  type HistoryRequest,
  type Left,
  type Member,
  type MemberCounts,
  measured,
  type NodeInfo,
  type Publication,
  type Published,
  type PublishOptions,
  type Retention,
  type Signal,
} from '@tidewire/hub';
import { NatsNode } from './nats-node.ts';
import { type NatsEngineOptions, type Settings, settingsOf } from './options.ts';

/** A hub on many nodes, over NATS with JetStream. @throws TypeError, RangeError that name the option */
export class NatsEngine implements Engine {
  readonly name = 'nats';
  readonly #settings: Settings;
  #starting: Promise<NatsNode> | undefined;
  #node: NatsNode | undefined;
  #isStopped = false;
  #listener: EngineListener | undefined;

  constructor(options: NatsEngineOptions) {
    this.#settings = settingsOf(options);
  }

  async start(node: string, listener: EngineListener): Promise<void> {
    if (this.#isStopped) throw new EngineError('STOPPED', 'The engine has been stopped');
    if (this.#starting !== undefined) throw new Error('start: the engine was started before');
    this.#listener = listener;
    this.#starting = NatsNode.start(this.#settings, node, listener);
    this.#node = await this.#starting;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const node = await this.#starting?.catch(() => undefined);
    await node?.stop();
  }

  publish(channel: string, publication: Publication, options: PublishOptions = {}): Promise<Published> {
    const { retention, idempotencyKey } = options;
    return this.#measured('publish', (node) => {
      if (retention !== undefined)
        return node.outbox.store(channel, () => node.log.publish(channel, publication, retention, idempotencyKey));
      return node.publishDirect(channel, publication, idempotencyKey);
    });
  }

  signal(channel: string, signal: Signal): Promise<void> {
    return this.#measured('signal', (node) => node.signal(channel, signal));
  }

  subscribe(channel: string): Promise<void> {
    return this.#measured('subscribe', (node) => node.subscriptions.subscribe(channel));
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#measured('unsubscribe', async (node) => node.subscriptions.unsubscribe(channel));
  }

  subscribePrefix(prefix: string): Promise<void> {
    return this.#measured('subscribe', (node) => node.subscriptions.subscribePrefix(prefix));
  }

  unsubscribePrefix(prefix: string): Promise<void> {
    return this.#measured('unsubscribe', async (node) => node.subscriptions.unsubscribePrefix(prefix));
  }

  history(channel: string, retention: Retention, request: HistoryRequest = {}): Promise<History> {
    return this.#measured('history', (node) => node.history(channel, retention, request));
  }

  removeHistory(channel: string, retention: Retention): Promise<void> {
    return this.#measured('removeHistory', (node) => node.log.removeHistory(channel, retention));
  }

  enter(channel: string, info: ClientInfo): Promise<Entered> {
    return this.#measured('enter', (node) => node.members.enter(channel, info));
  }

  leave(channel: string, client: string): Promise<Left> {
    return this.#measured('leave', (node) => node.members.leave(channel, client));
  }

  members(channel: string): Promise<readonly Member[]> {
    return this.#measured('members', (node) => node.members.members(channel));
  }

  memberCounts(channel: string): Promise<MemberCounts> {
    return this.#measured('memberCounts', (node) => node.members.counts(channel));
  }

  nodes(): Promise<readonly NodeInfo[]> {
    return this.#measured('nodes', (node) => node.seat.nodes());
  }

  request(node: string, payload: string, timeout: number): Promise<string> {
    return this.#measured('request', (own) => own.requests.request(node, payload, timeout));
  }

  async #measured<T>(operation: string, work: (node: NatsNode) => Promise<T>): Promise<T> {
    if (this.#isStopped) throw new EngineError('STOPPED', 'The engine has been stopped');
    const node = this.#node;
    if (node === undefined) throw new Error('start: the engine has not been started');
    return measured(this.#listener, operation, () => work(node));
  }
}
