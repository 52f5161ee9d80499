import {
  type ClientInfo,
  EngineError,
  type EngineListener,
  type Entered,
  type EventPosition,
  type History,
  type HistoryRequest,
  type Left,
  LocalEngine,
  type MemoryNetwork,
  type Publication,
  type Retention,
} from '@tidewire/hub';

type Event = [channel: string, publication: Publication, position: EventPosition | undefined];

/** An engine in memory that loses, repeats and holds what it should tell, and answers late or not at all, when told to. */
export class FaultyEngine extends LocalEngine {
  /** So many events are lost. */
  losing = 0;
  /** So many events are told twice. */
  repeating = 0;
  /** So many histories and subscriptions are refused. */
  refusing = 0;
  /** So many enterings and leavings are done, and said to have failed. */
  deceiving = 0;
  /** What was asked for: `history a`, `subscribe a`, `unsubscribe a`. */
  readonly asked: string[] = [];
  #listener: EngineListener | undefined;
  #held: Event[] | undefined;
  #delayed: (() => void)[] | undefined;
  #delaysUnsubscribing = false;

  constructor(network: MemoryNetwork) {
    super('faulty', network);
  }

  override start(id: string, listener: EngineListener): Promise<void> {
    this.#listener = listener;
    const published = (...event: Event) => this.#published(event);
    return super.start(id, { ...listener, published });
  }

  override async subscribe(channel: string): Promise<void> {
    await this.#ask(`subscribe ${channel}`);
    await super.subscribe(channel);
    await this.#answer();
  }

  override async unsubscribe(channel: string): Promise<void> {
    await this.#ask(`unsubscribe ${channel}`);
    await super.unsubscribe(channel);
    if (this.#delaysUnsubscribing) await this.#answer();
  }

  override async history(channel: string, retention: Retention, request?: HistoryRequest): Promise<History> {
    await this.#ask(`history ${channel}`);
    const history = await super.history(channel, retention, request);
    await this.#answer();
    return history;
  }

  override async enter(channel: string, info: ClientInfo): Promise<Entered> {
    const entered = await super.enter(channel, info);
    this.#deceive();
    return entered;
  }

  override async leave(channel: string, client: string): Promise<Left> {
    const left = await super.leave(channel, client);
    this.#deceive();
    return left;
  }

  /** Takes members of this node out without being asked, and says so. */
  async expire(channel: string, clients: readonly string[]): Promise<void> {
    const left = await Promise.all(clients.map((client) => super.leave(channel, client)));
    this.#listener?.expired(channel, left);
  }

  /** Events wait, in their order, until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.#listener?.published(...event);
  }

  /** Histories and subscriptions wait, with what they have to say, until `answer`. */
  delay(): void {
    this.#delayed ??= [];
  }

  /** That channels are given up waits, too. */
  delayUnsubscribing(): void {
    this.delay();
    this.#delaysUnsubscribing = true;
  }

  answer(): void {
    this.#delaysUnsubscribing = false;
    const delayed = this.#delayed ?? [];
    this.#delayed = undefined;
    for (const answer of delayed) answer();
  }

  /** Says that events may be lost: they are, until `resume`. */
  interrupt(): void {
    this.losing = Number.POSITIVE_INFINITY;
    this.#listener?.interrupted('for the test');
  }

  resume(): void {
    if (this.losing !== Number.POSITIVE_INFINITY) return;
    this.losing = 0;
    this.#listener?.resumed();
  }

  #published(event: Event): void {
    if (event[2] !== undefined && this.losing > 0) {
      this.losing--;
      return;
    }
    const times = this.repeating > 0 ? 2 : 1;
    if (times === 2) this.repeating--;
    for (let i = 0; i < times; i++) {
      if (this.#held === undefined) this.#listener?.published(...event);
      else this.#held.push(event);
    }
  }

  #deceive(): void {
    if (this.deceiving === 0) return;
    this.deceiving--;
    throw new EngineError('UNAVAILABLE', 'for the test');
  }

  async #ask(what: string): Promise<void> {
    this.asked.push(what);
    if (this.refusing === 0) return;
    this.refusing--;
    throw new EngineError('UNAVAILABLE', 'for the test');
  }

  async #answer(): Promise<void> {
    const delayed = this.#delayed;
    if (delayed !== undefined) await new Promise<void>((resolve) => delayed.push(resolve));
  }
}
