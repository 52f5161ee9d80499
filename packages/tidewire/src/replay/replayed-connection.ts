import { type ClientSession, openSession, type SessionEnd, type WebSocketInit } from '@tidewire/client';
import type { MessageData } from '@tidewire/inspector/recording';
import type { ConnectionPlan } from './plan.ts';
import type { Schedule } from './schedule.ts';

// One connection, as it was recorded: opened, spoken over and closed at the times of the recording, or as soon after as the server
// lets it.

/** Is told what happens. */
export interface ReplayWatcher {
  opened(status: number, headers: Iterable<readonly [string, string]>, subprotocol: string): void;
  sent(data: MessageData): void;
  received(data: MessageData): void;
  ended(end: SessionEnd, by: 'client' | 'server'): void;
}

/** What came of it. */
export interface Outcome {
  readonly wasOpened: boolean;
  readonly sent: number;
  readonly received: readonly MessageData[];
  readonly end: SessionEnd;
  /** Whether the server closed it, or left. */
  readonly endedByServer: boolean;
}

/** More than this does not wait for the network, in bytes. */
const MUCH = 1024 * 1024;

/** More than was recorded is kept, but not without end. */
const MOST_TOO_MANY = 1000;

export class ReplayedConnection {
  readonly #plan: ConnectionPlan;
  readonly #schedule: Schedule;
  readonly #watcher: ReplayWatcher;
  /** How long nothing has to have come before nothing more is waited for. */
  readonly #wait: number;
  readonly #session: ClientSession;
  readonly #received: MessageData[] = [];
  readonly #settled: Promise<void>;
  readonly #closed: Promise<SessionEnd>;
  /** Aborted when it is closed. */
  readonly #over = new AbortController();
  #changed: () => void = () => {};
  #isOpen = false;
  #wasOpened = false;
  #sent = 0;
  #endsItself = false;
  #lastCame = 0;

  /** Begins to connect. */
  constructor(
    plan: ConnectionPlan,
    target: { readonly url: string; readonly init: WebSocketInit; readonly wait: number },
    schedule: Schedule,
    watcher: ReplayWatcher,
  ) {
    this.#plan = plan;
    this.#schedule = schedule;
    this.#watcher = watcher;
    this.#wait = target.wait;
    let settle = () => {};
    let close: (end: SessionEnd) => void = () => {};
    this.#settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#closed = new Promise((resolve) => {
      close = resolve;
    });
    const handler = {
      opened: (
        { status, headers }: { status: number; headers: Iterable<readonly [string, string]> },
        subprotocol: string,
      ) => {
        this.#isOpen = true;
        this.#wasOpened = true;
        watcher.opened(status, headers, subprotocol);
        settle();
      },
      message: (data: MessageData) => this.#came(data),
      drained: () => this.#changed(),
      closed: (end: SessionEnd) => {
        this.#isOpen = false;
        watcher.ended(end, this.#endsItself ? 'client' : 'server');
        settle();
        this.#over.abort();
        close(end);
        this.#changed();
      },
    };
    this.#session = openSession(target.url, handler, target.init);
  }

  /** Resolves when it is over. */
  async run(): Promise<Outcome> {
    await this.#settled;
    for (const { at, data } of this.#plan.sends) {
      await this.#schedule.until(at, this.#over.signal);
      if (!this.#isOpen) break;
      this.#session.send(data);
      this.#sent += 1;
      this.#schedule.done(at);
      this.#watcher.sent(data);
      while (this.#isOpen && this.#session.bufferedAmount > MUCH) await this.#change();
    }
    if (this.#isOpen) await this.#end();
    const end = await this.#closed;
    return {
      wasOpened: this.#wasOpened,
      sent: this.#sent,
      received: this.#received,
      end,
      endedByServer: !this.#endsItself,
    };
  }

  /** Ends it without having been told to by the recording. */
  stop(): void {
    this.#endsItself = true;
    if (this.#isOpen) this.#session.close(1000);
    else this.#session.terminate();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async #end(): Promise<void> {
    const { ending } = this.#plan;
    if (ending.by !== 'nobody') await this.#schedule.until(ending.at, this.#over.signal);
    // The server may be slower than it was.
    await this.#silence(ending.by === 'server' ? Number.POSITIVE_INFINITY : this.#plan.expected.length);
    if (!this.#isOpen) return;
    this.#endsItself = true;
    if (ending.by === 'loss') this.#session.terminate();
    else if (ending.by === 'client') this.#session.close(ending.code, ending.reason);
    else this.#session.close(1000);
  }

  /** Resolves when so many messages have come, or none has for as long as is waited, or the connection is closed. */
  async #silence(messages: number): Promise<void> {
    this.#lastCame = performance.now();
    while (this.#isOpen && this.#received.length < messages) {
      const left = this.#lastCame + this.#wait - performance.now();
      if (left <= 0) return;
      let timer: NodeJS.Timeout | undefined;
      const waited = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(left, 2 ** 31 - 1));
      });
      await Promise.race([waited, this.#change()]);
      clearTimeout(timer);
    }
  }

  #came(data: MessageData): void {
    this.#lastCame = performance.now();
    if (this.#received.length < this.#plan.expected.length + MOST_TOO_MANY) this.#received.push(data);
    this.#watcher.received(data);
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
