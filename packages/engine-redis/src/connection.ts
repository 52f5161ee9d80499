import { EngineError } from '@tidewire/hub';
import { createClient, type RedisClientOptions } from 'redis';
import type { Script } from './scripts/script.ts';

// One connection to Redis, until it is lost: whoever has opened it opens another one. Answers come in the order of the
// commands, so that a server that does not answer one in time has not answered any behind it: then the connection is given
// up, and all that wait reject. What waits is bounded by their number.

type Client = ReturnType<typeof createClient>;
type Hearer = (message: string, channel: string) => void;

/** How often a connection is looked after, within its timeout. */
const TICKS = 5;
/** What a server says that is no master any more, or not yet. */
const OTHER_SERVER = /^(READONLY|LOADING|MASTERDOWN) /;

export class Connection {
  readonly #client: Client;
  readonly #lost: (reason: string) => void;
  readonly #maxPending: number;
  readonly #ticker: NodeJS.Timeout;
  #isOver = false;
  #reason = 'The connection was closed';
  #sent = 0;
  #answered = 0;
  /** What `#sent` was at the last ticks. They are counted, rather than time: this process may have stood still. */
  readonly #marks: number[] = [];

  /**
   * @param timeout milliseconds for connecting, and then for every answer
   * @param lost is called once, unless `close` was
   * @throws EngineError `UNAVAILABLE`
   */
  static async open(
    options: RedisClientOptions,
    timeout: number,
    maxPending: number,
    lost: (reason: string) => void,
  ): Promise<Connection> {
    const client = createClient({
      ...options,
      socket: { ...options.socket, reconnectStrategy: false, connectTimeout: timeout },
      disableOfflineQueue: true,
      // A timer for each command, which costs as much as the command; the ticker does its work.
      commandOptions: { ...options.commandOptions, timeout: 0 },
      maintNotifications: 'disabled',
    });
    let why = 'The connection was closed';
    let opened: Connection | undefined;
    client.on('error', (error: unknown) => {
      why = messageOf(error);
      opened?.lose(why);
    });
    client.on('end', () => opened?.lose(why));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      destroy(client);
    }, timeout);
    try {
      await client.connect();
    } catch (error) {
      destroy(client);
      throw isLate ? new EngineError('UNAVAILABLE', `Redis has not answered within ${timeout} ms`) : unavailable(error);
    } finally {
      clearTimeout(timer);
    }
    if (!client.isReady) throw new EngineError('UNAVAILABLE', why);
    opened = new Connection(client, timeout, maxPending, lost);
    return opened;
  }

  private constructor(client: Client, timeout: number, maxPending: number, lost: (reason: string) => void) {
    this.#client = client;
    this.#lost = lost;
    this.#maxPending = maxPending;
    this.#ticker = setInterval(() => this.#tick(timeout), timeout / TICKS).unref();
  }

  /** @throws EngineError `UNAVAILABLE` */
  async send(command: readonly string[]): Promise<unknown> {
    return this.#answer(() => this.#client.sendCommand<unknown>(command));
  }

  /** @throws EngineError `UNAVAILABLE` */
  async run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#answer(() => this.#client.sendCommand<unknown>(['EVALSHA', script.sha, ...rest]));
    } catch (error) {
      // Scripts were loaded when the connection began; a server that has been made master since, or was told to forget
      // them, has none.
      if (!(error instanceof EngineError && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.send(['EVAL', script.text, ...rest]);
    }
  }

  async subscribe(channels: string[], hear: Hearer): Promise<void> {
    await this.#answer(() => this.#client.subscribe(channels, hear));
  }

  async unsubscribe(channels: string[], hear: Hearer): Promise<void> {
    await this.#answer(() => this.#client.unsubscribe(channels, hear));
  }

  async subscribePatterns(patterns: string[], hear: Hearer): Promise<void> {
    await this.#answer(() => this.#client.pSubscribe(patterns, hear));
  }

  async unsubscribePatterns(patterns: string[], hear: Hearer): Promise<void> {
    await this.#answer(() => this.#client.pUnsubscribe(patterns, hear));
  }

  /** Gives the connection up and tells so. */
  lose(reason: string): void {
    if (this.#isOver) return;
    this.#reason = reason;
    this.close();
    this.#lost(reason);
  }

  close(): void {
    this.#isOver = true;
    clearInterval(this.#ticker);
    destroy(this.#client);
  }

  async #answer<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#sent - this.#answered >= this.#maxPending)
      throw new EngineError('UNAVAILABLE', `${this.#maxPending} commands wait for their answers`);
    this.#sent++;
    try {
      return await ask();
    } catch (error) {
      const failure = this.#isOver
        ? new EngineError('UNAVAILABLE', this.#reason, { cause: error })
        : unavailable(error);
      if (OTHER_SERVER.test(failure.message)) this.lose(failure.message);
      throw failure;
    } finally {
      this.#answered++;
    }
  }

  #tick(timeout: number): void {
    const mark = this.#marks.length === TICKS - 1 ? this.#marks.shift() : undefined;
    if (mark !== undefined && this.#answered < mark) this.lose(`Redis has not answered within ${timeout} ms`);
    else this.#marks.push(this.#sent);
  }
}

function destroy(client: Client): void {
  // It throws if it is closed already.
  if (client.isOpen) client.destroy();
}

function unavailable(error: unknown): EngineError {
  return new EngineError('UNAVAILABLE', messageOf(error), { cause: error });
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
