import type { Inflated, Inflater, LaterWork } from '@tidewire/protocol';
import { MAX_FINAL_BLOCKS } from './zlib-rules.ts';
import { inflateElsewhere } from './zlib-threads.ts';
import { Window } from './zlib-window.ts';

// A compressed message may consist of several DEFLATE streams, one behind the other (RFC 7692, 7.2.1 allows blocks with
// BFINAL set anywhere), and zlib stops after each. Here they are put together, whatever inflates one of them.

const NOTHING = Buffer.alloc(0);

/**
 * A message of as many bytes, or one that becomes larger than this, is inflated in another thread, if its receiver can
 * wait. On this one, what is less takes a millisecond at the most; handing it over takes a tenth of that.
 */
const LEAST_ELSEWHERE = 64 * 1024;
const MOST_HERE = 256 * 1024;

export interface Part {
  readonly output: Buffer;
  /** Bytes of the input, and of the tail behind it, that were used up. */
  readonly consumed: number;
}

/** Inflates up to the first block with BFINAL set. */
export interface PartInflater {
  /** Turns a message into what `inflatePart` takes the rest of. */
  prepare(message: Uint8Array): Uint8Array;
  /**
   * @param input the message from where the last part ended
   * @param dictionary what the input may refer back to
   * @param room bytes that the output may have
   */
  inflatePart(input: Uint8Array, windowBits: number, dictionary: Buffer, room: number): Part | 'too-large' | 'invalid';
}

export class ZlibInflater implements Inflater {
  readonly #zlib: PartInflater;
  readonly #windowBits: number;
  #window: Window | undefined;

  constructor(zlib: PartInflater, windowBits: number, contextTakeover: boolean) {
    this.#zlib = zlib;
    this.#windowBits = windowBits;
    this.#window = contextTakeover ? new Window(windowBits) : undefined;
  }

  beginInflate(message: Uint8Array, maxLength: number, done: (inflated: Inflated) => void): Inflated | LaterWork {
    if (message.length < LEAST_ELSEWHERE) {
      const inflated = this.inflate(message, Math.min(maxLength, MOST_HERE));
      if (inflated !== 'too-large' || maxLength <= MOST_HERE) return inflated;
    }
    // Where context is not taken over, what follows a final block still refers to what was before it.
    const history = this.#window ?? new Window(this.#windowBits);
    return inflateElsewhere({ message, windowBits: this.#windowBits, history, maxLength }, done);
  }

  inflate(message: Uint8Array, maxLength: number): Inflated {
    // Not even the empty message has an empty payload (7.2.3.6), but everybody takes it for that.
    if (message.length === 0) return NOTHING;
    const input = this.#zlib.prepare(message);
    const part = this.#zlib.inflatePart(input, this.#windowBits, this.#window?.bytes ?? NOTHING, maxLength);
    if (typeof part === 'string') return part;
    if (part.consumed < message.length) return this.#inflateRest(part, input, message.length, maxLength);
    this.#window?.push(part.output);
    return part.output;
  }

  /** What follows a final block may refer to what was before it, so that is the window of the next part. */
  #inflateRest(first: Part, input: Uint8Array, end: number, maxLength: number): Inflated {
    // A copy: what fails here may be tried again elsewhere.
    const history = this.#window?.copy() ?? new Window(this.#windowBits);
    const outputs = [first.output];
    let length = first.output.length;
    let consumed = first.consumed;
    history.push(first.output);
    while (consumed < end) {
      const rest = input.subarray(consumed);
      const part = this.#zlib.inflatePart(rest, this.#windowBits, history.bytes, maxLength - length);
      if (typeof part === 'string') return part;
      if (outputs.length === MAX_FINAL_BLOCKS) return 'invalid';
      outputs.push(part.output);
      length += part.output.length;
      consumed += part.consumed;
      history.push(part.output);
    }
    if (this.#window !== undefined) this.#window = history;
    return Buffer.concat(outputs, length);
  }
}
