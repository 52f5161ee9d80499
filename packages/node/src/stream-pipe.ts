import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Connection, Pipe } from '@tidewire/protocol';
import { Backlog } from './backlog.ts';
import { destroyStream } from './http2-stream.ts';
import { readShared, sharedReader } from './shared-read.ts';

// The bytes of a connection over a stream of Node: a TCP or TLS socket, a stream of HTTP/2, or anything else that is a
// Duplex.
//
// There are tens of thousands of these, most of them idle, so what only a busy one needs is made when it gets busy, and
// the listeners are the same functions for all: they find the pipe through the stream.

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

const pipeOf = Symbol('pipe');

/** A stream that a pipe listens to. */
interface PipedStream extends Duplex {
  [pipeOf]?: StreamPipe;
}

function onData(this: PipedStream, chunk: Uint8Array): void {
  this[pipeOf]?.received(chunk);
}

const onSharedData = sharedReader(onData);

function onEnd(this: PipedStream): void {
  this[pipeOf]?.ended();
}

function onError(this: PipedStream, error: Error): void {
  this[pipeOf]?.failed(error);
}

function onClose(this: PipedStream): void {
  this[pipeOf]?.closed();
}

/** The pipes whose connections asked for a flush in this turn. */
let waiting: StreamPipe[] = [];

/** process.nextTick comes after the promises that a turn has settled, so what those send is in the same write. */
function flushWaiting(): void {
  const pipes = waiting;
  waiting = [];
  for (const pipe of pipes) pipe.flushConnection();
}

/** Who has stopped the reading. */
const OWNER = 1;
const CONNECTION = 2;

export class StreamPipe implements Pipe {
  readonly stream: Duplex;
  readonly #owner: StreamPipeOwner;
  #connection: Connection | undefined;
  /** What waits, since bytes have had to wait and until all have left. */
  #backlog: Backlog | undefined;
  #drainExpected = false;
  #stoppedBy = 0;

  constructor(stream: Duplex, owner: StreamPipeOwner) {
    this.stream = stream;
    this.#owner = owner;
  }

  /**
   * From here on what the stream brings goes to `connection`, which must be open.
   * @param head what had been read from the stream before
   */
  start(connection: Connection, head: Uint8Array): void {
    const stream: PipedStream = this.stream;
    this.#connection = connection;
    stream[pipeOf] = this;
    if (!readShared(stream, onSharedData)) stream.on('data', onData);
    else if (!stream.isPaused()) stream.resume();
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', onClose);
    if (stream.destroyed) {
      connection.gone();
      return;
    }
    if (head.length > 0) connection.receive(head);
    // The end is told of once: a client that went away while its upgrade had to wait has been at it already.
    if (stream.readableEnded) connection.ended();
  }

  // --- from the stream -----------------------------------------------------------------------------------------------

  received(chunk: Uint8Array): void {
    this.#owner.received?.();
    this.#connection?.receive(chunk);
  }

  ended(): void {
    this.#connection?.ended();
  }

  failed(error: Error): void {
    this.#owner.failed?.(error);
  }

  closed(): void {
    this.#connection?.gone();
  }

  // --- from the connection and the owner -----------------------------------------------------------------------------

  get bufferedAmount(): number {
    return this.stream.writableLength;
  }

  /** Whether bytes have had to wait since the last time all had left. */
  get isBackedUp(): boolean {
    return this.#backlog !== undefined;
  }

  /** The owner will be told of the next time that everything has left, though nothing had to wait. */
  expectDrain(): void {
    this.#drainExpected = true;
  }

  /** Whether the system has taken any of what waits since this was last called: the peer reads. */
  hasProgressed(): boolean {
    return this.#backlog?.hasShrunk() ?? false;
  }

  write(bytes: Uint8Array): void {
    const { stream } = this;
    if (!stream.writable) return;
    stream.write(bytes, this.#backlog?.written);
    this.#noteWaiting();
  }

  /** The same for text, one character per byte: what the system takes at once needs no buffer. */
  writeLatin1(text: string): void {
    const { stream } = this;
    if (!stream.writable || text === '') return;
    stream.write(text, 'latin1', this.#backlog?.written);
    this.#noteWaiting();
  }

  writeAll(pieces: Uint8Array[]): void {
    const { stream } = this;
    if (!stream.writable) return;
    stream.cork();
    for (const bytes of pieces) stream.write(bytes, this.#backlog?.written);
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
    const { stream } = this;
    if (isDone(stream)) {
      stream.destroy();
      return;
    }
    stream.end();
    // A paused stream would never see the end of the other direction.
    stream.resume();
  }

  destroy(): void {
    destroyStream(this.stream);
  }

  /** Stops reading, so that the peer's window fills. */
  pause(): void {
    this.#stop(OWNER);
  }

  resume(): void {
    this.#go(OWNER);
  }

  /** Whether the connection is busy with what has come, and nothing is read meanwhile. */
  get isHeld(): boolean {
    return (this.#stoppedBy & CONNECTION) !== 0;
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#stop(CONNECTION);
    else this.#go(CONNECTION);
  }

  #stop(who: number): void {
    this.#stoppedBy |= who;
    this.stream.pause();
  }

  #go(who: number): void {
    this.#stoppedBy &= ~who;
    if (this.#stoppedBy === 0) this.stream.resume();
  }

  #noteWaiting(): void {
    if (this.stream.writableLength === 0) {
      if (this.#drainExpected) process.nextTick(() => this.#left());
    } else if (this.#backlog === undefined) {
      this.#backlog = new Backlog(this.stream, () => this.#left());
      this.#owner.backedUp?.();
    }
  }

  /** Everything has left the process. */
  #left(): void {
    if (this.stream.destroyed || this.stream.writableLength > 0) return;
    if (this.#backlog === undefined && !this.#drainExpected) return;
    this.#backlog = undefined;
    this.#drainExpected = false;
    this.#connection?.drained();
    this.#owner.drained?.();
  }
}

/**
 * Whether all is read and all is with the system, so that closing the socket says the same to the peer as ending it first:
 * its FIN, behind all data. That saves a system call and what Node builds around it: a tenth of the CPU time of a
 * connection that does nothing but open. TLS has an end of its own to send.
 */
function isDone(stream: Duplex): boolean {
  if (!(stream instanceof Socket) || stream instanceof TLSSocket) return false;
  return stream.readableEnded && stream.writableLength === 0;
}
