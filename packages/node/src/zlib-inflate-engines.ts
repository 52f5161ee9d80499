import { constants } from 'node:zlib';
import { type Engine, EngineOutput, openEngine } from './zlib-engine.ts';
import type { Part, PartInflater } from './zlib-inflater.ts';
import { TAIL } from './zlib-rules.ts';

// Decompressors on engines that stay: one for each window size serves all connections. It is reset before each use, so
// whatever an earlier message has left it in harms nobody.
//
// An engine that stays cannot be given another dictionary. It is told the same in its own language: a block that is not
// compressed (RFC 1951, 3.2.4) goes before the message, and what comes of it is cut off. For 32 KiB that takes 1 µs.

/** Input up to this size, in bytes, is put behind its dictionary, so that zlib is called once. */
const LARGEST_TO_COPY = 32 * 1024;
const LARGEST_WINDOW = 32 * 1024;

/** 3 bits for the kind of the block, 5 to fill the byte; its length; the complement of that. */
const STORED_HEADER = 5;

class InflateEngines implements PartInflater {
  readonly #engines = new Map<number, Engine>();
  readonly #output = new EngineOutput();
  readonly #input = Buffer.allocUnsafeSlow(STORED_HEADER + LARGEST_WINDOW + LARGEST_TO_COPY + TAIL.length);

  prepare(message: Uint8Array): Uint8Array {
    return message;
  }

  inflatePart(input: Uint8Array, windowBits: number, dictionary: Buffer, room: number): Part | 'too-large' | 'invalid' {
    const output = this.#output;
    const engine = this.#engine(windowBits);
    output.begin(dictionary.length + room);
    const consumed =
      input.length <= LARGEST_TO_COPY
        ? this.#inflateCopy(engine, input, dictionary)
        : this.#inflateInPlace(engine, input, dictionary);
    // zlib's error has closed it.
    if (consumed === 'invalid') this.#engines.delete(windowBits);
    return typeof consumed === 'string' ? consumed : { output: output.copy(dictionary.length, 0), consumed };
  }

  #engine(windowBits: number): Engine {
    const existing = this.#engines.get(windowBits);
    if (existing !== undefined) {
      existing.reset();
      return existing;
    }
    const opened = openEngine('inflate', { windowBits });
    if (opened === undefined) throw new Error('zlib has no engine that stays');
    this.#engines.set(windowBits, opened);
    return opened;
  }

  #inflateCopy(engine: Engine, input: Uint8Array, dictionary: Buffer): number | 'too-large' | 'invalid' {
    const copy = this.#input;
    const at = this.#store(dictionary);
    copy.set(input, at);
    copy.set(TAIL, at + input.length);
    const length = input.length + TAIL.length;
    const left = engine.write(constants.Z_FINISH, copy, 0, at + length, this.#output);
    return typeof left === 'string' ? left : length - left;
  }

  #inflateInPlace(engine: Engine, input: Uint8Array, dictionary: Buffer): number | 'too-large' | 'invalid' {
    if (dictionary.length > 0)
      engine.write(constants.Z_NO_FLUSH, this.#input, 0, this.#store(dictionary), this.#output);
    const left = engine.write(constants.Z_NO_FLUSH, input, 0, input.length, this.#output);
    if (typeof left === 'string') return left;
    if (left > 0) return input.length - left;
    const end = engine.write(constants.Z_FINISH, TAIL, 0, TAIL.length, this.#output);
    return typeof end === 'string' ? end : input.length;
  }

  /** Writes a block that is not compressed. Returns where it ends. */
  #store(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    const input = this.#input;
    input[0] = 0;
    input.writeUInt16LE(bytes.length, 1);
    input.writeUInt16LE(bytes.length ^ 0xffff, 3);
    bytes.copy(input, STORED_HEADER);
    return STORED_HEADER + bytes.length;
  }
}

let engines: InflateEngines | undefined;

/** The one that all connections use. */
export function inflateEngines(): PartInflater {
  engines ??= new InflateEngines();
  return engines;
}
