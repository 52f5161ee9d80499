import type { Duplex } from 'node:stream';
import { type Deadlines, Expiring } from '@tidewire/node';

/** What comes before the decision is kept up to this size; then the client's TCP window fills. */
const MAX_KEPT = 64 * 1024;

/**
 * An upgrade on which the application is deciding. What comes meanwhile is kept, so that nothing is lost; a client that
 * goes away, and a deadline, end it.
 */
export class PendingUpgrade extends Expiring {
  readonly stream: Duplex;
  readonly #deadlines: Deadlines;
  readonly #onTimeout: () => void;
  readonly #onOver: () => void;
  readonly #kept: Uint8Array[];
  #keptLength: number;
  #controller: AbortController | undefined;
  #isOver = false;

  /** @param onOver called once, when it is decided or given up */
  constructor(
    stream: Duplex,
    head: Uint8Array,
    deadlines: Deadlines,
    timeout: number,
    events: { readonly onTimeout: () => void; readonly onOver: () => void },
  ) {
    super();
    this.stream = stream;
    this.#deadlines = deadlines;
    this.#onTimeout = events.onTimeout;
    this.#onOver = events.onOver;
    this.#kept = [head];
    this.#keptLength = head.length;
    stream.on('data', this.#keep);
    stream.on('end', this.#gone);
    stream.on('close', this.#gone);
    if (Number.isFinite(timeout)) deadlines.set(this, timeout);
  }

  /** Whether it was decided or given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** It is decided: returns what has come meanwhile. Whoever takes the stream must do so in the same turn. */
  settle(): Uint8Array {
    this.#end();
    if (this.stream.isPaused()) this.stream.resume();
    return this.#kept.length === 1 && this.#kept[0] !== undefined ? this.#kept[0] : Buffer.concat(this.#kept);
  }

  /** It is given up: tells the application, which may still be deciding. */
  giveUp(why: string): void {
    this.#end();
    this.#controller?.abort(new Error(why));
  }

  /** Whether `error` says nothing but that the signal was aborted. */
  isAbort(error: unknown): boolean {
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true) return false;
    return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
  }

  override expired(): void {
    this.#onTimeout();
  }

  readonly #keep = (chunk: Uint8Array): void => {
    this.#kept.push(chunk);
    this.#keptLength += chunk.length;
    if (this.#keptLength >= MAX_KEPT) this.stream.pause();
  };

  readonly #gone = (): void => {
    this.giveUp('The client has gone away');
    this.stream.destroy();
  };

  #end(): void {
    const { stream } = this;
    this.#isOver = true;
    this.#deadlines.clear(this);
    stream.off('data', this.#keep);
    stream.off('end', this.#gone);
    stream.off('close', this.#gone);
    this.#onOver();
  }
}
