import type { Inflater } from '@tidewire/protocol';
import { Window } from './zlib-window.ts';

// A compressed message may consist of several DEFLATE streams, one behind the other (RFC 7692, 7.2.1 allows blocks with
// BFINAL set anywhere), and zlib stops after each. Here they are put together, whatever inflates one of them.

/**
 * What is put behind a message. First the 4 bytes that its sender removed (7.2.2); then an empty final block, so that
 * zlib, told to finish, finds out about data that ends in the middle of a block.
 */
export const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x03, 0x00]);

/**
 * As many final blocks are taken in one message, each of which costs a fresh start. Nobody needs more than one; a message
 * of nothing else could hold up the process for minutes.
 */
const MAX_FINAL_BLOCKS = 64;

const NOTHING = Buffer.alloc(0);

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
  readonly #window: Window | undefined;

  constructor(zlib: PartInflater, windowBits: number, contextTakeover: boolean) {
    this.#zlib = zlib;
    this.#windowBits = windowBits;
    this.#window = contextTakeover ? new Window(windowBits) : undefined;
  }

  inflate(message: Uint8Array, maxLength: number): Uint8Array | 'too-large' | 'invalid' {
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
  #inflateRest(first: Part, input: Uint8Array, end: number, maxLength: number): Buffer | 'too-large' | 'invalid' {
    const history = this.#window ?? new Window(this.#windowBits);
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
    return Buffer.concat(outputs, length);
  }
}
