import {
  type DeflateAgreement,
  MessageWriter,
  type PreparedBatch,
  type ReadyState,
  type SendResult,
} from '@tidewire/protocol';
import type { MessageIterator } from './iteration.ts';
import type { ClosedSocket, Origination, Session } from './session.ts';

export interface MessageOptions {
  /** `false` keeps this message from being compressed. Default `true`: it is, if that was negotiated and pays. */
  readonly compress?: boolean | undefined;
}

export interface PreparedOptions extends MessageOptions {
  /**
   * Whether nothing else is sent in this turn, so that the bytes can be written at once. That is a tenth cheaper; where it is
   * not so, each call costs a write of its own. Default `false`.
   */
  readonly isAlone?: boolean | undefined;
}

/** One WebSocket, as the application holds it. Everything is synchronous: what is sent goes out with the end of the turn. */
export class Socket<Data = undefined> {
  /** What `upgrade` has attached. */
  data: Data;
  /** What was agreed on, or the empty string. */
  readonly subprotocol: string;
  /** The path and query of the request. */
  readonly url: string;
  /** The IP address of the peer, which may be a proxy; `undefined` on a Unix socket. */
  readonly remoteAddress: string | undefined;
  readonly #session: Session<Data>;

  /** Sockets come from endpoints only. */
  constructor(session: Session<Data>, origination: Origination<Data>) {
    this.#session = session;
    this.data = origination.data;
    this.subprotocol = origination.subprotocol;
    this.url = origination.url;
    this.remoteAddress = origination.remoteAddress;
  }

  /** 0 to 3 for CONNECTING, OPEN, CLOSING, CLOSED, as in the browser's API. */
  get readyState(): ReadyState {
    return this.#session.connection.readyState;
  }

  /** What was negotiated for permessage-deflate, `undefined` if messages are not compressed. */
  get deflate(): DeflateAgreement | undefined {
    return this.#session.connection.deflate;
  }

  /** Bytes, frame headers included, that have not left the process yet. */
  get bufferedAmount(): number {
    return this.#session.connection.bufferedAmount;
  }

  /** Whether `pause` was called last, or an iteration waits for its consumer. */
  get isPaused(): boolean {
    return this.#session.isPaused;
  }

  /** Resolves when the socket is gone. Never rejects. */
  get closed(): Promise<ClosedSocket> {
    return this.#session.closed();
  }

  /**
   * Sends a message: a string as text, bytes as binary. Returns what became of it: `'written'`; `'buffered'` behind bytes
   * that the peer has not taken yet; `'refused'` because more than `maxBufferedAmount` bytes wait; `'closed'`. After
   * `'buffered'` and `'refused'` the `drain` handler tells when everything has left.
   * @param message bytes are read before this returns, but for 64 KiB and more, which must not change before they have left
   * @throws TypeError for anything else
   */
  send(message: string | Uint8Array, options?: MessageOptions): SendResult {
    return this.#session.sent(this.#session.inOrder.send(message, options));
  }

  /**
   * Sends messages that go to many sockets: their frames were put together once, and this is what each socket is handed. Returns
   * what became of all of them together, as `send` does.
   */
  sendPrepared(batch: PreparedBatch, options?: PreparedOptions): SendResult {
    const session = this.#session;
    session.host.topics.flushFor(session);
    return session.sendPrepared(batch, options, options?.isAlone === true);
  }

  /**
   * Begins a message that is sent in fragments as they are produced. Messages sent before its end come after it.
   * @throws TypeError for another type; Error if the last such message has not ended
   */
  startMessage(type: 'text' | 'binary'): MessageWriter {
    const session = this.#session;
    const writer = session.inOrder.startMessage(type);
    return new MessageWriter(type, (chunk, isLast) => session.sent(isLast ? writer.end(chunk) : writer.write(chunk)));
  }

  /**
   * Sends a Ping. Its answer comes to the `pong` handler. The heartbeat needs no help.
   * @throws TypeError if `payload` is neither text nor bytes; RangeError if it has more than 125 bytes
   */
  ping(payload?: string | Uint8Array): SendResult {
    return this.#session.sent(this.#session.inOrder.ping(payload));
  }

  /** Sends a Pong that nobody asked for (RFC 6455, 5.5.3). Throws as `ping` does. */
  pong(payload?: string | Uint8Array): SendResult {
    return this.#session.sent(this.#session.inOrder.pong(payload));
  }

  /**
   * Begins the closing handshake; what was sent before still arrives. On a socket that closes already it does nothing.
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; without it the Close frame is empty
   * @param reason for people to read, at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason; TypeError for a reason that is not a string, or has no code
   */
  close(code?: number, reason?: string): void {
    this.#session.inOrder.close(code, reason);
  }

  /** Drops the connection at once: no further message comes, the peer sees 1006, and what it was sent may be lost. */
  terminate(): void {
    this.#session.connection.abandon();
  }

  /**
   * Stops reading, so that the peer's TCP window fills: no message, ping, pong or close comes until `resume`. A socket that
   * is paused does not see the peer's answer to `close`, so it is cut by the deadline.
   */
  pause(): void {
    this.#session.pause();
  }

  resume(): void {
    this.#session.resume();
  }

  /**
   * From here on what is published under `topic` comes to this socket, until it closes.
   * @throws TypeError if `topic` is not a string
   */
  subscribe(topic: string): void {
    if (this.readyState === 1) this.#session.host.topics.subscribe(this.#session, topic);
  }

  /** Returns whether it was subscribed. */
  unsubscribe(topic: string): boolean {
    return this.#session.host.topics.unsubscribe(this.#session, topic);
  }

  isSubscribed(topic: string): boolean {
    return this.#session.topics?.has(topic) ?? false;
  }

  /**
   * The messages, one by one; the `message` handler gets none of them. Begin it in the `open` handler, before that awaits
   * anything, and no message is missed. While the consumer works, messages wait up to a bound, and behind that the peer
   * does. It ends when the socket closes; leaving it closes the socket with 1000.
   * @throws Error if the socket is iterated over already
   */
  [Symbol.asyncIterator](): MessageIterator {
    return this.#session.iterate();
  }
}
