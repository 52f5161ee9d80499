import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { EngineError } from '@tidewire/hub';
import { type Deferred, deferred } from './deferred.ts';
import { asEngineError, mayPass, unavailable, within } from './failures.ts';
import type { Settings } from './options.ts';

// The connection of a node to NATS. The client finds another server by itself when its own dies. Meanwhile, operations wait, up to
// a number and for as long as the engine's timeout: the client itself would queue without a bound. What a server leaves
// unanswered, since it has died or its stream has no leader yet, is asked again; so everything that goes through `retried` must be
// such that it can be done twice.

const MAX_PENDING = 65_536;
const MAX_UNFLUSHED = 8 * 1024 * 1024;
const WAIT_MIN = 50;
const WAIT_MAX = 250;

export interface LinkListener {
  down(reason: string): void;
  /** The subscriptions stand at the server again. */
  up(): void;
}

export class Link {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly #settings: Settings;
  readonly #listener: LinkListener;
  #isUp = true;
  #isStopped = false;
  #pending = 0;
  #unflushed = 0;
  #flushing: Promise<void> | undefined;
  /** Resolved when the connection stands again, or is closed. */
  #change: Deferred<void> = deferred();

  /** @throws EngineError `UNAVAILABLE` */
  static async open(settings: Settings, node: string, listener: LinkListener): Promise<Link> {
    let nats: NatsConnection | undefined;
    try {
      nats = await connect({
        name: node,
        timeout: settings.timeout,
        pingInterval: Math.max(1000, settings.timeout / 5),
        maxPingOut: 2,
        reconnectTimeWait: WAIT_MAX,
        reconnectJitter: WAIT_MAX,
        ignoreAuthErrorAbort: true,
        noAsyncTraces: true,
        ...settings.connection,
        servers: [...settings.servers],
        reconnect: true,
        maxReconnectAttempts: -1,
      });
      const jsm = await jetstreamManager(nats, { checkAPI: false, timeout: attemptOf(settings.timeout) });
      return new Link(nats, jsm, settings, listener);
    } catch (error) {
      await nats?.close();
      throw unavailable(error);
    }
  }

  private constructor(nats: NatsConnection, jsm: JetStreamManager, settings: Settings, listener: LinkListener) {
    this.nats = nats;
    this.jsm = jsm;
    this.js = jetstream(nats, { timeout: attemptOf(settings.timeout) });
    this.#settings = settings;
    this.#listener = listener;
    void this.#watch();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Milliseconds after which an operation that is not answered is tried again. */
  get attempt(): number {
    return attemptOf(this.#settings.timeout);
  }

  /** @throws EngineError of what stands against an operation now: `STOPPED` */
  check(): void {
    if (this.#isStopped) throw new EngineError('STOPPED', 'The engine has been stopped');
  }

  /** Operations reject from now on, and those that wait. */
  stop(): void {
    this.#isStopped = true;
    this.#turn();
  }

  async close(): Promise<void> {
    this.stop();
    await this.nats.close().catch(() => {});
  }

  /**
   * Calls `work` until it succeeds, or fails for a reason that will not pass.
   * @param work is given the milliseconds that this attempt may take, and its number from 1
   */
  async retried<T>(
    work: (timeout: number, attempt: number) => Promise<T>,
    within = this.#settings.timeout,
  ): Promise<T> {
    if (this.#pending >= MAX_PENDING) throw new EngineError('UNAVAILABLE', 'Too many operations wait for NATS');
    this.#pending++;
    const end = performance.now() + within;
    try {
      for (let attempt = 1; ; attempt++) {
        await this.#whenUp(end);
        const remaining = end - performance.now();
        try {
          return await work(Math.min(remaining, attemptOf(within)), attempt);
        } catch (error) {
          if (error instanceof EngineError || !mayPass(error)) throw asEngineError(error);
          const wait = WAIT_MIN + Math.random() * (WAIT_MAX - WAIT_MIN);
          if (performance.now() + wait >= end) throw unavailable(error);
          await new Promise((resolve) => setTimeout(resolve, wait));
        }
      }
    } finally {
      this.#pending--;
    }
  }

  /** For operations of several steps: the milliseconds that are left, whenever it is called. */
  deadline(): () => number {
    const end = performance.now() + this.#settings.timeout;
    return () => end - performance.now();
  }

  /** Resolves when the server knows of all that was sent before. */
  async flushed(): Promise<void> {
    await this.retried((timeout) => within(this.nats.flush(), timeout));
  }

  /** Sends what nobody answers. Waits when much has not left yet. @throws EngineError */
  async send(subject: string, payload: Uint8Array): Promise<void> {
    if (!this.#isUp) await this.#whenUp(performance.now() + this.#settings.timeout);
    this.check();
    this.#unflushed += payload.length + subject.length;
    if (this.#unflushed > MAX_UNFLUSHED) {
      this.#flushing ??= this.flushed().finally(() => {
        this.#flushing = undefined;
        this.#unflushed = 0;
      });
      await this.#flushing;
    }
    try {
      this.nats.publish(subject, payload);
    } catch (error) {
      throw asEngineError(error);
    }
  }

  /** @throws EngineError `TOO_LARGE` */
  checkSize(payload: Uint8Array): void {
    // Headers and subjects take their share of what the server allows.
    const limit = (this.nats.info?.max_payload ?? 1024 * 1024) - 4096;
    if (payload.length > limit) throw new EngineError('TOO_LARGE', `NATS takes ${limit} bytes, not ${payload.length}`);
  }

  async #whenUp(end: number): Promise<void> {
    this.check();
    while (!this.#isUp) {
      const remaining = end - performance.now();
      if (remaining <= 0) throw new EngineError('UNAVAILABLE', 'NATS is not connected');
      await within(this.#change.promise, remaining).catch(() => {});
      this.check();
    }
  }

  async #watch(): Promise<void> {
    void this.nats.closed().then((error) => this.#down(`closed${error ? `: ${error.message}` : ''}`));
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.#down(`${status.type} of a server`);
      if (status.type === 'reconnect') void this.#again();
    }
  }

  #down(reason: string): void {
    if (!this.#isUp || this.#isStopped) return;
    this.#isUp = false;
    this.#listener.down(reason);
  }

  /** The client has sent its subscriptions anew; the answer to a ping says that the server has taken them. */
  async #again(): Promise<void> {
    try {
      await within(this.nats.flush(), this.#settings.timeout);
    } catch {
      return; // The connection is gone again, or will be found stale.
    }
    if (this.#isUp || this.#isStopped || this.nats.isClosed()) return;
    this.#isUp = true;
    this.#unflushed = 0;
    this.#turn();
    this.#listener.up();
  }

  #turn(): void {
    this.#change.resolve();
    this.#change = deferred();
  }
}

/** Milliseconds after which an answer is not awaited any more, and the question asked again. */
function attemptOf(timeout: number): number {
  return Math.max(1000, timeout / 5);
}
