import { ConnectionError } from '@tidewire/protocol';
import { assertSubprotocols, readArguments } from './arguments.ts';
import { assertClose, codeFor } from './close-arguments.ts';
import { defineHandlers, EventHandlers, type HandlerOf, TypedEventTarget } from './event-handlers.ts';
import { CloseEvent, TaggedMessageEvent, type WithFailure, withFailure } from './events.ts';
import { failure, violationFailure, type WebSocketFailure } from './failures.ts';
import type { Handshake, Opened } from './opening.ts';
import type { WebSocketInit, WebSocketOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { CLOSED, CLOSING, CONNECTING, exposeReadyStates, OPEN } from './ready-states.ts';
import { Session, type SessionEnd } from './session.ts';
import { parseTarget } from './target.ts';
import type { Transport } from './transports.ts';
import {
  exposeInterface,
  requireArguments,
  toClampedUnsignedShort,
  toDOMString,
  toMessageData,
  toUSVString,
} from './web-idl.ts';

// The WebSocket of https://websockets.spec.whatwg.org/, step by step. What the standard queues as a task is a
// setImmediate of its own here, so that between two events all promises that can go on do so, as in a browser.

/** What a handler attribute may be set to. */
export type Handler<E extends Event> = HandlerOf<WebSocket, E>;

export type BinaryType = 'blob' | 'arraybuffer';

export interface WebSocketEventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: Event & WithFailure;
  readonly close: CloseEvent & WithFailure;
  /** A Pong frame came; `data` is its payload, an ArrayBuffer. Beyond the standard. */
  readonly pong: MessageEvent;
}

export class WebSocket extends TypedEventTarget<WebSocket, WebSocketEventMap> {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: Handler<WebSocketEventMap['open']>;
  declare onmessage: Handler<WebSocketEventMap['message']>;
  declare onerror: Handler<WebSocketEventMap['error']>;
  declare onclose: Handler<WebSocketEventMap['close']>;

  readonly #url: URL;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #handlers = new EventHandlers(this);
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #binaryType: BinaryType = 'blob';
  #protocol = '';
  #extensions = '';
  #handshake: Handshake | undefined;
  #failure: WebSocketFailure | undefined;

  /**
   * Begins to connect.
   * @param url `ws:`, `wss:`, `http:` or `https:`, without a fragment
   * @param protocols the subprotocols to choose from; the connection fails if the server chooses none of them. Or the
   *   options, with the subprotocols as `protocols` among them
   * @param options beyond the standard, if they are not the second argument; what is no object is ignored
   * @throws DOMException of the name SyntaxError for an invalid URL or invalid subprotocols
   * @throws TypeError or RangeError naming the option that is invalid
   */
  constructor(
    url: string | URL,
    protocols: string | Iterable<string> | WebSocketInit | null = {},
    options?: WebSocketOptions,
  ) {
    // biome-ignore lint/complexity/noArguments: nothing else tells an argument left out from `undefined`
    requireArguments(1, arguments.length, 'WebSocket');
    const urlText = toUSVString(url);
    const { subprotocols, resolved } = readArguments(protocols, options);
    super();
    this.#url = parseTarget(urlText, resolved.baseUrl);
    assertSubprotocols(subprotocols);
    this.#session = new Session(this.#url, subprotocols, resolved, {
      opened: (opened) => setImmediate(() => this.#opened(opened)),
      message: (data) => setImmediate(() => this.#received(data)),
      pong: (payload) => setImmediate(() => this.#pong(payload)),
      // Behind the tasks of the messages so far, so that what their listeners send goes out first.
      answering: (answer) => {
        setImmediate(answer);
        return true;
      },
      closing: () => setImmediate(() => this.#closingStarted()),
      closed: (end) => setImmediate(() => this.#closed(end)),
      drained: () => {},
    });
    this.#outbox = new Outbox(
      this.#session,
      resolved.settings.limits.maxBufferedAmount,
      (cause) => this.#session.fail(failure('BLOB_UNREADABLE', { cause })),
      setImmediate,
    );
  }

  get url(): string {
    return this.#url.href;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** Bytes of payload given to `send` that have not left the process. Nothing of what waits at the end is taken away. */
  get bufferedAmount(): number {
    return this.#outbox.bufferedAmount;
  }

  get extensions(): string {
    return this.#extensions;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    // Web IDL: an attribute ignores what is not of its enumeration.
    const current = this.#binaryType;
    const text = toDOMString(value);
    this.#binaryType = text === 'blob' || text === 'arraybuffer' ? text : current;
  }

  /**
   * Sends a message: a string as text; an ArrayBuffer, a view of one or a Blob as binary; anything else as the text that
   * it converts to. Once the connection is closing or closed this only counts into `bufferedAmount`.
   * @throws DOMException of the name InvalidStateError while connecting
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    // biome-ignore lint/complexity/noArguments: nothing else tells an argument left out from `undefined`
    requireArguments(1, arguments.length, 'send');
    const message = toMessageData(data, true);
    if (this.#readyState === CONNECTING)
      throw new DOMException('The WebSocket is still connecting', 'InvalidStateError');
    if (this.#outbox.send(message, sizeOf(message))) return;
    // "Flag the WebSocket as full", then close the connection.
    this.#session.fail(violationFailure(new ConnectionError('OUTPUT_LIMIT')));
  }

  /**
   * Closes the connection after all that was sent.
   * @param code 1000 or 3000 to 4999
   * @param reason for people to read, at most 123 bytes of UTF-8
   * @throws DOMException of the name InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const outbox = this.#outbox;
    const closeCode = code === undefined ? undefined : toClampedUnsignedShort(code);
    const closeReason = reason === undefined ? '' : toUSVString(reason);
    assertClose(closeCode, closeReason);
    if (this.#readyState === CLOSING || this.#readyState === CLOSED) return;
    if (this.#readyState === CONNECTING) {
      this.#session.fail(failure('CLOSED_BEFORE_OPEN'));
    } else {
      outbox.afterAll(() => this.#session.close(codeFor(closeCode, closeReason), closeReason));
    }
    this.#readyState = CLOSING;
    outbox.close();
  }

  // --- beyond the standard ----------------------------------------------------------------------------------------

  /** The server's answer to the opening handshake, once open. */
  get handshake(): Handshake | undefined {
    return this.#handshake;
  }

  /** What carries it, once open. A tunnel may find another way later. */
  get transport(): Transport | undefined {
    return this.#readyState === CONNECTING ? undefined : this.#session.transport;
  }

  /** Why the connection failed: what its `error` and `close` events carry, too. */
  get failure(): WebSocketFailure | undefined {
    return this.#failure;
  }

  /**
   * Sends a Ping frame. Its answer is a `pong` event. Does nothing once the connection is closing.
   * @throws TypeError for a payload that is neither text nor bytes; RangeError for one of more than 125 bytes
   * @throws DOMException of the name InvalidStateError while connecting
   */
  ping(payload: string | Uint8Array = ''): void {
    if (this.#readyState === CONNECTING)
      throw new DOMException('The WebSocket is still connecting', 'InvalidStateError');
    this.#session.ping(payload);
  }

  /** Drops the connection without a closing handshake; what has not been sent is lost. */
  terminate(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSING;
    this.#outbox.close();
    this.#session.fail(failure('TERMINATED'));
  }

  // --- the tasks: https://websockets.spec.whatwg.org/#feedback-from-the-protocol ------------------------------------

  #opened({ handshake, subprotocol, extensions }: Opened): void {
    if (this.#readyState !== CONNECTING) return;
    this.#readyState = OPEN;
    this.#extensions = extensions;
    this.#protocol = subprotocol;
    this.#handshake = handshake;
    this.dispatchEvent(new Event('open'));
  }

  #received(data: string | Uint8Array): void {
    if (this.#readyState !== OPEN) return;
    this.#dispatchMessage('message', typeof data === 'string' ? data : this.#inBinaryType(data));
  }

  #pong(payload: Uint8Array): void {
    if (this.#readyState === OPEN) this.#dispatchMessage('pong', toArrayBuffer(payload));
  }

  #closingStarted(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING;
    this.#outbox.close();
  }

  #closed({ code, reason, wasClean, failure }: SessionEnd): void {
    this.#readyState = CLOSED;
    this.#outbox.freeze();
    this.#failure = failure;
    if (!wasClean) this.dispatchEvent(withFailure(new Event('error'), failure));
    this.dispatchEvent(withFailure(new CloseEvent('close', { wasClean, code, reason }), failure));
  }

  #dispatchMessage(type: 'message' | 'pong', data: unknown): void {
    this.dispatchEvent(new TaggedMessageEvent(type, { data, origin: this.#url.origin }));
  }

  #inBinaryType(data: Uint8Array): Blob | ArrayBuffer {
    return this.#binaryType === 'blob' ? new Blob([toArrayBuffer(data)]) : toArrayBuffer(data);
  }

  static {
    defineHandlers(WebSocket.prototype, ['open', 'message', 'error', 'close'], (socket) => socket.#handlers);
  }
}

exposeInterface('WebSocket', WebSocket.prototype, [
  'url',
  'readyState',
  'bufferedAmount',
  'extensions',
  'protocol',
  'close',
  'binaryType',
  'send',
]);
exposeReadyStates(WebSocket);

function sizeOf(data: string | Uint8Array | Blob): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return data instanceof Blob ? data.size : data.byteLength;
}

/** Never a piece of a larger buffer: what else is in that is nobody's business. */
function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return buffer;
  const copy = new ArrayBuffer(byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
