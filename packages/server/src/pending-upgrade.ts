import { type Deadlines, Expiring } from '@tidewire/node';
import type { OpeningRequest } from '@tidewire/protocol';
import type { Exchange } from './exchange.ts';
import { ignore } from './refusal.ts';
import { UpgradeRequest } from './upgrade-request.ts';

/** What comes before the decision is kept up to this size; then the client's TCP window fills. */
const MAX_KEPT = 64 * 1024;

/** Who keeps count of upgrades under way. */
export interface PendingUpgradeOwner {
  readonly deadlines: Deadlines;
  /** Milliseconds. */
  readonly timeout: number;
  timedOut(pending: PendingUpgrade): void;
  /** It was decided or given up. Called once. */
  over(pending: PendingUpgrade): void;
}

/**
 * An upgrade on which the application is deciding. Where it does so in the same turn, this is an object and nothing else.
 * Where it takes its time, what comes meanwhile is kept, so that nothing is lost; a client that goes away, and a deadline,
 * end it.
 */
export class PendingUpgrade extends Expiring {
  readonly exchange: Exchange;
  readonly opening: OpeningRequest;
  /** What the application is asked about. */
  readonly request: UpgradeRequest;
  readonly #owner: PendingUpgradeOwner;
  #kept: Uint8Array[] | undefined;
  #keptLength = 0;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #isOver = false;

  constructor(exchange: Exchange, opening: OpeningRequest, owner: PendingUpgradeOwner) {
    super();
    this.exchange = exchange;
    this.opening = opening;
    this.request = new UpgradeRequest(exchange, opening, this);
    this.#owner = owner;
  }

  /** The decision takes longer than this turn. To be called once at least, before the turn ends. */
  wait(): void {
    if (this.#kept !== undefined || this.#isOver) return;
    const { deadlines, timeout } = this.#owner;
    const { stream, head } = this.exchange;
    this.#kept = [head];
    this.#keptLength = head.length;
    stream.on('error', ignore);
    stream.on('data', this.#keep);
    stream.on('end', this.#gone);
    stream.on('close', this.#gone);
    if (Number.isFinite(timeout)) deadlines.set(this, timeout);
    // It has gone while earlier requests of its own were served.
    if (stream.readableEnded) this.#gone();
  }

  /** Whether it was decided or given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** It is decided: returns what has come meanwhile. Whoever takes the stream must do so in the same turn. */
  settle(): Uint8Array {
    const { stream, head } = this.exchange;
    const kept = this.#kept;
    this.#end();
    if (kept === undefined) return head;
    stream.off('error', ignore);
    if (stream.isPaused()) stream.resume();
    return kept.length === 1 ? head : Buffer.concat(kept);
  }

  /** It is given up: tells the application, which may still be deciding. */
  giveUp(why: string): void {
    this.#end();
    this.#reason = new Error(why);
    this.#controller?.abort(this.#reason);
  }

  /** Whether `error` says nothing but that the signal was aborted. */
  isAbort(error: unknown): boolean {
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true) return false;
    return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
  }

  override expired(): void {
    this.#owner.timedOut(this);
  }

  readonly #keep = (chunk: Uint8Array): void => {
    this.#kept?.push(chunk);
    this.#keptLength += chunk.length;
    if (this.#keptLength >= MAX_KEPT) this.exchange.stream.pause();
  };

  readonly #gone = (): void => {
    this.giveUp('The client has gone away');
    this.exchange.stream.destroy();
  };

  #end(): void {
    this.#isOver = true;
    if (this.#kept !== undefined) {
      const { stream } = this.exchange;
      this.#owner.deadlines.clear(this);
      stream.off('data', this.#keep);
      stream.off('end', this.#gone);
      stream.off('close', this.#gone);
    }
    this.#owner.over(this);
  }
}
