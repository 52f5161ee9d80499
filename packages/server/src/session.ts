import type { Duplex } from 'node:stream';
import { type Deadlines, StreamPipe, type StreamPipeOwner } from '@tidewire/node';
import {
  CloseCode,
  Connection,
  type ConnectionClose,
  type ConnectionHandler,
  type ConnectionSettings,
  type DeflateAgreement,
  type PreparedBatch,
  type SendOptions,
  type SendResult,
} from '@tidewire/protocol';
import { channels, isWatched } from './diagnostics.ts';
import type { WebSocketEndpoint } from './endpoint.ts';
import { type Message, MessageIterator } from './iteration.ts';
import { Lifetime, type Mortal } from './lifetime.ts';
import type { CloseDetails, Handlers } from './options.ts';
import { roundTripOf, stampedPing } from './round-trip.ts';
import { Socket } from './socket.ts';
import { type TimeoutCode, TimeoutError, type Timeouts } from './timeouts.ts';
import type { Topics } from './topics.ts';

// One open socket from the inside: what the connection, the pipe and the deadlines report goes to the application from
// here. `Socket` is what the application holds of it.

/** What all sockets of an endpoint have in common. */
export interface SessionHost<Data> {
  readonly endpoint: WebSocketEndpoint<Data>;
  readonly handlers: Handlers<Data>;
  readonly settings: ConnectionSettings;
  readonly timeouts: Timeouts;
  readonly deadlines: Deadlines;
  readonly topics: Topics<Data>;
  /** A handler threw. */
  threw(error: unknown, socket: Socket<Data>): void;
  /** The connection is gone. */
  ended(socket: Socket<Data>): void;
}

/** What is known of a socket from its handshake. */
export interface Origination<Data> {
  readonly data: Data;
  readonly subprotocol: string;
  readonly url: string;
  readonly remoteAddress: string | undefined;
}

/** What turns a stream into a WebSocket. */
export interface Opening {
  /** What comes in front of the first frame, one character per byte. */
  readonly response: string;
  /** What came behind the request. */
  readonly head: Uint8Array;
  readonly deflate: DeflateAgreement | undefined;
}

/** Who has stopped the reading. */
const APPLICATION = 1;
const ITERATOR = 2;

export class Session<Data> implements ConnectionHandler, StreamPipeOwner, Mortal {
  readonly host: SessionHost<Data>;
  readonly pipe: StreamPipe;
  readonly connection: Connection;
  readonly socket: Socket<Data>;
  topics: Set<string> | undefined;
  readonly #lifetime: Lifetime;
  #iterator: MessageIterator | undefined;
  #whenClosed: ((event: ClosedSocket) => void)[] | undefined;
  #closed: ClosedSocket | undefined;
  #failure: Error | undefined;
  #expectsDrain = false;
  #stoppedBy = 0;

  constructor(host: SessionHost<Data>, stream: Duplex, origination: Origination<Data>) {
    this.host = host;
    this.pipe = new StreamPipe(stream, this);
    this.connection = new Connection(host.settings, this, this.pipe);
    this.socket = new Socket(this, origination);
    this.#lifetime = new Lifetime(this, host);
  }

  /** Sends the response: from here on it is a WebSocket. */
  start({ response, head, deflate }: Opening): void {
    const { host, socket } = this;
    this.pipe.writeLatin1(response);
    this.connection.open(deflate);
    if (isWatched(channels.open, host)) channels.open.publish({ endpoint: host.endpoint, socket });
    this.#call(() => host.handlers.open?.(socket));
    this.pipe.start(this.connection, head);
  }

  // --- from the connection -------------------------------------------------------------------------------------------

  message(message: Message, isLent: boolean): void {
    const { host, socket } = this;
    if (isWatched(channels.message, host)) channels.message.publish({ endpoint: host.endpoint, socket, message });
    if (this.#iterator !== undefined) {
      // The consumer comes to it when this has returned.
      this.#iterator.push(isLent && typeof message !== 'string' ? Buffer.from(message) : message);
      return;
    }
    try {
      const result = host.handlers.message?.(socket, message);
      if (result !== undefined) this.#watch(result);
    } catch (error) {
      this.#threw(error);
    }
  }

  ping(payload: Uint8Array): void {
    this.#call(() => this.host.handlers.ping?.(this.socket, payload));
  }

  pong(payload: Uint8Array): void {
    this.#reportRoundTrip(payload);
    this.#call(() => this.host.handlers.pong?.(this.socket, payload));
  }

  /** A consumer that iterates sends its answers to what came before the Close frame later than a handler would. */
  answering(answer: () => void): boolean {
    // Our Close frame follows, and what was published comes before it.
    this.host.topics.flushFor(this);
    const afterTopics = () => {
      this.host.topics.flushFor(this);
      answer();
    };
    if (this.#iterator?.isBusy(afterTopics) !== true) return false;
    this.#lifetime.closing();
    return true;
  }

  closing(): void {
    this.host.topics.unsubscribeAll(this);
    this.#lifetime.closing();
  }

  close({ code, reason, wasClean, error }: ConnectionClose): void {
    const { host, socket } = this;
    const details: CloseDetails = { wasClean, error: error ?? this.#failure };
    this.#lifetime.ended();
    host.topics.noteBackedUp(this, false);
    host.ended(socket);
    this.#closed = { code, reason, ...details };
    if (isWatched(channels.close, host)) {
      channels.close.publish({ endpoint: host.endpoint, socket, ...this.#closed });
    }
    this.#call(() => host.handlers.close?.(socket, code, reason, details));
    this.#iterator?.end();
    for (const resolve of this.#whenClosed ?? []) resolve(this.#closed);
    this.#whenClosed = undefined;
  }

  // --- from the pipe and the deadlines -------------------------------------------------------------------------------

  received(): void {
    this.#lifetime.heard();
  }

  backedUp(): void {
    this.#lifetime.backedUp();
    this.host.topics.noteBackedUp(this, true);
  }

  drained(): void {
    // What was put aside for a fragmented message, or sent since, still waits.
    if (this.connection.bufferedAmount > 0) {
      this.pipe.expectDrain();
      return;
    }
    this.host.topics.noteBackedUp(this, false);
    if (!this.#expectsDrain || this.connection.state !== 'OPEN') return;
    this.#expectsDrain = false;
    this.#call(() => this.host.handlers.drain?.(this.socket));
  }

  failed(error: Error): void {
    this.#failure ??= error;
  }

  get isPaused(): boolean {
    return this.#stoppedBy !== 0;
  }

  askForLife(): void {
    this.connection.ping(isWatched(channels.pong, this.host) ? stampedPing() : undefined);
  }

  #reportRoundTrip(payload: Uint8Array): void {
    const { host, socket } = this;
    if (!isWatched(channels.pong, host)) return;
    const roundTrip = roundTripOf(payload, host.timeouts.heartbeatTimeout);
    if (roundTrip !== undefined) channels.pong.publish({ endpoint: host.endpoint, socket, roundTrip });
  }

  timedOut(code: TimeoutCode): void {
    this.#failure ??= new TimeoutError(code);
    if (code === 'IDLE_TIMEOUT') this.inOrder.close(CloseCode.GOING_AWAY, 'idle');
    else this.pipe.destroy();
  }

  // --- from the socket -----------------------------------------------------------------------------------------------

  /** The connection, with everything before what is about to be sent on it. */
  get inOrder(): Connection {
    this.host.topics.flushFor(this);
    return this.connection;
  }

  /** Notes that the application may wait for everything to leave. */
  sent(result: SendResult): SendResult {
    if (result === 'buffered' || result === 'refused') {
      this.#expectsDrain = true;
      this.pipe.expectDrain();
    }
    // What has not been written yet counts, too: whoever publishes next is told the truth.
    if (this.topics !== undefined && this.#isFull()) {
      this.pipe.expectDrain();
      this.host.topics.noteBackedUp(this, true);
    }
    return result;
  }

  #isFull(): boolean {
    return this.connection.bufferedAmount > this.host.settings.limits.maxBufferedAmount;
  }

  /**
   * Sends messages that were framed for many sockets.
   * @param atOnce whether they are written now, and not with what else the turn produces
   */
  sendPrepared(batch: PreparedBatch, options: SendOptions | undefined, atOnce: boolean): SendResult {
    const result = this.connection.sendPrepared(batch, options, atOnce);
    // The pipe says so if what was written at once has to wait.
    return atOnce && result === 'written' ? result : this.sent(result);
  }

  /** Returns whether the messages are on their way. */
  publish(batch: PreparedBatch, options: SendOptions, atOnce = false): boolean {
    const result = this.sendPrepared(batch, options, atOnce);
    return result === 'written' || result === 'buffered';
  }

  pause(): void {
    this.#stop(APPLICATION);
  }

  resume(): void {
    this.#go(APPLICATION);
  }

  /** @throws Error if the socket is iterated over already */
  iterate(): MessageIterator {
    if (this.#iterator !== undefined) throw new Error('The socket is iterated over already');
    this.#iterator = new MessageIterator({
      hold: () => this.#stop(ITERATOR),
      release: () => this.#go(ITERATOR),
      // If it was an error that ended the loop, it is on its way to `#threw`, which closes with another code.
      abandoned: () => process.nextTick(() => this.inOrder.close(CloseCode.NORMAL)),
    });
    if (this.#closed !== undefined) this.#iterator.end();
    return this.#iterator;
  }

  closed(): Promise<ClosedSocket> {
    if (this.#closed !== undefined) return Promise.resolve(this.#closed);
    return new Promise((resolve) => {
      this.#whenClosed ??= [];
      this.#whenClosed.push(resolve);
    });
  }

  #stop(who: number): void {
    const wasPaused = this.isPaused;
    this.#stoppedBy |= who;
    if (wasPaused) return;
    this.connection.pause();
    // Later than that nothing comes any more but the end of the stream, which must not wait.
    const { state } = this.connection;
    if (state === 'OPEN' || state === 'CLOSE_SENT') this.pipe.pause();
  }

  #go(who: number): void {
    const wasPaused = this.isPaused;
    this.#stoppedBy &= ~who;
    // A deadline of what is gone would be met for ever.
    if (!wasPaused || this.isPaused || this.#closed !== undefined) return;
    this.#lifetime.resumed();
    this.connection.resume();
    // What was held may have made the application pause again.
    if (!this.isPaused) this.pipe.resume();
  }

  // --- the application's handlers ------------------------------------------------------------------------------------

  #call(handler: () => unknown): void {
    try {
      const result = handler();
      if (result !== undefined) this.#watch(result);
    } catch (error) {
      this.#threw(error);
    }
  }

  /** A rejection that nobody handles would end the process. */
  #watch(result: unknown): void {
    if (isThenable(result)) Promise.resolve(result).catch((error) => this.#threw(error));
  }

  #threw(error: unknown): void {
    this.inOrder.close(CloseCode.INTERNAL_ERROR);
    this.host.threw(error, this.socket);
  }
}

export function isThenable<T>(result: T | Promise<T>): result is Promise<T> {
  return typeof result === 'object' && result !== null && 'then' in result;
}

/** How a socket ended. */
export interface ClosedSocket extends CloseDetails {
  /** See `ConnectionClose` of the protocol: the peer's code; 1005 if it gave none; 1006 if there was no Close frame. */
  readonly code: number;
  readonly reason: string;
}
