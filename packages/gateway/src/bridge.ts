import type { Socket as TcpSocket } from 'node:net';
import { Alarm, type Deadlines } from '@tidewire/node';
import { CloseCode, type CloseDetails, type SendResult, type Socket } from '@tidewire/server';
import { codeOf, secureWithin } from './connect.ts';
import type { WatchedConnection } from './observer.ts';
import type { Route } from './route.ts';
import type { ConnectionInfo, Sides, TlsNames, Translator } from './translator.ts';

// One client and its server. Each side is read only as fast as the other takes what comes of it: what waits in between is a
// message or a read, and `maxInFlight` bytes each way.
//
// The WebSocket decides how long it lasts. When the server has ended its side, or failed, the WebSocket is closed behind all that
// has come; when the WebSocket is gone, however that came about, the server's side is ended (FIN) behind all that has come from
// the client. What the server sends from then on is read, so that it comes to its end in peace, and thrown away.

/** What all bridges of a gateway have in common. */
export interface BridgeHost {
  readonly deadlines: Deadlines;
  readonly maxInFlight: number;
  /** Milliseconds for the server to end its side after the client has gone. */
  readonly lingerTimeout: number;
  /** A translator threw. */
  threw(bridge: Bridge, error: unknown): void;
  /** The client went away before the WebSocket was open; nothing follows. */
  abandoned(bridge: Bridge): void;
  /** The WebSocket is open. */
  opened(bridge: Bridge): void;
  /** Both sides are gone. */
  ended(bridge: Bridge, ending: BridgeEnding): void;
}

/** How it ended. */
export interface BridgeEnding {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** What went wrong on the side of the server, or of the client. */
  readonly error: Error | undefined;
}

/** What a bridge is made of. */
export interface BridgeParts {
  readonly route: Route;
  /** Is connected, and does not flow yet. */
  readonly tcp: TcpSocket;
  /** Unique; the server is told it by the PROXY protocol. */
  readonly id: string;
  readonly info: ConnectionInfo;
  readonly user: string | undefined;
}

export class Bridge implements Sides, WatchedConnection {
  readonly id: string;
  readonly user: string | undefined;
  sentToServer = 0;
  receivedFromServer = 0;
  readonly #host: BridgeHost;
  readonly #route: Route;
  readonly #info: ConnectionInfo;
  readonly #signal: AbortSignal;
  #tcp: TcpSocket;
  #socket: Socket<Bridge> | undefined;
  #translator: Translator | undefined;
  #ending: BridgeEnding | undefined;
  #error: Error | undefined;
  #isClosing = false;
  /** Why this side has closed. */
  #reason = '';
  /** Something of the client was thrown away, so that nothing behind it may come to the server. */
  #isCutOff = false;
  #isFinished = false;
  #activeAt = 0;
  readonly #idle = new Alarm(() => this.#checkIdle());
  readonly #linger = new Alarm(() => this.#tcp.destroy());

  /** @param signal is aborted if the client goes away before the WebSocket is open */
  constructor(host: BridgeHost, { route, tcp, id, info, user }: BridgeParts, signal: AbortSignal) {
    this.#host = host;
    this.#route = route;
    this.#tcp = tcp;
    this.id = id;
    this.#info = info;
    this.user = user;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abandoned, { once: true });
    if (signal.aborted) this.#abandoned();
  }

  get target(): string {
    return this.#route.name;
  }

  get subprotocol(): string {
    return this.#info.subprotocol;
  }

  get clientAddress(): string | undefined {
    return this.#info.clientAddress;
  }

  // --- from the WebSocket --------------------------------------------------------------------------------------------

  open(socket: Socket<Bridge>): void {
    this.#signal.removeEventListener('abort', this.#abandoned);
    this.#socket = socket;
    this.#host.opened(this);
    this.#attempt(() => {
      this.#translator = this.#route.kind.translate(this, this.#info);
    });
    this.#activeAt = this.#host.deadlines.recent;
    this.#awaitIdleness(this.#route.idleTimeout);
    this.#listen();
    if (this.#tcp.destroyed) this.#serverGone();
  }

  message(message: string | Uint8Array): void {
    // What comes behind our Close frame is still for the server, as long as it takes something.
    this.#activeAt = this.#host.deadlines.recent;
    const size = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
    if (size > this.#route.maxMessageSize) this.close(CloseCode.MESSAGE_TOO_BIG, 'The message is too long');
    else this.#translator?.fromClient(message);
  }

  /** The client has taken all that waited. */
  drained(): void {
    this.#tcp.resume();
  }

  closed(code: number, reason: string, { wasClean, error }: CloseDetails): void {
    // Clients answer with the code alone.
    this.#ending = { code, reason: reason === '' ? this.#reason : reason, wasClean, error: this.#error ?? error };
    this.#host.deadlines.clear(this.#idle);
    this.#attempt(() => this.#translator?.clientGone?.());
    const tcp = this.#tcp;
    if (tcp.destroyed) {
      this.#finish();
      return;
    }
    tcp.end();
    tcp.resume();
    this.#host.deadlines.set(this.#linger, this.#host.lingerTimeout);
  }

  /** Waits no longer for the server to end its side. */
  cut(): void {
    this.#tcp.destroy();
  }

  /** The client went away before the WebSocket was open. */
  readonly #abandoned = (): void => {
    this.#tcp.destroy();
    this.#host.abandoned(this);
  };

  // --- from the server -----------------------------------------------------------------------------------------------

  #listen(): void {
    const tcp = this.#tcp;
    tcp.on('data', this.#received);
    tcp.on('end', this.#serverEnded);
    tcp.on('drain', this.#serverDrained);
    tcp.on('error', this.#failed);
    tcp.on('close', this.#serverGone);
  }

  #ignore(): void {
    const tcp = this.#tcp;
    tcp.off('data', this.#received);
    tcp.off('end', this.#serverEnded);
    tcp.off('drain', this.#serverDrained);
    tcp.off('error', this.#failed);
    tcp.off('close', this.#serverGone);
  }

  readonly #received = (bytes: Buffer): void => {
    this.receivedFromServer += bytes.length;
    if (this.#ending !== undefined) return;
    this.#activeAt = this.#host.deadlines.recent;
    this.#attempt(() => this.#translator?.fromServer(bytes));
  };

  readonly #serverEnded = (): void => {
    if (this.#ending === undefined) this.#attempt(() => this.#translator?.serverEnded());
  };

  readonly #serverDrained = (): void => {
    this.#socket?.resume();
  };

  readonly #failed = (error: Error): void => {
    this.#error ??= error;
  };

  readonly #serverGone = (): void => {
    if (this.#ending !== undefined) this.#finish();
    else if (codeOf(this.#error) === 'ECONNRESET')
      this.close(CloseCode.INTERNAL_ERROR, 'The server has reset the connection');
    else this.close(CloseCode.INTERNAL_ERROR, 'The connection to the server was lost');
  };

  #finish(): void {
    this.#host.deadlines.clear(this.#linger);
    if (this.#ending === undefined || this.#isFinished) return;
    this.#isFinished = true;
    this.#host.ended(this, this.#ending);
  }

  // --- for the translator --------------------------------------------------------------------------------------------

  toClient(message: string | Uint8Array): void {
    if (this.#isClosing || this.#socket === undefined) return;
    const result: SendResult = this.#socket.send(message);
    const isWaiting = result === 'buffered' || result === 'refused';
    if (isWaiting && this.#socket.bufferedAmount >= this.#host.maxInFlight) this.#tcp.pause();
  }

  toServer(bytes: Uint8Array): void {
    const tcp = this.#tcp;
    // A WebSocket that closes must be read from, or it would not see the client's answer.
    if (this.#isClosing && tcp.writableLength >= this.#host.maxInFlight) this.#isCutOff = true;
    if (this.#isCutOff || !tcp.writable || bytes.length === 0) return;
    this.sentToServer += bytes.length;
    const hasRoom = tcp.write(bytes) || tcp.writableLength < this.#host.maxInFlight;
    if (hasRoom || this.#isClosing) return;
    this.#socket?.pause();
  }

  close(code: number, reason: string): void {
    if (this.#isClosing || this.#socket === undefined) return;
    this.#isClosing = true;
    this.#reason = reason;
    this.#socket.close(code, reason);
    this.#socket.resume();
    // What comes now is for nobody, but its end is to be seen.
    this.#tcp.resume();
  }

  async startTls(names: TlsNames = {}): Promise<void> {
    this.#ignore();
    this.#tcp.pause();
    const controller = new AbortController();
    this.#socket?.closed.then(() => controller.abort());
    try {
      this.#tcp = await secureWithin(this.#tcp, this.#route, names, controller.signal);
    } catch (error) {
      if (error instanceof Error) this.#failed(error);
      this.#listen();
      // Behind what the translator has to say of it.
      setImmediate(this.#serverGone);
      throw error;
    }
    this.#listen();
    // It may have closed meanwhile, and then waits for this.
    if (this.#ending !== undefined) this.#tcp.end();
    this.#tcp.resume();
  }

  // --- what goes wrong -----------------------------------------------------------------------------------------------

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#host.threw(this, error);
      this.close(CloseCode.INTERNAL_ERROR, 'The gateway has failed');
    }
  }

  #awaitIdleness(delay: number): void {
    if (Number.isFinite(delay)) this.#host.deadlines.set(this.#idle, delay);
  }

  #checkIdle(): void {
    const left = this.#activeAt + this.#route.idleTimeout - this.#host.deadlines.recent;
    if (left > 0) this.#awaitIdleness(left);
    else this.close(CloseCode.GOING_AWAY, 'Nothing has come for too long');
  }
}
