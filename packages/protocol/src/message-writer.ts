import { describe } from './sender.ts';

/**
 * What became of a message.
 * - `'written'`: nothing waits before it; it leaves with the end of this turn.
 * - `'buffered'`: it waits behind bytes that the peer has not taken yet. A sender that can wait does so until the
 *   connection has drained.
 * - `'refused'`: it was not sent, because more than `maxBufferedAmount` bytes wait already.
 * - `'closed'`: it was not sent, because the connection is not open.
 */
export type SendResult = 'written' | 'buffered' | 'refused' | 'closed';

/** Takes the fragments of one message. */
export type SendFragment = (payload: string | Uint8Array, isLast: boolean) => SendResult;

const HIGH_SURROGATE = /[\ud800-\udbff]$/;

/**
 * One message, sent in fragments as they are produced (RFC 6455, 5.4), so that a large one is never held whole. Other
 * messages sent meanwhile wait for its end; pings and pongs do not. Fragments are not compressed.
 */
export class MessageWriter {
  readonly #type: 'text' | 'binary';
  readonly #send: SendFragment;
  /** The first half of a character that a chunk of text ended with. */
  #half = '';
  #ended = false;

  constructor(type: 'text' | 'binary', send: SendFragment) {
    this.#type = type;
    this.#send = send;
  }

  /**
   * Sends a part of the message. After `'refused'` nothing of `chunk` was sent: wait until the connection has drained,
   * then write it again.
   * @throws TypeError if `chunk` is not a string for text, or bytes for binary; Error after `end`
   */
  write(chunk: string | Uint8Array): SendResult {
    return this.#take(chunk, false);
  }

  /**
   * Sends the last part, which may be left out, and ends the message. After `'refused'` the message has not ended.
   * @throws TypeError and Error as `write` does
   */
  end(chunk?: string | Uint8Array): SendResult {
    return this.#take(chunk ?? (this.#type === 'text' ? '' : new Uint8Array(0)), true);
  }

  #take(chunk: string | Uint8Array, isLast: boolean): SendResult {
    if (this.#ended) throw new Error('The message has ended');
    if (this.#type === 'text' ? typeof chunk !== 'string' : !(chunk instanceof Uint8Array)) {
      const wanted = this.#type === 'text' ? 'a string' : 'a Uint8Array';
      throw new TypeError(`A chunk of a ${this.#type} message must be ${wanted}, not ${describe(chunk)}`);
    }
    let payload = chunk;
    let half = '';
    if (typeof chunk === 'string') {
      const text = this.#half + chunk;
      half = isLast ? '' : (HIGH_SURROGATE.exec(text)?.[0] ?? '');
      payload = text.slice(0, text.length - half.length);
    }
    const result = this.#send(payload, isLast);
    if (result === 'refused') return result;
    this.#half = half;
    this.#ended = isLast;
    return result;
  }
}
