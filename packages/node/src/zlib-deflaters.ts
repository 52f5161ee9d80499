import { constants } from 'node:zlib';
import type { Deflater, LaterWork } from '@tidewire/protocol';
import { type Engine, EngineOutput, openEngine } from './zlib-engine.ts';
import { EMPTY_BLOCK_END, LEAST_DEFLATED_ELSEWHERE, zlibWindowBits } from './zlib-rules.ts';
import { deflateElsewhere } from './zlib-threads.ts';
import { Window } from './zlib-window.ts';

// Compressors on engines that stay. Making an engine costs more than compressing 1 KiB of JSON with it.

/**
 * As many connections that take over context have an engine at hand, which with the largest window is 264 KiB; they are
 * those that have sent last. For another, one is made from its window: that costs 6 times what compressing 1 KiB does.
 */
const MOST_CONTEXT_ENGINES = 256;

/** RFC 7692, 7.2.3.6: the empty message. zlib makes nothing of it where it has just been flushed. */
const EMPTY_MESSAGE = 0x00;

const output = new EngineOutput();

/**
 * Compresses for all connections with one window size that do not take over context. A full flush at the end of a
 * message makes zlib forget the message: nothing after it refers to what was before it.
 */
export class SharedDeflater implements Deflater {
  readonly #windowBits: number;
  #engine: Engine | undefined;

  constructor(windowBits: number) {
    this.#windowBits = zlibWindowBits(windowBits);
  }

  deflate(message: Uint8Array): Uint8Array {
    this.#engine ??= openDeflateEngine({ windowBits: this.#windowBits });
    return deflateWith(this.#engine, message, constants.Z_FULL_FLUSH);
  }

  beginDeflate(message: Uint8Array, done: (compressed: Uint8Array | undefined) => void): Uint8Array | LaterWork {
    if (message.length < LEAST_DEFLATED_ELSEWHERE) return this.deflate(message);
    return deflateElsewhere(message, this.#windowBits, undefined, done);
  }
}

/** The engines of connections that take over context, that of the longest silence first. */
const contextEngines = new Map<ContextDeflater, Engine>();

/** Compresses for one connection, each message with those before it in view. */
export class ContextDeflater implements Deflater {
  readonly #windowBits: number;
  readonly #window: Window;

  constructor(windowBits: number) {
    this.#windowBits = zlibWindowBits(windowBits);
    this.#window = new Window(this.#windowBits);
  }

  deflate(message: Uint8Array): Uint8Array {
    const engine = contextEngines.get(this) ?? this.#openEngine();
    contextEngines.delete(this);
    contextEngines.set(this, engine);
    const compressed = deflateWith(engine, message, constants.Z_SYNC_FLUSH);
    this.#window.push(message);
    return compressed;
  }

  beginDeflate(message: Uint8Array, done: (compressed: Uint8Array | undefined) => void): Uint8Array | LaterWork {
    if (message.length < LEAST_DEFLATED_ELSEWHERE) return this.deflate(message);
    // Its engine does not see this message, so the next one is made from the window.
    contextEngines.get(this)?.close();
    contextEngines.delete(this);
    return deflateElsewhere(message, this.#windowBits, this.#window, done);
  }

  #openEngine(): Engine {
    if (contextEngines.size === MOST_CONTEXT_ENGINES) {
      for (const [silent, engine] of contextEngines) {
        contextEngines.delete(silent);
        engine.close();
        break;
      }
    }
    const dictionary = this.#window.bytes;
    return openDeflateEngine({ windowBits: this.#windowBits, ...(dictionary.length > 0 ? { dictionary } : {}) });
  }
}

function openDeflateEngine(options: { windowBits: number; dictionary?: Buffer }): Engine {
  const engine = openEngine('deflate', options);
  if (engine === undefined) throw new Error('zlib has no engine that stays');
  return engine;
}

function deflateWith(engine: Engine, message: Uint8Array, flush: number): Uint8Array {
  if (message.length === 0) return Uint8Array.of(EMPTY_MESSAGE);
  output.begin(Number.POSITIVE_INFINITY);
  const left = engine.write(flush, message, 0, message.length, output);
  // No message is invalid, and no length too large: only memory can be short.
  if (left !== 0) throw new Error(`zlib did not compress ${message.length} bytes`);
  return output.copy(0, EMPTY_BLOCK_END);
}
