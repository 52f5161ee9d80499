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
import { RedisNode } from './node.ts';
import { type RedisEngineOptions, type Settings, settingsOf } from './options.ts';
import type { Session } from './session.ts';

// The engine as the hub sees it: each method asks the node that `start` has made, and is measured.

export class RedisEngine implements Engine {
  readonly name = 'redis';
  readonly #settings: Settings;
  #listener: EngineListener | undefined;
  #node: RedisNode | undefined;
  #starting: Promise<void> | undefined;
  #hasStopped = false;

  /** @throws TypeError if an option is not what it must be */
  constructor(options: RedisEngineOptions = {}) {
    this.#settings = settingsOf(options);
  }

  async start(node: string, listener: EngineListener): Promise<void> {
    if (this.#node !== undefined || this.#hasStopped) throw new EngineError('STOPPED', 'An engine starts once');
    // It stands in lines of which it is one word.
    if (!/^\S+$/.test(node)) throw new TypeError(`node must be a name without spaces: ${node}`);
    const starting = new RedisNode(this.#settings, node, listener);
    this.#node = starting;
    this.#starting = starting.start();
    try {
      await this.#starting;
    } catch (error) {
      this.#node = undefined;
      throw error;
    }
    if (this.#hasStopped) throw stopped();
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    // Its lease is to be given up, if it gets one.
    await this.#starting?.catch(() => {});
    await this.#node?.stop();
  }

  publish(channel: string, publication: Publication, options: PublishOptions = {}): Promise<Published> {
    return this.#run('publish', ({ streams }, session) => streams.publish(session, channel, publication, options));
  }

  signal(channel: string, signal: Signal): Promise<void> {
    return this.#run('signal', (node, session) => node.signal(session, channel, signal));
  }

  subscribe(channel: string): Promise<void> {
    return this.#run('subscribe', ({ channels, keys }) => channels.add(keys.events(channel)));
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#always('unsubscribe', ({ channels, keys }) => channels.remove(keys.events(channel)));
  }

  subscribePrefix(prefix: string): Promise<void> {
    return this.#run('subscribePrefix', ({ prefixes, keys }) => prefixes.add(keys.eventsOf(prefix)));
  }

  unsubscribePrefix(prefix: string): Promise<void> {
    return this.#always('unsubscribePrefix', ({ prefixes, keys }) => prefixes.remove(keys.eventsOf(prefix)));
  }

  history(channel: string, retention: Retention, request: HistoryRequest = {}): Promise<History> {
    return this.#run('history', ({ streams }, session) => streams.history(session, channel, retention, request));
  }

  removeHistory(channel: string, _retention: Retention): Promise<void> {
    return this.#run('removeHistory', ({ streams }, session) => streams.removeHistory(session, channel));
  }

  enter(channel: string, info: ClientInfo): Promise<Entered> {
    return this.#run('enter', ({ members }, session) => members.enter(session, channel, info));
  }

  leave(channel: string, client: string): Promise<Left> {
    this.#node?.members.forget(channel, client);
    return this.#run('leave', ({ members }, session) => members.leave(session, channel, client));
  }

  members(channel: string): Promise<readonly Member[]> {
    return this.#run('members', ({ members }, session) => members.list(session, channel));
  }

  memberCounts(channel: string): Promise<MemberCounts> {
    return this.#run('memberCounts', ({ members }, session) => members.counts(session, channel));
  }

  nodes(): Promise<readonly NodeInfo[]> {
    return this.#run('nodes', ({ lease }, session) => lease.nodes(session));
  }

  request(node: string, payload: string, timeout: number): Promise<string> {
    return this.#run('request', ({ requests }, session) => requests.request(session, node, payload, timeout));
  }

  /** Does what needs the server: rejects while there is none. */
  #run<Result>(operation: string, work: (node: RedisNode, session: Session) => Promise<Result>): Promise<Result> {
    return this.#always(operation, (node) => work(node, node.link.session));
  }

  async #always<Result>(operation: string, work: (node: RedisNode) => Promise<Result> | Result): Promise<Result> {
    const node = this.#node;
    if (node === undefined || this.#hasStopped) throw stopped();
    return measured(this.#listener, operation, () => work(node));
  }
}

function stopped(): EngineError {
  return new EngineError('STOPPED', 'The engine is not running');
}
