import { Duplex } from 'node:stream';
import { Alarm, type Deadlines, nodePlatform } from '@tidewire/node';
import {
  type TunnelIdentity,
  type TunnelOutcome,
  type TunnelOwner,
  type TunnelParameters,
  TunnelServerSession,
} from '@tidewire/tunnel';

// A session of a tunnel as a stream of Node, so that everything that takes a socket takes it, too.

/** Why a session ended that was not ended in order. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly code: TunnelOutcome;

  constructor(code: TunnelOutcome) {
    super(
      code === 'LOST' ? 'Nothing was heard of the client for the grace time' : 'The client has dropped the session',
    );
    this.code = code;
  }
}

type Callback = (error?: Error | null) => void;

export class TunnelStream extends Duplex implements TunnelOwner {
  readonly #deadlines: Deadlines;
  readonly #alarm = new Alarm(() => this.#session?.tick());
  #session: TunnelServerSession | undefined;
  /** What tells Node that everything was sent. */
  #whenSent: Callback | undefined;

  constructor(deadlines: Deadlines) {
    // It is over when the client knows of the end, not when the end is on its way.
    // What waits to be read waits in the session, which has bounds for it.
    super({ allowHalfOpen: true, autoDestroy: false, readableHighWaterMark: 1 });
    this.#deadlines = deadlines;
  }

  /** From here on it is a session. */
  begin(identity: TunnelIdentity, parameters: TunnelParameters): void {
    this.#session = new TunnelServerSession(identity, parameters, nodePlatform, this);
  }

  /** Takes the requests. There is none before `begin`. */
  get session(): TunnelServerSession | undefined {
    return this.#session;
  }

  /** What was written and not sent: by it one sees that a slow client takes something. */
  get writeQueueSize(): number {
    return this.#session?.bufferedAmount ?? 0;
  }

  // --- from Node -----------------------------------------------------------------------------------------------------

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    this.#send([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.#session?.end();
    callback();
  }

  override _read(): void {
    this.#session?.resume();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#session?.destroy();
    this.#deadlines.clear(this.#alarm);
    callback(error);
  }

  /** Copies: what was sent is kept until the client has acknowledged it, and may change once it was sent. */
  #send(chunks: readonly Buffer[], callback: Callback): void {
    const session = this.#session;
    session?.writeAll(chunks.map((chunk) => Buffer.from(chunk)));
    if (session === undefined || session.bufferedAmount === 0) callback();
    else this.#whenSent = callback;
  }

  // --- from the session ----------------------------------------------------------------------------------------------

  receive(bytes: Uint8Array): void {
    // A view of a body, which is nobody else's. Where it is not read at once it is copied, or it would keep all of the body.
    const isRead = this.readableFlowing === true && this.readableLength === 0;
    if (!this.push(isRead ? bytes : Buffer.from(bytes))) this.#session?.pause();
  }

  ended(): void {
    this.push(null);
  }

  gone(outcome: TunnelOutcome): void {
    if (outcome === 'FINISHED') this.destroy();
    else this.destroy(new TunnelError(outcome));
  }

  drained(): void {
    const sent = this.#whenSent;
    this.#whenSent = undefined;
    sent?.();
  }

  /** Whoever writes to a stream flushes by itself. */
  requestFlush(): void {}

  schedule(at: number): void {
    this.#deadlines.clear(this.#alarm);
    if (at === Number.NEGATIVE_INFINITY) process.nextTick(() => this.#session?.tick());
    else if (at < Number.POSITIVE_INFINITY) this.#deadlines.set(this.#alarm, at - nodePlatform.now());
  }
}
