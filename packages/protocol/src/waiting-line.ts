import type { LaterWork } from './platform.ts';

// What was sent behind a message that is being compressed elsewhere than on this thread, in the order in which it was sent.

interface Waiting {
  /** Bytes of its payload. */
  readonly length: number;
  send(): void;
}

export class WaitingLine {
  #waiting: Waiting[] = [];
  #isOpen = false;
  #length = 0;
  #work: LaterWork | undefined;

  /** Whether a message is being compressed elsewhere. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Bytes of the payloads of that message and of what waits for it. */
  get length(): number {
    return this.#length;
  }

  /** A message of `length` bytes is being compressed: by `work`, if nobody else waits for it. */
  open(length: number, work?: LaterWork): void {
    this.#isOpen = true;
    this.#work = work;
    this.#length += length;
  }

  /** Puts something with `length` bytes of payload at the end of a line that is open, to be sent when its turn comes. */
  add(length: number, send: () => void): void {
    this.#waiting.push({ length, send });
    this.#length += length;
  }

  /**
   * The message of `length` bytes was compressed, and is sent; then what waits, up to the next that is compressed
   * elsewhere. Returns `false`, and sends nothing, if nobody wants it any more.
   */
  moveOn(length: number, send: () => void): boolean {
    if (!this.#isOpen) return false;
    const line = this.#waiting;
    this.#waiting = [];
    this.#isOpen = false;
    this.#work = undefined;
    this.#length -= length;
    send();
    for (const [i, waiting] of line.entries()) {
      this.#length -= waiting.length;
      waiting.send();
      if (!this.isOpen) continue;
      // What is left of a batch waits already.
      this.#waiting = [...this.#waiting, ...line.slice(i + 1)];
      break;
    }
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#work?.cancel();
    this.#work = undefined;
    this.#waiting = [];
    this.#isOpen = false;
    this.#length = 0;
  }
}
