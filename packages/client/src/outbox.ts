import type { SendResult } from '@tidewire/protocol';

// What a program sends, in order, even where a Blob has to be read first; and `bufferedAmount`, which counts it. Runs in
// browsers, too.

/** What takes the messages. */
export interface OutboxTarget {
  /** Frames that have not left, in bytes. */
  readonly bufferedAmount: number;
  /** Whether something that was sent has not left, or was lost with the connection. */
  readonly hasUnsent: boolean;
  send(data: string | Uint8Array): SendResult;
}

/** A message that has been handed to the connection and has not left the process, as far as is known. */
interface Sent {
  /** Where its frames end in everything that was ever sent, in bytes. */
  readonly end: number;
  readonly size: number;
}

/** What waits behind a Blob. */
type Waiting = { readonly data: string | Uint8Array | Blob; readonly size: number } | { act(): void };

export class Outbox {
  readonly #session: OutboxTarget;
  readonly #blobFailed: (error: unknown) => void;
  readonly #inTask: (act: () => void) => void;
  readonly #maxBufferedAmount: number;
  /** From the Blob being read on; `undefined` if nothing waits for a Blob. */
  #waiting: Waiting[] | undefined;
  #waitingSize = 0;
  #sent: Sent[] = [];
  #sentSize = 0;
  #framed = 0;
  /** Payload that will never be sent: what was given after the close began. */
  #lost = 0;
  #isClosed = false;
  /** Whether `#sent` has been looked through in this turn of the event loop. */
  #isCounted = false;

  /** @param inTask has something done when the event loop comes round */
  constructor(
    session: OutboxTarget,
    maxBufferedAmount: number,
    blobFailed: (error: unknown) => void,
    inTask: (act: () => void) => void,
  ) {
    this.#session = session;
    this.#maxBufferedAmount = maxBufferedAmount;
    this.#blobFailed = blobFailed;
    this.#inTask = inTask;
  }

  /**
   * Bytes of payload that had not left the process when the event loop last came round, and all that was sent since:
   * https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount
   */
  get bufferedAmount(): number {
    this.#count();
    return this.#sentSize + this.#waitingSize + this.#lost;
  }

  /** Returns `false` if it would make more wait than may. */
  send(data: string | Uint8Array | Blob, size: number): boolean {
    this.#count();
    if (this.#isClosed) {
      this.#lost += size;
    } else if (this.#waiting !== undefined || data instanceof Blob) {
      if (this.#waitingSize > this.#maxBufferedAmount) {
        this.#lost += size;
        return false;
      }
      // Bytes may change as soon as the caller goes on.
      this.#wait({ data: data instanceof Uint8Array ? data.slice() : data, size });
      this.#waitingSize += size;
    } else {
      this.#hand(data, size);
    }
    return true;
  }

  /** Does `act` after everything that was sent before has been handed to the connection. */
  afterAll(act: () => void): void {
    if (this.#waiting === undefined) act();
    else this.#wait({ act });
  }

  /** The close has begun: what is sent from here on is only counted. */
  close(): void {
    this.#isClosed = true;
  }

  /** The connection is gone: what has not left by now never will. */
  freeze(): void {
    // How much of it got through just before is not known: it counts as lost from where it was last looked at.
    this.#lost += this.#waitingSize + (this.#session.hasUnsent ? this.#sentSize : 0);
    this.#sent = [];
    this.#sentSize = 0;
    this.#waiting = undefined;
    this.#waitingSize = 0;
    this.#isClosed = true;
    this.#isCounted = true;
  }

  #hand(data: string | Uint8Array, size: number): void {
    const before = this.#session.bufferedAmount;
    const result = this.#session.send(data);
    if (result === 'closed' || result === 'refused') {
      this.#lost += size;
      return;
    }
    this.#framed += this.#session.bufferedAmount - before;
    this.#sent.push({ end: this.#framed, size });
    this.#sentSize += size;
  }

  #wait(item: Waiting): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(item);
      return;
    }
    this.#waiting = [item];
    this.#work(this.#waiting);
  }

  async #work(queue: Waiting[]): Promise<void> {
    for (let item = queue[0]; item !== undefined; item = queue[0]) {
      if ('act' in item) {
        item.act();
      } else {
        const { data, size } = item;
        const bytes = data instanceof Blob ? await this.#read(data) : data;
        if (this.#waiting !== queue || bytes === undefined) return;
        this.#waitingSize -= size;
        this.#hand(bytes, size);
      }
      queue.shift();
    }
    this.#waiting = undefined;
  }

  async #read(blob: Blob): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await blob.arrayBuffer());
    } catch (error) {
      this.#blobFailed(error);
      return undefined;
    }
  }

  /** The amount goes down between two turns of the event loop only, never while a program looks. */
  #count(): void {
    if (this.#isCounted) return;
    this.#isCounted = true;
    this.#discount();
    if (this.#isClosed && this.#sent.length === 0) return;
    this.#inTask(() => {
      this.#isCounted = false;
    });
  }

  #discount(): void {
    // Control frames that wait count as if they were before the messages: the amount may go down late, but not early.
    const left = this.#framed - this.#session.bufferedAmount;
    let gone = 0;
    for (const { end, size } of this.#sent) {
      if (end > left) break;
      this.#sentSize -= size;
      gone++;
    }
    if (gone > 0) this.#sent.splice(0, gone);
  }
}
