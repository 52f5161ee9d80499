import { areUniqueTokens } from '@tidewire/protocol';
import { assertClose } from '../close-arguments.ts';
import { defineHandlers, EventHandlers, type HandlerOf, TypedEventTarget } from '../event-handlers.ts';
import { CLOSED, CLOSING, CONNECTING, exposeReadyStates, OPEN } from '../ready-states.ts';
import { areTransports, stepsFor, type Transport, type TransportStep } from '../transports.ts';
import { LONGEST_TIME } from '../tunnel/tunnel-pipe.ts';
import { type BinaryType, closeEvent, newNative, type SocketLike } from './socket-like.ts';
import { inTask } from './tasks.ts';
import { TunnelSocket } from './tunnel-socket.ts';
import type { Upgrading } from './upgrading-poster.ts';

// A page's WebSocket that gets through where the browser's own does not: the first of several sockets that opens is the
// one, and whatever happens on it happens here.

export interface BrowserWebSocketOptions {
  /**
   * What may carry the WebSocket, in order: the first that gets through does. The server has to be one of
   * `@tidewire/server` for any other than `'websocket'`. Default `['websocket', 'stream', 'poll']`.
   */
  readonly transports?: readonly Transport[] | undefined;
  /** How long a transport may take to open before the next is tried, in milliseconds. Default 5000. */
  readonly transportTimeout?: number | undefined;
  /**
   * How long after a tunnel was opened, if `transports` has `'websocket'`, it is tried to move it to a WebSocket, in
   * milliseconds; after each failure it is twice as long, up to ten minutes. Default 10,000; `Infinity` for never.
   */
  readonly upgradeDelay?: number | undefined;
}

interface CloseEventLike extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

interface EventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: Event;
  readonly close: CloseEventLike;
}

const DEFAULT_TRANSPORTS = ['websocket', 'stream', 'poll'] as const;
const TRANSPORT_TIMEOUT = 5000;

export class WebSocket extends TypedEventTarget<WebSocket, EventMap> {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: HandlerOf<WebSocket, EventMap['open']>;
  declare onmessage: HandlerOf<WebSocket, EventMap['message']>;
  declare onerror: HandlerOf<WebSocket, EventMap['error']>;
  declare onclose: HandlerOf<WebSocket, EventMap['close']>;

  readonly #handlers = new EventHandlers(this);
  readonly #url: string;
  readonly #protocols: string[];
  readonly #steps: TransportStep[];
  readonly #upgrading: Upgrading;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The one that is open, or is tried. */
  #socket: SocketLike | undefined;
  #binaryType: BinaryType = 'blob';
  #state: number = CONNECTING;

  /**
   * Begins to connect.
   * @throws DOMException of the name SyntaxError for an invalid URL or invalid subprotocols; what the browser's own class
   *   throws, such as a SecurityError; TypeError for an option that makes no sense
   */
  constructor(url: string | URL, protocols: string | readonly string[] = [], options: BrowserWebSocketOptions = {}) {
    super();
    const { transports = DEFAULT_TRANSPORTS, transportTimeout = TRANSPORT_TIMEOUT, upgradeDelay = 10_000 } = options;
    if (!areTransports(transports)) throw new TypeError('transports must be a list of transports');
    assertTime('transportTimeout', transportTimeout);
    assertTime('upgradeDelay', upgradeDelay);
    this.#url = resolve(url);
    this.#protocols = [protocols].flat();
    assertProtocols(this.#protocols);
    this.#steps = [...stepsFor(transports)];
    const delay = transports.includes('websocket') ? upgradeDelay : Number.POSITIVE_INFINITY;
    this.#upgrading = { delay, timeout: Math.min(LONGEST_TIME, transportTimeout) };
    this.#try();
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): number {
    return this.#state === OPEN ? (this.#socket?.readyState ?? CLOSED) : this.#state;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get extensions(): string {
    return this.#socket?.extensions ?? '';
  }

  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    if (value !== 'blob' && value !== 'arraybuffer') return;
    this.#binaryType = value;
    if (this.#socket !== undefined) this.#socket.binaryType = value;
  }

  /** What carries it, once open. */
  get transport(): Transport | undefined {
    if (this.#state !== OPEN) return undefined;
    return this.#socket instanceof TunnelSocket ? this.#socket.transport : 'websocket';
  }

  /** @throws DOMException of the name InvalidStateError while connecting */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#state === CONNECTING) throw new DOMException('The WebSocket is still connecting', 'InvalidStateError');
    this.#socket?.send(data);
  }

  /** @throws DOMException of the name InvalidAccessError for a code, SyntaxError for a reason that may not be sent */
  close(code?: number, reason?: string): void {
    assertClose(code, reason ?? '');
    if (this.#state === CONNECTING) {
      this.#steps.length = 0;
      this.#state = CLOSING;
      this.#next();
    } else {
      this.#socket?.close(code, reason);
    }
  }

  #try(): void {
    const socket = this.#make();
    socket.binaryType = this.#binaryType;
    this.#socket = socket;
    if (this.#steps.length > 0) this.#timer = setTimeout(() => this.#next(), this.#upgrading.timeout);
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, (event) => {
        if (this.#socket === socket) this.#heard(event);
      });
    }
  }

  /** @throws what the browser's own class throws, if nothing comes after it */
  #make(): SocketLike {
    const step = this.#steps.shift();
    if (step !== 'websocket') return new TunnelSocket(this.#url, this.#protocols, step ?? [], this.#upgrading);
    try {
      return newNative(this.#url, this.#protocols);
    } catch (error) {
      if (this.#steps.length > 0) return this.#make();
      throw error;
    }
  }

  /** What was tried last did not open, or is wanted no more. */
  #next(): void {
    clearTimeout(this.#timer);
    const last = this.#socket;
    this.#socket = undefined;
    last?.close();
    if (this.#steps.length === 0 || !this.#tryAgain()) inTask(() => this.#failed());
  }

  /** Returns whether there is something to try. */
  #tryAgain(): boolean {
    try {
      this.#try();
      return true;
    } catch {
      return false;
    }
  }

  #heard(event: Event): void {
    const { type } = event;
    if (this.#state === CONNECTING) {
      if (type === 'close') this.#next();
      if (type !== 'open') return;
      clearTimeout(this.#timer);
      this.#state = OPEN;
    }
    this.dispatchEvent(copyOf(event));
  }

  #failed(): void {
    // The program may have closed it between the last failure and this task.
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.dispatchEvent(new Event('error'));
    this.dispatchEvent(closeEvent(1006, '', false));
  }

  static {
    defineHandlers(WebSocket.prototype, ['open', 'message', 'error', 'close'], (socket) => socket.#handlers);
    exposeReadyStates(WebSocket);
  }
}

/** An event can be dispatched once. */
function copyOf(event: Event): Event {
  return Reflect.construct(event.constructor, [event.type, event]);
}

interface Scope {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
}

/** https://websockets.spec.whatwg.org/#dom-websocket-websocket, steps 1 to 7 */
function resolve(url: string | URL): string {
  const { document, location } = globalThis as unknown as Scope;
  const base = document?.baseURI ?? location?.href;
  const parsed = URL.canParse(`${url}`, base) ? new URL(url, base) : undefined;
  const [, s] = /^(?:http|ws)(s?):[^#]*$/.exec(parsed?.href ?? '') ?? [];
  if (parsed === undefined || s === undefined) throw new DOMException(`${url} is no WebSocket's URL`, 'SyntaxError');
  parsed.protocol = `ws${s}:`;
  return parsed.href;
}

function assertTime(name: string, value: number): void {
  if (!(value > 0)) throw new TypeError(`${name} must be a time above 0`);
}

/** RFC 6455, 4.1: tokens, none of them twice. @throws DOMException of the name SyntaxError */
function assertProtocols(protocols: readonly string[]): void {
  // Nor twice with other letters only in case, as browsers see it.
  if (areUniqueTokens(protocols.map((name) => name.toLowerCase()))) return;
  throw new DOMException('Subprotocols must be tokens, none of them twice', 'SyntaxError');
}
