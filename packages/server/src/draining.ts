import { CloseCode, isCloseCodeAllowedOnWire } from '@tidewire/protocol';
import type { Socket } from './socket.ts';

export interface DrainOptions {
  /** The time over which the closes are spread evenly, in milliseconds. Default 0: all at once. */
  readonly within?: number | undefined;
  /** How long the sockets closed last may take before they are cut, in milliseconds. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Default 1001. */
  readonly code?: number | undefined;
  /** Default: none. */
  readonly reason?: string | undefined;
}

/** So often at most sockets are closed, in milliseconds; where more are due they are closed together. */
const MIN_STEP = 10;

/**
 * Closes all sockets of an endpoint, spread in time so that their clients do not all come back in the same moment, and
 * then cuts those that are left.
 */
export class Draining {
  readonly finished: Promise<void>;
  readonly #sockets: readonly Socket<unknown>[];
  readonly #code: number;
  readonly #reason: string;
  #timeout: number;
  readonly #within: number;
  readonly #start = performance.now();
  #closed = 0;
  #isFinished = false;
  #timer: NodeJS.Timeout | undefined;
  #finish = (): void => {};

  /** @throws RangeError or TypeError naming the option that makes no sense */
  constructor(sockets: Iterable<Socket<unknown>>, options: DrainOptions) {
    const { within = 0, timeout = 10_000, code = CloseCode.GOING_AWAY, reason = '' } = options;
    assertTime('within', within);
    assertTime('timeout', timeout);
    if (!isCloseCodeAllowedOnWire(code))
      throw new RangeError(`code must be one for a Close frame, not ${String(code)}`);
    if (typeof reason !== 'string') throw new TypeError('reason must be a string');
    if (Buffer.byteLength(reason) > 123) throw new RangeError('reason must have 123 bytes of UTF-8 or less');
    this.#sockets = [...sockets];
    this.#code = code;
    this.#reason = reason;
    this.#within = within;
    this.#timeout = timeout;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#closeDue();
  }

  /**
   * Closes at once all that were to be closed later.
   * @param timeout how long the sockets may take from now on, in milliseconds. Default: as long as was said before
   * @throws RangeError if that makes no sense
   */
  hurry(timeout = this.#timeout): void {
    assertTime('timeout', timeout);
    if (this.#isFinished || (this.#closed === this.#sockets.length && timeout === this.#timeout)) return;
    this.#timeout = timeout;
    this.#closeUpTo(this.#sockets.length);
  }

  /** Everybody is gone. */
  finish(): void {
    this.#isFinished = true;
    clearTimeout(this.#timer);
    this.#finish();
  }

  #closeDue(): void {
    const { length } = this.#sockets;
    const elapsed = performance.now() - this.#start;
    const apart = this.#within / Math.max(1, length);
    // A timer may be early by a part of a millisecond.
    this.#closeUpTo(apart === 0 ? length : Math.min(length, 1 + Math.floor((elapsed + 1) / apart)));
    if (this.#closed === length) return;
    this.#timer = setTimeout(() => this.#closeDue(), Math.max(MIN_STEP, this.#closed * apart - elapsed));
  }

  #closeUpTo(count: number): void {
    for (const socket of this.#sockets.slice(this.#closed, count)) socket.close(this.#code, this.#reason);
    this.#closed = count;
    if (count < this.#sockets.length) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#cut(), this.#timeout);
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

/** What setTimeout can wait, in milliseconds. */
const MAX_TIME = 2 ** 31 - 1;

function assertTime(name: string, value: number): void {
  if (value >= 0 && value <= MAX_TIME) return;
  throw new RangeError(`${name} must be a number of milliseconds from 0 to ${MAX_TIME}, not ${String(value)}`);
}
