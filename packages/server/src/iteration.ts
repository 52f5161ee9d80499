// `for await (const message of socket)`. Messages wait here while the consumer works; when enough of them do, the socket
// is paused until the consumer has taken the last, so that a slow consumer slows its peer and not this process's memory.

export type Message = string | Uint8Array;

/** What the iterator does to its socket. */
export interface MessageSource {
  hold(): void;
  release(): void;
  /** The consumer wants no more. */
  abandoned(): void;
}

/** Messages, and bytes or UTF-16 units of theirs, that may wait before the socket is paused. */
const MAX_WAITING = 256;
const MAX_WAITING_LENGTH = 64 * 1024;

interface Consumer {
  resolve(result: IteratorResult<Message, undefined>): void;
}

const DONE: IteratorResult<Message, undefined> = { done: true, value: undefined };

export class MessageIterator implements AsyncIterableIterator<Message, undefined, undefined> {
  readonly #source: MessageSource;
  #waiting: Message[] = [];
  /** The index of the next one: taking it away from the front of the array would move all others. */
  #next = 0;
  #waitingLength = 0;
  #consumers: Consumer[] = [];
  #isHeld = false;
  #hasEnded = false;
  #whenDone: (() => void) | undefined;

  constructor(source: MessageSource) {
    this.#source = source;
  }

  /** The socket has a message. */
  push(message: Message): void {
    if (this.#hasEnded) return;
    const consumer = this.#consumers.shift();
    if (consumer !== undefined) {
      consumer.resolve({ done: false, value: message });
      return;
    }
    this.#waiting.push(message);
    this.#waitingLength += message.length;
    if (this.#isHeld || (this.#waiting.length < MAX_WAITING && this.#waitingLength < MAX_WAITING_LENGTH)) return;
    this.#isHeld = true;
    this.#source.hold();
  }

  /**
   * Whether the consumer works or has work left. If so, `then` is called when it asks for more than there is, or leaves.
   */
  isBusy(then: () => void): boolean {
    if (this.#hasEnded || this.#consumers.length > 0) return false;
    this.#whenDone = then;
    return true;
  }

  /** The socket is gone: what waits is still delivered. */
  end(): void {
    this.#hasEnded = true;
    for (const consumer of this.#consumers) consumer.resolve(DONE);
    this.#consumers = [];
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#take();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.#hasEnded) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#consumers.push({ resolve });
      // What is released may bring a Close frame, which then waits in its turn.
      this.#done();
      this.#release();
    });
  }

  /** What `break` calls. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#forget();
    this.end();
    this.#release();
    this.#done();
    this.#source.abandoned();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Message | undefined {
    const message = this.#waiting[this.#next];
    if (message === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#waiting.length) this.#forget();
    return message;
  }

  #forget(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#waitingLength = 0;
  }

  #done(): void {
    const then = this.#whenDone;
    this.#whenDone = undefined;
    then?.();
  }

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#source.release();
  }
}
