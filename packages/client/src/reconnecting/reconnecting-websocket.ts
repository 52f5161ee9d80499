import { assertClose } from '../close-arguments.ts';
import { defineHandlers, EventHandlers, type HandlerOf, TypedEventTarget } from '../event-handlers.ts';
import { exposeReadyStates, OPEN } from '../ready-states.ts';
import { Attempt, type LostConnection, type UrlSource } from './attempt.ts';
import { type ReconnectingEventMap as EventMap, ReconnectingEvent } from './events.ts';
import { hintOf, LONGEST_WAIT } from './hint.ts';
import {
  type ReconnectingWebSocketOptions,
  type ResolvedReconnectingOptions,
  resolveReconnectingOptions,
  type WebSocketLike,
} from './options.ts';
import { payloadSize, type Sendable, SendQueue, toSendable } from './queue.ts';
import { ABNORMAL, Reconnection } from './reconnection.ts';
import { type ReconnectingAction, type ReconnectingState, reconnectingReadyStates } from './states.ts';
import type { Surroundings } from './surroundings.ts';
import type { Wiring } from './wiring.ts';

// A WebSocket that comes back: the shell around `Reconnection`, which decides, and around one connection at a time, which
// any class with the API of the standard makes. It has that API itself, so that it drops in where a WebSocket is wanted.
// Nothing here knows of Node or of a browser: `Wiring` brings what differs.

export type BinaryType = 'blob' | 'arraybuffer';

type Handler<E extends Event> = HandlerOf<ReconnectingWebSocketBase, E>;

export class ReconnectingWebSocketBase extends TypedEventTarget<ReconnectingWebSocketBase, EventMap> {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: Handler<EventMap['open']>;
  declare onmessage: Handler<EventMap['message']>;
  declare onerror: Handler<EventMap['error']>;
  declare onclose: Handler<EventMap['close']>;
  declare onreconnecting: Handler<EventMap['reconnecting']>;
  declare onstatechange: Handler<EventMap['statechange']>;

  readonly #wiring: Wiring;
  readonly #source: UrlSource;
  readonly #protocols: string[];
  readonly #options: ResolvedReconnectingOptions;
  readonly #reconnection: Reconnection;
  readonly #queue: SendQueue;
  readonly #surroundings: Surroundings;
  readonly #stopWatching: () => void;
  readonly #handlers = new EventHandlers(this);
  #binaryType: BinaryType = 'blob';
  #attempt: Attempt | undefined;
  #timer: unknown;
  #url = '';
  #announced: ReconnectingState = 'connecting';
  #lost: LostConnection = ABNORMAL;
  #closeWith: [code: number | undefined, reason: string | undefined] = [undefined, undefined];
  /** Payload given to `send` when it was too late, in bytes. */
  #discarded = 0;

  constructor(
    wiring: Wiring,
    url: UrlSource,
    protocols: string | readonly string[] | undefined = [],
    options: ReconnectingWebSocketOptions | undefined = {},
  ) {
    super();
    this.#wiring = wiring;
    this.#source = url;
    this.#protocols = [protocols].flat();
    this.#options = resolveReconnectingOptions(options);
    const { clock, maxQueuedMessages, maxQueuedBytes, whenQueueFull, whileHidden } = this.#options;
    this.#queue = new SendQueue(maxQueuedMessages, maxQueuedBytes, whenQueueFull);
    this.#reconnection = new Reconnection(this.#options, clock.now());
    this.#surroundings = wiring.surroundings(whileHidden, () =>
      URL.canParse(this.#url) ? new URL(this.#url).hostname : undefined,
    );
    this.#attempt = this.#begin(url);
    this.#stopWatching = this.#surroundings.watch((what) => {
      this.#do(what === 'hindered' ? this.#reconnection.hindered() : this.#reconnection.encouraged(clock.now()));
    });
    this.#setTimer();
  }

  // --- the API of the standard -------------------------------------------------------------------------------------

  /** That of the connection, or of the last one; empty until the first one is begun. */
  get url(): string {
    return this.#url;
  }

  /** CONNECTING until the first connection is open, and whenever there is none; CLOSED when there will be none. */
  get readyState(): 0 | 1 | 2 | 3 {
    return reconnectingReadyStates[this.state];
  }

  /** Bytes of payload given to `send` that have not left the process. What a lost connection had of them is lost. */
  get bufferedAmount(): number {
    return this.#queue.size + this.#discarded + (this.#socket?.bufferedAmount ?? 0);
  }

  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  get extensions(): string {
    return this.#socket?.extensions ?? '';
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    if (value !== 'blob' && value !== 'arraybuffer') return;
    this.#binaryType = value;
    if (this.#socket !== undefined) this.#socket.binaryType = value;
  }

  /**
   * Sends a message, or queues it while there is no connection.
   * @throws DOMException of the name QuotaExceededError if there is no room in the queue, unless `whenQueueFull` says
   *   otherwise
   */
  send(data: Sendable): void {
    const { state } = this;
    const socket = this.#socket;
    // The connection may have begun to close by itself.
    const message = toSendable(data);
    if (state === 'open' && socket?.readyState === OPEN) socket.send(message);
    else if (state === 'closing' || state === 'closed') this.#discarded += payloadSize(message);
    else this.#queue.add(message);
  }

  /**
   * Closes the connection, if there is one, and begins no other. What is queued is dropped.
   * @param code 1000 or 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   * @throws DOMException of the name InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code?: number, reason?: string): void {
    assertClose(code, reason ?? '');
    this.#closeWith = [code, reason];
    this.#do(this.#reconnection.close());
  }

  // --- beyond the standard -----------------------------------------------------------------------------------------

  get state(): ReconnectingState {
    return this.#reconnection.state;
  }

  /** How many messages were given up because there was no room in the queue. */
  get droppedMessages(): number {
    return this.#queue.dropped;
  }

  get #socket(): WebSocketLike | undefined {
    return this.#attempt?.socket;
  }

  #begin(source: UrlSource): Attempt {
    const { WebSocket = this.#wiring.WebSocket, webSocketOptions, clock } = this.#options;
    const create = (url: string | URL): WebSocketLike => {
      const more = webSocketOptions === undefined ? [] : [webSocketOptions];
      const socket: WebSocketLike = Reflect.construct(WebSocket, [url, this.#protocols, ...more]);
      socket.binaryType = this.#binaryType;
      this.#url = socket.url;
      return socket;
    };
    return new Attempt(source, create, {
      opened: () => this.#do(this.#reconnection.opened(clock.now())),
      message: (data, origin) => this.dispatchEvent(new this.#wiring.MessageEvent('message', { data, origin })),
      ended: (ending) => this.#ended(ending),
    });
  }

  #ended(ending: LostConnection): void {
    this.#lost = ending;
    this.#do(this.#reconnection.lost(ending, hintOf(ending, Date.now()), this.#options.clock.now()));
  }

  #elapsed(): void {
    this.#lost = ABNORMAL;
    this.#do(this.#reconnection.elapsed(this.#options.clock.now()));
  }

  /** What the table says. The program is told when all else is done. */
  #do(actions: readonly ReconnectingAction[]): void {
    for (const action of actions) this.#perform(action);
    this.#setTimer();
    const { state } = this;
    if (this.#announced !== state) {
      this.#announced = state;
      this.dispatchEvent(new Event('statechange'));
    }
    for (const action of actions) {
      // What was told before may have made the program close it.
      if (this.state === state) this.#tell(action);
    }
    if (this.state === 'waiting' && this.#surroundings.isHindered()) this.#do(this.#reconnection.hindered());
  }

  #perform(action: ReconnectingAction): void {
    const source = this.#source;
    if (action === 'connect') {
      // Whatever is thrown from now on is an attempt that failed.
      this.#attempt = this.#begin(typeof source === 'function' ? source : () => source);
    } else if (action === 'release') {
      this.#attempt?.giveUp();
      this.#attempt = undefined;
    } else if (action === 'close') {
      if (this.#attempt !== undefined) this.#attempt.close(...this.#closeWith);
      else queueMicrotask(() => this.#ended(ABNORMAL));
    }
  }

  #tell(action: ReconnectingAction): void {
    if (action === 'tellOpen') this.dispatchEvent(new Event('open'));
    else if (action === 'flush') this.#flush();
    else if (action === 'tellReconnecting') this.#tellReconnecting();
    else if (action === 'tellClosed') this.#tellClosed();
  }

  /** What the listeners of `open` have sent, such as a login, goes before what was queued. */
  #flush(): void {
    const isOpen = () => this.state === 'open' && this.#socket?.readyState === OPEN;
    this.#queue.drain(isOpen, (data) => this.#socket?.send(data));
  }

  #tellReconnecting(): void {
    const { attempt, due } = this.#reconnection;
    const delay = Math.max(0, due - this.#options.clock.now());
    this.dispatchEvent(new ReconnectingEvent(attempt, delay, this.#lost));
  }

  #tellClosed(): void {
    const { code, reason, wasClean, failure } = this.#lost;
    this.#stopWatching();
    this.#discarded += this.#queue.clear();
    const withFailure = <E extends Event>(event: E): E =>
      failure === undefined ? event : Object.defineProperty(event, 'failure', { value: failure });
    if (!wasClean) this.dispatchEvent(withFailure(new Event('error')));
    this.dispatchEvent(withFailure(new this.#wiring.CloseEvent('close', { code, reason, wasClean })));
  }

  #setTimer(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const { due } = this.#reconnection;
    if (due === Number.POSITIVE_INFINITY) return;
    // What comes too early, or cannot be waited for at once, is waited for again.
    const delay = Math.min(LONGEST_WAIT, Math.max(0, Math.ceil(due - clock.now())));
    this.#timer = clock.setTimeout(() => this.#elapsed(), delay);
  }

  static {
    const types = ['open', 'message', 'error', 'close', 'reconnecting', 'statechange'];
    defineHandlers(ReconnectingWebSocketBase.prototype, types, (socket) => socket.#handlers);
    exposeReadyStates(ReconnectingWebSocketBase);
  }
}
