import type { Duplex } from 'node:stream';
import type { Connection, Pipe } from '@tidewire/protocol';
import { readShared } from './shared-read.ts';

// The bytes of a connection over a stream of Node: a TCP or TLS socket, or anything else that is a Duplex.

/** What the owner of a pipe learns, beside what the connection tells. */
export interface StreamPipeOwner {
  /** Bytes have come, whatever they are. */
  received?(): void;
  /** Bytes that were written have to wait, after none had to. */
  backedUp?(): void;
  /** Everything that was written has left the process, after some of it had to wait or `expectDrain` was called. */
  drained?(): void;
  /** The stream failed. It is destroyed, and the connection told so, next. */
  failed?(error: Error): void;
}

/** The pipes whose connections asked for a flush in this turn. */
let waiting: StreamPipe[] = [];

/** process.nextTick comes after the promises that a turn has settled, so what those send is in the same write. */
function flushWaiting(): void {
  const pipes = waiting;
  waiting = [];
  for (const pipe of pipes) pipe.flushConnection();
}

export class StreamPipe implements Pipe {
  readonly stream: Duplex;
  readonly #owner: StreamPipeOwner;
  #connection: Connection | undefined;
  /** Whether bytes have had to wait since the last time all had left. */
  #backedUp = false;
  #drainExpected = false;
  /** Writes that the system has taken whole, and how much of the one after them was left, when it was last asked. */
  #writesTaken = 0;
  #writesTakenBefore = 0;
  #queueBefore = 0;

  constructor(stream: Duplex, owner: StreamPipeOwner) {
    this.stream = stream;
    this.#owner = owner;
  }

  /**
   * From here on what the stream brings goes to `connection`, which must be open.
   * @param head what had been read from the stream before
   */
  start(connection: Connection, head: Uint8Array): void {
    const { stream } = this;
    this.#connection = connection;
    const receive = (chunk: Uint8Array): void => {
      this.#owner.received?.();
      connection.receive(chunk);
    };
    if (!readShared(stream, receive)) stream.on('data', receive);
    else if (!stream.isPaused()) stream.resume();
    stream.on('end', () => connection.ended());
    stream.on('error', (error) => this.#owner.failed?.(error));
    stream.on('close', () => connection.gone());
    if (stream.destroyed) connection.gone();
    else if (head.length > 0) connection.receive(head);
  }

  get bufferedAmount(): number {
    return this.stream.writableLength;
  }

  /** Whether bytes have had to wait since the last time all had left. */
  get isBackedUp(): boolean {
    return this.#backedUp;
  }

  /** The owner will be told of the next time that everything has left, though nothing had to wait. */
  expectDrain(): void {
    this.#drainExpected = true;
  }

  /** Whether the system has taken any bytes since this was last called: the peer reads. */
  hasProgressed(): boolean {
    const queue = writeQueueSize(this.stream);
    const progressed = this.#writesTaken !== this.#writesTakenBefore || queue !== this.#queueBefore;
    this.#writesTakenBefore = this.#writesTaken;
    this.#queueBefore = queue;
    return progressed;
  }

  write(bytes: Uint8Array): void {
    const { stream } = this;
    if (!stream.writable) return;
    stream.write(bytes, this.#written);
    this.#noteWaiting();
  }

  writeAll(pieces: Uint8Array[]): void {
    const { stream } = this;
    if (!stream.writable) return;
    stream.cork();
    for (const bytes of pieces) stream.write(bytes, this.#written);
    stream.uncork();
    this.#noteWaiting();
  }

  requestFlush(): void {
    if (waiting.length === 0) process.nextTick(flushWaiting);
    waiting.push(this);
  }

  /** Does what `requestFlush` has promised. */
  flushConnection(): void {
    this.#connection?.flush();
  }

  end(): void {
    this.stream.end();
    // A paused stream would never see the end of the other direction.
    this.stream.resume();
  }

  destroy(): void {
    this.stream.destroy();
  }

  #noteWaiting(): void {
    if (this.#backedUp || this.stream.writableLength === 0) return;
    this.#backedUp = true;
    this.#owner.backedUp?.();
  }

  /** Stops reading, so that the peer's window fills. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  readonly #written = (error?: Error | null): void => {
    // A write that failed did not leave, and of one that a destroyed socket gave up Node does not tell that it failed.
    if (error || this.stream.destroyed) return;
    this.#writesTaken = (this.#writesTaken + 1) | 0;
    if (this.stream.writableLength > 0 || !(this.#backedUp || this.#drainExpected)) return;
    this.#backedUp = false;
    this.#drainExpected = false;
    this.#connection?.drained();
    this.#owner.drained?.();
  };
}

/**
 * How much of the write that is under way is left. A stream of Node tells when a write is done and nothing in between,
 * which for one of many MiB may take minutes; its handle knows, and Node's own socket timeout asks it.
 */
function writeQueueSize(stream: Duplex): number {
  const handle: unknown = '_handle' in stream ? stream._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('writeQueueSize' in handle)) return 0;
  return typeof handle.writeQueueSize === 'number' ? handle.writeQueueSize : 0;
}
