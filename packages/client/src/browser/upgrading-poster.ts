import { MESSAGE_NUMBER_SIZE, MESSAGES_SUBPROTOCOL, MessageKind } from '@tidewire/tunnel';
import type { Poster, Posting, PostListener } from '../tunnel/poster.ts';
import { newNative, type SocketLike } from './socket-like.ts';

// The requests of a tunnel, over a WebSocket as soon as one gets through, and by HTTP otherwise: PROTOCOL.md of
// packages/tunnel, section 11. Whether the session's bytes are lost, repeated or out of order the session sees to, as when
// any other request is lost on the way: that is why it can be moved while it is used.

/** The longest wait for the next attempt, in milliseconds. */
const LONGEST_DELAY = 600_000;

export interface Upgrading {
  /**
   * How long after the beginning the first is tried, in milliseconds; after each failure it is twice as long. `Infinity`:
   * none is.
   */
  readonly delay: number;
  /** How long an attempt may take, in milliseconds. */
  readonly timeout: number;
}

export class UpgradingPoster implements Poster {
  readonly #http: Poster;
  readonly #upgrading: Upgrading;
  readonly #moved: () => void;
  readonly #listeners = new Map<number, PostListener>();
  #url = '';
  #last = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The one that is open, or is tried. */
  #socket: SocketLike | undefined;
  #isUpgraded = false;
  #isClosed = false;

  /**
   * @param http makes the requests as long as there is no WebSocket
   * @param moved is called when requests go another way: those that are under way have to be made again
   */
  constructor(http: Poster, upgrading: Upgrading, moved: () => void) {
    this.#http = http;
    this.#upgrading = upgrading;
    this.#moved = moved;
  }

  /** Whether requests go over a WebSocket. */
  get isUpgraded(): boolean {
    return this.#isUpgraded;
  }

  /** From here on a WebSocket is tried now and then. @param url that of the session, with the scheme ws or wss */
  begin(url: string): void {
    this.#url = url;
    this.#wait();
  }

  post(posting: Posting, listener: PostListener): () => void {
    const { body } = posting;
    if (!this.#isUpgraded || typeof body === 'string') return this.#http.post(posting, listener);
    this.#last++;
    const number = this.#last;
    const message = new Uint8Array(MESSAGE_NUMBER_SIZE + body.length);
    new DataView(message.buffer).setUint32(0, number);
    message.set(body, MESSAGE_NUMBER_SIZE);
    this.#listeners.set(number, listener);
    this.#socket?.send(message);
    return () => {
      // Nobody drops a request that has its answer: what is on the way passes nothing on any more.
      if (this.#listeners.delete(number)) queueMicrotask(() => this.#leave());
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    // What was sent goes out before.
    this.#socket?.close();
    this.#http.close();
  }

  #wait(): void {
    const { delay } = this.#upgrading;
    const isPossible = delay < Number.POSITIVE_INFINITY && 'WebSocket' in globalThis;
    if (this.#isClosed || !isPossible) return;
    this.#timer = setTimeout(() => this.#try(), Math.min(LONGEST_DELAY, delay * 2 ** this.#failures));
    this.#failures++;
  }

  #try(): void {
    let socket: SocketLike;
    try {
      socket = newNative(this.#url, [MESSAGES_SUBPROTOCOL]);
    } catch {
      // A page's policy may forbid it, or somebody has taken the class away.
      this.#wait();
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#timer = setTimeout(() => socket.close(), this.#upgrading.timeout);
    socket.addEventListener('open', () => {
      clearTimeout(this.#timer);
      this.#move(true);
    });
    socket.addEventListener('message', (event) => {
      const data: unknown = Reflect.get(event, 'data');
      if (data instanceof ArrayBuffer) this.#heard(new Uint8Array(data));
    });
    socket.addEventListener('close', () => {
      clearTimeout(this.#timer);
      this.#leave();
      this.#wait();
    });
  }

  /** Goes on by HTTP. A socket that nothing gets through may take long to close. */
  #leave(): void {
    this.#socket?.close();
    if (this.#isUpgraded) this.#move(false);
  }

  #move(isUpgraded: boolean): void {
    this.#isUpgraded = isUpgraded;
    this.#listeners.clear();
    this.#moved();
  }

  #heard(message: Uint8Array<ArrayBuffer>): void {
    const [kind] = message;
    const isRefusal = kind === MessageKind.REFUSAL;
    const start = 1 + MESSAGE_NUMBER_SIZE;
    // What is shorter answers nothing.
    if (message.length < (isRefusal ? start + 2 : start)) return;
    const view = new DataView(message.buffer);
    const number = view.getUint32(1);
    const listener = this.#listeners.get(number);
    listener?.answered(isRefusal ? view.getUint16(start) : 200, []);
    listener?.received(message.subarray(isRefusal ? start + 2 : start));
    // That it has opened was no success yet.
    this.#failures = 0;
    if (kind === MessageKind.PART) return;
    this.#listeners.delete(number);
    listener?.completed();
  }
}
