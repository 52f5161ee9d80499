import type { Connection, Pipe } from '@tidewire/protocol';
import {
  type OpenedTunnel,
  type TunnelClientOwner,
  type TunnelClientPlatform,
  TunnelClientSession,
  type TunnelOutcome,
  type TunnelRequest,
  type Transport as TunnelTransport,
  transportOfWay,
} from '@tidewire/tunnel';
import type { Transport } from '../transports.ts';
import { tunnelAddress } from './address.ts';
import type { Poster, PostListener } from './poster.ts';

// The bytes of a connection over a tunnel: the session decides, this has the requests made and keeps the time. Runs in
// browsers, too.

export interface TunnelPipeOptions {
  readonly platform: TunnelClientPlatform;
  /** Makes the requests. It is closed in the end. */
  readonly poster: Poster;
  /** The ways to receive that may be tried. */
  readonly transports: readonly TunnelTransport[];
}

/** What is used of a connection. */
export type Carried = Pick<Connection, 'receive' | 'ended' | 'gone' | 'drained' | 'flush'>;

/** What the owner of a pipe learns, beside what the connection tells. */
export interface TunnelPipeOwner {
  /** Everything that was written is with a request, after some of it had to wait. */
  drained?(): void;
  /** It is over, and not in order. The connection is told next. */
  failed?(outcome: TunnelOutcome): void;
}

/** The longest time that a timer can be set to, in milliseconds. */
export const LONGEST_TIME = 2 ** 31 - 1;
/** As much of an error as is read, in characters. */
const LONGEST_ERROR = 4096;

export class TunnelPipe implements Pipe, TunnelClientOwner {
  readonly #address: URL;
  readonly #options: TunnelPipeOptions;
  readonly #owner: TunnelPipeOwner;
  readonly #session: TunnelClientSession;
  /** What drops the requests that are under way. */
  readonly #drops = new Map<number, () => void>();
  #connection: Carried | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitedBefore = 0;

  /** @param url of the WebSocket */
  constructor(url: URL, opened: OpenedTunnel, options: TunnelPipeOptions, owner: TunnelPipeOwner) {
    const { platform, transports } = options;
    this.#address = tunnelAddress(url, opened.id);
    this.#options = options;
    this.#owner = owner;
    this.#session = new TunnelClientSession(opened, { platform, transports }, this);
  }

  /** From here on what comes goes to `connection`, which must be open. */
  begin(connection: Carried): void {
    this.#connection = connection;
    this.#session.start();
  }

  /** How it receives, as far as it has found out. */
  get transport(): Transport {
    return transportOfWay[this.#session.way];
  }

  /** The network is another one, or is back. */
  networkChanged(): void {
    this.#session.networkChanged();
  }

  // --- from the connection and the owner -----------------------------------------------------------------------------

  /** Bytes that no request has carried yet. */
  get bufferedAmount(): number {
    return this.#session.bufferedAmount;
  }

  get isBackedUp(): boolean {
    return this.#session.bufferedAmount > 0;
  }

  /** Whether requests have carried any of what waits since this was last called. */
  hasProgressed(): boolean {
    const waits = this.#session.bufferedAmount;
    const hasProgressed = waits < this.#waitedBefore;
    this.#waitedBefore = waits;
    return hasProgressed;
  }

  write(bytes: Uint8Array): void {
    this.#session.write(bytes);
  }

  writeAll(pieces: Uint8Array[]): void {
    this.#session.writeAll(pieces);
  }

  requestFlush(): void {
    queueMicrotask(() => this.#connection?.flush());
  }

  /** Stops reading, so that the server's window fills. */
  pause(): void {
    this.#session.pause();
  }

  resume(): void {
    this.#session.resume();
  }

  end(): void {
    this.#session.end();
    // Nobody would see the end of the other direction while it is paused.
    this.#session.resume();
  }

  destroy(): void {
    this.#session.destroy();
  }

  // --- from the session ----------------------------------------------------------------------------------------------

  receive(bytes: Uint8Array): void {
    this.#connection?.receive(bytes);
  }

  ended(): void {
    this.#connection?.ended();
  }

  gone(outcome: TunnelOutcome): void {
    this.#options.poster.close();
    if (outcome !== 'FINISHED') this.#owner.failed?.(outcome);
    this.#connection?.gone();
  }

  drained(): void {
    this.#connection?.drained();
    this.#owner.drained?.();
  }

  schedule(at: number): void {
    clearTimeout(this.#timer);
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(LONGEST_TIME, Math.max(0, Math.ceil(at - this.#options.platform.now())));
    this.#timer = setTimeout(() => this.#session.tick(), delay);
  }

  request({ id, body, isLast }: TunnelRequest): void {
    this.#drops.set(id, this.#options.poster.post({ url: this.#address, body, isLast }, this.#listener(id)));
  }

  abort(id: number): void {
    this.#drops.get(id)?.();
    this.#drops.delete(id);
  }

  #listener(id: number): PostListener {
    const session = this.#session;
    const decoder = new TextDecoder();
    let status = 0;
    let error = '';
    const settle = (tell: () => void) => {
      this.#drops.delete(id);
      tell();
    };
    return {
      answered: (answer) => {
        status = answer;
      },
      received: (chunk) => {
        if (status === 200) session.received(id, chunk);
        else if (error.length < LONGEST_ERROR) error += decoder.decode(chunk, { stream: true });
      },
      completed: () => settle(() => (status === 200 ? session.completed(id) : session.refused(id, status, error))),
      failed: () => settle(() => session.failed(id)),
    };
  }
}
