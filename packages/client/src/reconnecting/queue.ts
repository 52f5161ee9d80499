// What a program sends while there is no connection: kept up to a bound, and sent in order when there is one.

export type Sendable = string | ArrayBuffer | ArrayBufferView | Blob;

/**
 * What happens to a message for which there is no room: `'throw'` makes `send` throw; `'drop-oldest'` makes room by giving
 * up what has waited longest; `'drop-newest'` gives up the message itself.
 */
export type WhenQueueFull = 'throw' | 'drop-oldest' | 'drop-newest';

interface Queued {
  readonly data: Sendable;
  readonly size: number;
}

const encoder = new TextEncoder();

export class SendQueue {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #whenFull: WhenQueueFull;
  readonly #messages: Queued[] = [];
  #size = 0;
  #dropped = 0;

  /** @param maxBytes of payload */
  constructor(maxMessages: number, maxBytes: number, whenFull: WhenQueueFull) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
    this.#whenFull = whenFull;
  }

  /** Bytes of payload that wait. */
  get size(): number {
    return this.#size;
  }

  /** How many messages were given up for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @throws DOMException of the name QuotaExceededError if there is no room, and that is what was asked for */
  add(data: Sendable): void {
    const size = payloadSize(data);
    // One that has no room in an empty queue is not worth dropping others for.
    if (this.#whenFull === 'drop-oldest' && size <= this.#maxBytes && this.#maxMessages > 0) this.#makeRoom(size);
    if (this.#hasRoom(size)) {
      this.#messages.push({ data: ownCopy(data), size });
      this.#size += size;
    } else if (this.#whenFull === 'throw') {
      throw new DOMException('Too much would wait for a connection', 'QuotaExceededError');
    } else {
      this.#dropped++;
    }
  }

  /** Hands out what waits, the oldest first, as long as `isOpen` says so. */
  drain(isOpen: () => boolean, send: (data: Sendable) => void): void {
    while (isOpen()) {
      const next = this.#messages.shift();
      if (next === undefined) return;
      this.#size -= next.size;
      send(next.data);
    }
  }

  /** Gives up all that waits; returns how many bytes that is. */
  clear(): number {
    const size = this.#size;
    this.#messages.length = 0;
    this.#size = 0;
    return size;
  }

  #hasRoom(size: number): boolean {
    return this.#messages.length < this.#maxMessages && this.#size + size <= this.#maxBytes;
  }

  #makeRoom(size: number): void {
    while (!this.#hasRoom(size)) {
      this.#size -= this.#messages.shift()?.size ?? 0;
      this.#dropped++;
    }
  }
}

/** As the standard has it: what is neither bytes nor a Blob is text. @throws TypeError for a symbol */
export function toSendable(data: unknown): Sendable {
  return isBytes(data) || data instanceof Blob ? data : `${data}`;
}

/** Those of another realm, such as a frame's, are bytes, too. */
function isBytes(data: unknown): data is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}

export function payloadSize(data: Sendable): number {
  if (typeof data === 'string') return encoder.encode(data).length;
  return data instanceof Blob ? data.size : data.byteLength;
}

/** Bytes may change as soon as the caller goes on. */
function ownCopy(data: Sendable): Sendable {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return typeof data === 'string' || data instanceof Blob ? data : data.slice(0);
}
