import type { Transport as TunnelTransport } from '@tidewire/tunnel';
import { codeFor } from '../close-arguments.ts';
import { Outbox } from '../outbox.ts';
import { CLOSED, CLOSING, CONNECTING, OPEN } from '../ready-states.ts';
import type { Transport } from '../transports.ts';
import { tunnelAddress } from '../tunnel/address.ts';
import { askForTunnel } from '../tunnel/ask-for-tunnel.ts';
import { FetchPoster } from '../tunnel/fetch-poster.ts';
import { TunnelPipe } from '../tunnel/tunnel-pipe.ts';
import { SmallConnection } from './small-connection.ts';
import { closeEvent, type SocketLike } from './socket-like.ts';
import { inTask } from './tasks.ts';
import { type Upgrading, UpgradingPoster } from './upgrading-poster.ts';

// A WebSocket over plain requests: what a page's own one is to whoever looks at it. All that it tells it tells in tasks, in
// order, so that its state changes between two events and never while a program looks. What is passed to it was checked.

/** How long the closing handshake may make no progress, in milliseconds. */
const CLOSE_TIME = 30_000;
/** What may wait to be read of Blobs, in bytes. */
const MAX_WAITING = 100 * 1024 * 1024;

const platform = {
  now: () => performance.now(),
  randomFill: (target: Uint8Array) => target.set(crypto.getRandomValues(new Uint8Array(target.length))),
};

export class TunnelSocket extends EventTarget implements SocketLike {
  readonly url: string;
  readonly extensions = '';
  binaryType = 'blob';
  protocol = '';
  readyState: number = CONNECTING;
  readonly #opening = new AbortController();
  readonly #poster: UpgradingPoster;
  #pipe: TunnelPipe | undefined;
  #connection: SmallConnection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #outbox: Outbox | undefined;

  /** @param upgrading when the session is moved to a WebSocket */
  constructor(url: string, protocols: readonly string[], ways: readonly TunnelTransport[], upgrading: Upgrading) {
    super();
    this.url = url;
    this.#poster = new UpgradingPoster(new FetchPoster(), upgrading, () => this.#pipe?.networkChanged());
    this.#open(protocols, ways).catch(() => this.#ended(1006, '', false));
  }

  get bufferedAmount(): number {
    return this.#outbox?.bufferedAmount ?? 0;
  }

  /** What carries it, as far as it has found out. */
  get transport(): Transport | undefined {
    return this.#poster.isUpgraded ? 'websocket' : this.#pipe?.transport;
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    const message = toMessage(data);
    if (this.#outbox?.send(message, sizeOf(message)) === false) this.#pipe?.destroy();
  }

  close(code?: number, reason = ''): void {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    const connection = this.#connection;
    this.#opening.abort();
    this.#outbox?.afterAll(() => connection?.close(codeFor(code, reason), reason));
    this.#outbox?.close();
  }

  async #open(protocols: readonly string[], ways: readonly TunnelTransport[]): Promise<void> {
    const { signal } = this.#opening;
    const url = new URL(this.url);
    const { opened } = await askForTunnel(url, protocols, this.#poster, signal);
    if (opened === undefined) throw new Error('refused');
    const carrying = { platform, poster: this.#poster, transports: ways };
    const pipe = new TunnelPipe(url, opened, carrying, {});
    const connection = new SmallConnection(pipe, {
      message: (data) => inTask(() => this.#received(data)),
      closing: () => inTask(() => this.#closing()),
      close: (code, reason, wasClean) => this.#ended(code, reason, wasClean),
    });
    this.#pipe = pipe;
    this.#connection = connection;
    this.#outbox = new Outbox(connection, MAX_WAITING, () => pipe.destroy(), inTask);
    pipe.begin(connection);
    const isMissing = protocols.length > 0 && opened.subprotocol === '';
    if (isMissing || signal.aborted) {
      pipe.destroy();
    } else {
      this.#poster.begin(tunnelAddress(url, opened.id).href.replace('http', 'ws'));
      inTask(() => this.#opened(opened.subprotocol));
    }
  }

  // --- the tasks: https://websockets.spec.whatwg.org/#feedback-from-the-protocol ------------------------------------

  #opened(protocol: string): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.protocol = protocol;
    this.dispatchEvent(new Event('open'));
  }

  #received(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== OPEN) return;
    const { origin } = new URL(this.url);
    const inType = (bytes: Uint8Array<ArrayBuffer>) => (this.binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer);
    this.dispatchEvent(new MessageEvent('message', { data: typeof data === 'string' ? data : inType(data), origin }));
  }

  #closing(): void {
    this.readyState = CLOSING;
    this.#outbox?.close();
    this.#pipe?.hasProgressed();
    const look = () => {
      if (this.#pipe?.hasProgressed()) this.#timer = setTimeout(look, CLOSE_TIME);
      else this.#pipe?.destroy();
    };
    this.#timer = setTimeout(look, CLOSE_TIME);
  }

  #ended(code: number, reason: string, wasClean: boolean): void {
    inTask(() => {
      clearTimeout(this.#timer);
      this.readyState = CLOSED;
      this.#outbox?.freeze();
      if (!wasClean) this.dispatchEvent(new Event('error'));
      this.dispatchEvent(closeEvent(code, reason, wasClean));
    });
  }
}

/** Views are not copied: whoever keeps them does. */
function toMessage(data: unknown): string | Uint8Array | Blob {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof Blob ? data : `${data}`;
}

function sizeOf(data: string | Uint8Array | Blob): number {
  if (typeof data === 'string') return new TextEncoder().encode(data).length;
  return data instanceof Blob ? data.size : data.byteLength;
}
