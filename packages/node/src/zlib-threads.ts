import { kMaxLength } from 'node:buffer';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import type { Inflated, LaterWork } from '@tidewire/protocol';
import { EMPTY_BLOCK_END, MAX_FINAL_BLOCKS, TAIL, zlibWindowBits } from './zlib-rules.ts';
import type { Window } from './zlib-window.ts';

// Large messages, compressed and decompressed in the threads that Node has for such work, by its documented calls.
//
// There are four of those threads unless UV_THREADPOOL_SIZE says otherwise, and files and names of hosts wait for them,
// too. So no more than three messages are under way at a time; others wait here. Each connection has at most one in each
// direction, and takes it along when it goes, so that nobody can fill the line by coming and going.

const MOST_AT_A_TIME = 3;

/** zlib's output buffer, in bytes: each time that it is full, this thread takes part. */
const MIN_CHUNK = 16 * 1024;
const MAX_CHUNK = 256 * 1024;

/** The work on one message. */
class Job implements LaterWork {
  readonly begin: (job: Job) => void;
  isCancelled = false;

  /** @param begin does a part of the work, calls `finished` after it, and `enqueue` for another */
  constructor(begin: (job: Job) => void) {
    this.begin = begin;
  }

  cancel(): void {
    this.isCancelled = true;
    line.delete(this);
  }
}

let underWay = 0;
const line = new Set<Job>();

function enqueue(job: Job): Job {
  line.add(job);
  if (underWay < MOST_AT_A_TIME) startNext();
  return job;
}

function startNext(): void {
  for (const job of line) {
    line.delete(job);
    underWay++;
    job.begin(job);
    return;
  }
}

function finished(): void {
  underWay--;
  startNext();
}

/**
 * @param history what the message may refer back to; the message is added
 * @param done gets the message without its last 4 bytes, or `undefined` if there was not the memory
 */
export function deflateElsewhere(
  message: Uint8Array,
  windowBits: number,
  history: Window | undefined,
  done: (compressed: Uint8Array | undefined) => void,
): LaterWork {
  const dictionary = history?.bytes;
  const options = {
    windowBits: zlibWindowBits(windowBits),
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: chunkSize(message.length / 2),
    ...(dictionary !== undefined && dictionary.length > 0 ? { dictionary } : {}),
  };
  const begin = (job: Job) => {
    deflateRaw(message, options, (error, compressed) => {
      finished();
      if (job.isCancelled) return;
      if (error === null) history?.push(message);
      done(error === null ? compressed.subarray(0, compressed.length - EMPTY_BLOCK_END) : undefined);
    });
  };
  return enqueue(new Job(begin));
}

export interface Inflation {
  readonly message: Uint8Array;
  readonly windowBits: number;
  /** What the message may refer back to. What it becomes is added. */
  readonly history: Window;
  readonly maxLength: number;
}

/** Does what `ZlibInflater` does, one part of the message after the other. The message is read before this returns. */
export function inflateElsewhere(inflation: Inflation, done: (inflated: Inflated) => void): LaterWork {
  const { message, windowBits, history, maxLength } = inflation;
  const input = Buffer.concat([message, TAIL]);
  const end = message.length;
  const outputs: Buffer[] = [];
  let length = 0;
  let consumed = 0;
  const begin = (job: Job) => {
    const dictionary = history.bytes;
    const room = maxLength - length;
    const options = {
      windowBits,
      info: true,
      chunkSize: chunkSize((end - consumed) * 4),
      // zlib's least is 1; one byte too many is found out below.
      maxOutputLength: Math.max(1, Math.min(room, kMaxLength)),
      ...(dictionary.length > 0 ? { dictionary } : {}),
    };
    inflateRaw(input.subarray(consumed), options, (error, result: unknown) => {
      finished();
      if (job.isCancelled) return;
      if (error !== null) {
        done('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'invalid');
        return;
      }
      // With `info`, Node returns the engine, too, which knows how much of the input it used.
      const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
      outputs.push(buffer);
      length += buffer.length;
      consumed += engine.bytesWritten;
      history.push(buffer);
      if (buffer.length > room) done('too-large');
      else if (consumed >= end) done(outputs.length === 1 ? buffer : Buffer.concat(outputs, length));
      else if (outputs.length === MAX_FINAL_BLOCKS) done('invalid');
      else enqueue(job);
    });
  };
  return enqueue(new Job(begin));
}

function chunkSize(expected: number): number {
  return Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, Math.ceil(expected)));
}
