import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '@tidewire/hub';
import { messageOf } from './connection.ts';
import type { Settings } from './options.ts';
import { Session } from './session.ts';

// Keeps a session, and opens another one when it is lost. Nobody waits for that: without a session, methods reject.

/** Milliseconds before the second attempt to reconnect; twice as many before each further one, up to the limit. */
const FIRST_DELAY = 50;
const MAX_DELAY = 2000;

export interface LinkHandler {
  /** Puts everything in place on the server before the session is used. What it throws gives the session up. */
  restore(session: Session): Promise<void>;
  /** The session stands again, after `lost`. */
  restored(): void;
  lost(reason: string): void;
}

export class Link {
  readonly #settings: Settings;
  readonly #handler: LinkHandler;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #opening: Session | undefined;
  /** When the session began to stand, by `performance.now`. */
  #since = 0;
  /** Why the last attempt to reconnect has failed, for people. */
  #failure = '';

  constructor(settings: Settings, handler: LinkHandler) {
    this.#settings = settings;
    this.#handler = handler;
  }

  /** @throws EngineError `UNAVAILABLE`, and nothing goes on */
  async start(): Promise<void> {
    await this.#open();
  }

  stop(): void {
    this.#stopping.abort();
    this.#opening?.close();
    this.#session?.close();
    this.#session = undefined;
  }

  get current(): Session | undefined {
    return this.#session;
  }

  /** Milliseconds that the session has stood without interruption. */
  get age(): number {
    return this.#session === undefined ? 0 : performance.now() - this.#since;
  }

  /** @throws EngineError `UNAVAILABLE` or `STOPPED` */
  get session(): Session {
    if (this.#session !== undefined) return this.#session;
    throw this.#stopping.signal.aborted
      ? new EngineError('STOPPED', 'The engine has stopped')
      : new EngineError('UNAVAILABLE', `There is no connection to Redis. ${this.#failure}`.trimEnd());
  }

  async #open(): Promise<void> {
    let lost: string | undefined;
    // It may be lost while it is opened, before there is anything to compare with.
    let opened: Session | undefined;
    const session = await Session.open(this.#settings, (reason) => {
      lost = reason;
      if (opened !== undefined && this.#session === opened) this.#reopen(reason);
    });
    opened = session;
    this.#opening = session;
    try {
      if (this.#stopping.signal.aborted) throw new EngineError('STOPPED', 'The engine has stopped');
      await this.#handler.restore(session);
      if (lost !== undefined) throw new EngineError('UNAVAILABLE', lost);
      if (this.#stopping.signal.aborted) throw new EngineError('STOPPED', 'The engine has stopped');
    } catch (error) {
      session.close();
      throw error;
    } finally {
      this.#opening = undefined;
    }
    this.#session = session;
    this.#since = performance.now();
  }

  async #reopen(reason: string): Promise<void> {
    this.#session = undefined;
    this.#handler.lost(reason);
    const { signal } = this.#stopping;
    for (let wait = 0; !signal.aborted; wait = Math.min(Math.max(wait * 2, FIRST_DELAY), MAX_DELAY)) {
      try {
        // Not all nodes at the same moment.
        await delay(wait * (0.5 + Math.random() / 2), undefined, { signal });
        await this.#open();
      } catch (error) {
        this.#failure = messageOf(error);
        continue;
      }
      this.#handler.restored();
      return;
    }
  }
}
