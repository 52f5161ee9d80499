import { Alarm, Deadlines } from '@tidewire/node';
import { Connection, type ConnectionClose, type ConnectionHandler, type SendResult } from '@tidewire/protocol';
import type { Carrier } from './carrier.ts';
import { Countdown } from './countdown.ts';
import { asFailure, failure, violationFailure, type WebSocketFailure } from './failures.ts';
import { open } from './open.ts';
import type { Opened } from './opening.ts';
import type { ResolvedOptions } from './options.ts';
import type { Transport } from './transports.ts';

// One connection of a client from its opening to its end, with its deadlines. WebSocket and WebSocketStream are two ways
// to look at it. It calls its listener as things happen: never before the constructor has returned, and from within
// `send` and `close` only `closing`.

export interface SessionListener {
  opened(opened: Opened): void;
  message(data: string | Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** See `ConnectionHandler`. */
  answering?(answer: () => void): boolean;
  /** The closing handshake has begun, or the connection has failed, after it was open. */
  closing(): void;
  /** It is over. Called once, last. */
  closed(end: SessionEnd): void;
  /** Everything that was sent has left the process, after some of it had to wait. */
  drained(): void;
}

export interface SessionEnd {
  /** What the server's Close frame said; 1006 without one, whatever ours said (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** Why it was not clean. */
  readonly failure: WebSocketFailure | undefined;
}

const ABNORMAL_CLOSURE = 1006;

const deadlines = new Deadlines();

export class Session {
  readonly #listener: SessionListener;
  readonly #options: ResolvedOptions;
  readonly #opening = new AbortController();
  readonly #closeDeadline = new Alarm(() => this.#closeExpired());
  #connection: Connection | undefined;
  #pipe: Carrier | undefined;
  #failure: WebSocketFailure | undefined;

  constructor(target: URL, subprotocols: readonly string[], options: ResolvedOptions, listener: SessionListener) {
    this.#listener = listener;
    this.#options = options;
    this.#open(target, subprotocols);
  }

  /** What carries it, once open. */
  get transport(): Transport | undefined {
    return this.#pipe?.transport;
  }

  /** Frames that have not left the process, in bytes. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedAmount ?? 0;
  }

  /** Whether something that was sent has not left the process, or was lost with the connection. */
  get hasUnsent(): boolean {
    return this.#pipe?.isBackedUp ?? false;
  }

  /** Sends a message; the connection fails if more waits than `maxBufferedAmount` allows. */
  send(data: string | Uint8Array): SendResult {
    return this.#connection?.send(data, { closeWhenFull: true }) ?? 'closed';
  }

  ping(payload: string | Uint8Array | undefined): SendResult {
    return this.#connection?.ping(payload) ?? 'closed';
  }

  /** Hands what was sent to the operating system now, not at the end of the turn. */
  flush(): void {
    this.#connection?.flush();
  }

  /** Starts the closing handshake, once open. */
  close(code: number | undefined, reason: string): void {
    this.#connection?.close(code, reason);
    this.resume();
  }

  /** Drops the connection, open or not. */
  fail(reason: WebSocketFailure): void {
    this.#failure ??= reason;
    this.#opening.abort(reason);
    this.#pipe?.destroy();
  }

  /** Stops reading from the server until `resume`. */
  pause(): void {
    this.#connection?.pause();
    this.#pipe?.pause();
  }

  resume(): void {
    this.#pipe?.resume();
    this.#connection?.resume();
  }

  #closeExpired(): void {
    if (this.bufferedAmount > 0 && this.#pipe?.hasProgressed()) {
      // What was sent before the close still goes out, slowly: it is not to be cut off.
      this.#setCloseDeadline();
    } else {
      this.fail(failure('CLOSE_TIMEOUT'));
    }
  }

  async #open(target: URL, subprotocols: readonly string[]): Promise<void> {
    const { signal } = this.#options;
    const abort = () => this.#opening.abort(failure('ABORTED', { cause: signal?.reason }));
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const countdown = new Countdown(deadlines, this.#options.handshakeTimeout, () =>
      this.#opening.abort(failure('HANDSHAKE_TIMEOUT')),
    );
    countdown.start();
    const waiting = { begins: () => countdown.stop(), ends: () => countdown.start() };
    let opened: Opened | undefined;
    try {
      // Whatever happens, nobody is told before the constructor has returned.
      await undefined;
      this.#opening.signal.throwIfAborted();
      opened = await open(target, subprotocols, this.#options, waiting, this.#opening.signal);
    } catch (error) {
      this.#failure ??= asFailure(error, 'CONNECT');
    }
    signal?.removeEventListener('abort', abort);
    countdown.stop();
    if (opened !== undefined && !this.#opening.signal.aborted) return this.#begin(opened);
    opened?.drop();
    this.#failure ??= asFailure(this.#opening.signal.reason, 'CONNECT');
    this.#end({ code: ABNORMAL_CLOSURE, reason: '', wasClean: false, error: undefined });
  }

  #begin(opened: Opened): void {
    const pipe = opened.carry({
      drained: () => this.#listener.drained(),
      failed: (cause) => {
        this.#failure ??= asFailure(cause, 'CONNECTION_LOST');
      },
    });
    const connection = new Connection(this.#options.settings, this.#handler, pipe);
    this.#pipe = pipe;
    this.#connection = connection;
    connection.open(opened.agreement);
    this.#listener.opened(opened);
    pipe.begin(connection);
  }

  readonly #handler: ConnectionHandler = {
    message: (data) => this.#listener.message(data),
    pong: (payload) => this.#listener.pong(payload),
    answering: (answer) => this.#listener.answering?.(answer) ?? false,
    closing: () => {
      // Progress counts from here.
      this.flush();
      this.#pipe?.hasProgressed();
      this.#setCloseDeadline();
      this.#listener.closing();
    },
    close: (event) => {
      deadlines.clear(this.#closeDeadline);
      this.#end(event);
    },
  };

  #setCloseDeadline(): void {
    if (Number.isFinite(this.#options.closeTimeout)) deadlines.set(this.#closeDeadline, this.#options.closeTimeout);
  }

  #end({ code, reason, wasClean, error }: ConnectionClose): void {
    // RFC 6455, 7.1.4: the closing handshake is completed when our Close frame has been sent, not when it waits to be.
    if (wasClean && !this.hasUnsent) {
      this.#listener.closed({ code, reason, wasClean, failure: undefined });
    } else if (error !== undefined) {
      this.#listener.closed({ code: ABNORMAL_CLOSURE, reason: '', wasClean: false, failure: violationFailure(error) });
    } else {
      this.#listener.closed({ code, reason, wasClean: false, failure: this.#failure ?? failure('CONNECTION_LOST') });
    }
  }
}
