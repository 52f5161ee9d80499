import { kMaxLength } from 'node:buffer';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DeflateCodec, Deflater, LaterWork } from '@tidewire/protocol';
import { type Part, type PartInflater, ZlibInflater } from './zlib-inflater.ts';
import { EMPTY_BLOCK_END, LEAST_DEFLATED_ELSEWHERE, stateless, TAIL, zlibWindowBits } from './zlib-rules.ts';
import { deflateElsewhere } from './zlib-threads.ts';
import { Window } from './zlib-window.ts';

// permessage-deflate with documented calls of Node alone. Each message costs an engine of its own, which for 1 KiB of
// JSON takes more time than compressing it: see zlib-pool.ts.

/** What zlib may be given as the size of its output buffer. */
const MIN_CHUNK = 1024;
const MAX_CHUNK = 64 * 1024;

class OneShotDeflater implements Deflater {
  readonly #windowBits: number;
  readonly #window: Window | undefined;

  constructor(windowBits: number, contextTakeover: boolean) {
    this.#windowBits = windowBits;
    this.#window = contextTakeover ? new Window(windowBits) : undefined;
  }

  deflate(message: Uint8Array): Uint8Array {
    const dictionary = this.#window?.bytes;
    const compressed = deflateRawSync(message, {
      windowBits: zlibWindowBits(this.#windowBits),
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: chunkSize(message.length),
      ...(dictionary !== undefined && dictionary.length > 0 ? { dictionary } : {}),
    });
    this.#window?.push(message);
    return compressed.subarray(0, compressed.length - EMPTY_BLOCK_END);
  }

  beginDeflate(message: Uint8Array, done: (compressed: Uint8Array | undefined) => void): Uint8Array | LaterWork {
    if (message.length < LEAST_DEFLATED_ELSEWHERE) return this.deflate(message);
    return deflateElsewhere(message, this.#windowBits, this.#window, done);
  }
}

const oneShot: PartInflater = {
  prepare: (message) => Buffer.concat([message, TAIL]),
  inflatePart(input: Uint8Array, windowBits: number, dictionary: Buffer, room: number): Part | 'too-large' | 'invalid' {
    try {
      // With `info`, Node returns the engine, too, which knows how much of the input it used.
      const result: unknown = inflateRawSync(input, {
        windowBits,
        info: true,
        chunkSize: chunkSize(input.length * 4),
        // zlib's least is 1; one byte too many is found out below.
        maxOutputLength: Math.max(1, Math.min(room, kMaxLength)),
        ...(dictionary.length > 0 ? { dictionary } : {}),
      });
      const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
      return buffer.length > room ? 'too-large' : { output: buffer, consumed: engine.bytesWritten };
    } catch (error) {
      const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return isTooLarge ? 'too-large' : 'invalid';
    }
  },
};

function chunkSize(expected: number): number {
  return Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, expected));
}

export const oneShotCodec: DeflateCodec = {
  minDeflateWindowBits: 8,
  createDeflater: stateless((windowBits, contextTakeover) => new OneShotDeflater(windowBits, contextTakeover)),
  createInflater: stateless((windowBits, contextTakeover) => new ZlibInflater(oneShot, windowBits, contextTakeover)),
};
