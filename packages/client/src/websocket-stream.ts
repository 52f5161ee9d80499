import type { ReadableStreamDefaultController, WritableStreamDefaultController } from 'node:stream/web';
import { ReadableStream, WritableStream } from 'node:stream/web';
import { assertSubprotocols } from './arguments.ts';
import { assertClose, codeFor } from './close-arguments.ts';
import { failure } from './failures.ts';
import type { Handshake, Opened } from './opening.ts';
import { resolveOptions, type WebSocketOptions } from './options.ts';
import { Session, type SessionEnd } from './session.ts';
import { parseTarget } from './target.ts';
import {
  exposeInterface,
  requireArguments,
  toDictionary,
  toMessageData,
  toUSVString,
  toUSVStringSequence,
} from './web-idl.ts';
import { toCloseInfo, type WebSocketCloseInfo, WebSocketError } from './websocket-error.ts';

// A WebSocket as a pair of streams, with backpressure: https://github.com/ricea/websocketstream-explainer. A message
// that nobody has read keeps the next one from being read off the network; a write waits until the network takes it.

/** Messages are read ahead until they have this many bytes (text: UTF-16 units). */
const READ_AHEAD = 64 * 1024;

export interface WebSocketStreamOptions extends WebSocketOptions {
  readonly protocols?: Iterable<string> | undefined;
}

export interface WebSocketOpenInfo {
  readonly readable: ReadableStream<string | Uint8Array>;
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  readonly protocol: string;
  readonly extensions: string;
  /** The server's answer to the opening handshake. Beyond the explainer. */
  readonly handshake: Handshake;
}

export class WebSocketStream {
  readonly #url: URL;
  readonly #session: Session;
  readonly #opened = new Deferred<WebSocketOpenInfo>();
  readonly #closed = new Deferred<Required<WebSocketCloseInfo>>();
  readonly #signal: AbortSignal | undefined;
  #isOpen = false;
  #isClosing = false;
  /** Whether it was this side that began to close. */
  #hasClosed = false;
  #readable: ReadableStreamDefaultController<string | Uint8Array> | undefined;
  #writable: WritableStreamDefaultController | undefined;
  /** The write that the network has not taken yet. */
  #pending: Deferred<void> | undefined;
  /** Whether the server began to close before it could have had all that was written. */
  #isCut = false;

  /**
   * Begins to connect.
   * @param options those of the explainer, `protocols` and `signal`, and all that WebSocket takes
   * @throws as the constructor of WebSocket does
   */
  constructor(url: string | URL, options?: WebSocketStreamOptions) {
    // biome-ignore lint/complexity/noArguments: nothing else tells an argument left out from `undefined`
    requireArguments(1, arguments.length, 'WebSocketStream');
    const urlText = toUSVString(url);
    const { protocols, ...others } = toDictionary(options, 'options') ?? {};
    const subprotocols = protocols === undefined ? [] : toUSVStringSequence(protocols, 'protocols');
    const resolved = resolveOptions(others);
    this.#url = parseTarget(urlText, resolved.baseUrl);
    assertSubprotocols(subprotocols);
    this.#signal = resolved.signal;
    this.#session = new Session(this.#url, subprotocols, resolved, {
      opened: (opened) => this.#begin(opened),
      message: (data) => this.#received(data),
      pong: () => {},
      closing: () => this.#closingStarted(),
      closed: (end) => this.#end(end),
      drained: () => this.#drained(),
    });
  }

  get url(): string {
    return this.#url.href;
  }

  /** Rejects with a WebSocketError, or with the reason of the signal, if there is no connection. */
  get opened(): Promise<WebSocketOpenInfo> {
    return this.#opened.promise;
  }

  /** Resolves after a clean close, and rejects as `opened` does after any other end. */
  get closed(): Promise<Required<WebSocketCloseInfo>> {
    return this.#closed.promise;
  }

  /**
   * Closes the connection after all that was written.
   * @throws DOMException of the name InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(closeInfo?: WebSocketCloseInfo): void {
    const { closeCode, reason } = toCloseInfo(closeInfo);
    assertClose(closeCode, reason);
    this.#close(codeFor(closeCode, reason), reason);
  }

  #close(code: number | undefined, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#hasClosed = true;
    if (this.#isOpen) this.#session.close(code, reason);
    else this.#session.fail(failure('CLOSED_BEFORE_OPEN'));
  }

  #begin({ handshake, subprotocol, extensions }: Opened): void {
    this.#isOpen = true;
    const readable = new ReadableStream<string | Uint8Array>(
      {
        start: (controller) => {
          this.#readable = controller;
        },
        pull: () => this.#session.resume(),
        cancel: (reason) => this.#closeBecause(reason),
      },
      { highWaterMark: READ_AHEAD, size: (message) => message?.length ?? 0 },
    );
    const writable = new WritableStream<string | ArrayBuffer | ArrayBufferView>({
      start: (controller) => {
        this.#writable = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: async () => {
        this.#close(undefined, '');
        await this.#closed.promise;
      },
      abort: (reason) => this.#closeBecause(reason),
    });
    this.#opened.resolve({ readable, writable, protocol: subprotocol, extensions, handshake });
  }

  #received(data: string | Uint8Array): void {
    if (this.#isClosing || this.#readable === undefined) return;
    this.#readable.enqueue(typeof data === 'string' ? data : toOwnBytes(data));
    if ((this.#readable.desiredSize ?? 0) <= 0) this.#session.pause();
  }

  async #write(chunk: unknown): Promise<void> {
    const data = toMessageData(chunk, false);
    const isSent = this.#session.send(data) !== 'closed';
    this.#session.flush();
    if (isSent && this.#session.bufferedAmount === 0) return;
    if (!isSent && !this.#hasClosed) this.#isCut = true;
    this.#pending = new Deferred();
    await this.#pending.promise;
  }

  #drained(): void {
    if (this.#isClosing && (this.#isCut || !this.#hasClosed)) return;
    this.#pending?.resolve();
    this.#pending = undefined;
  }

  #closingStarted(): void {
    // RFC 6455, 1.4: the server discards what comes after its Close frame.
    this.#isCut = !this.#isClosing && this.#pending !== undefined;
    this.#isClosing = true;
    this.#session.resume();
  }

  #closeBecause(reason: unknown): void {
    if (reason instanceof WebSocketError) this.#close(reason.closeCode ?? undefined, reason.reason);
    else this.#close(undefined, '');
  }

  #end({ code, reason, wasClean, failure: why }: SessionEnd): void {
    this.#isClosing = true;
    if (wasClean && !this.#isCut) {
      this.#closeReadable();
      this.#errorWritable(closedError());
      this.#closed.resolve({ closeCode: code, reason });
      return;
    }
    const error = why?.code === 'ABORTED' ? this.#signal?.reason : WebSocketError.from(why, code, reason);
    this.#opened.reject(error);
    this.#readable?.error(error);
    this.#errorWritable(error);
    this.#closed.reject(error);
  }

  /** A write under way takes the stream with it when it fails. */
  #errorWritable(error: unknown): void {
    if (this.#pending === undefined) this.#writable?.error(error);
    else this.#pending.reject(closedError());
  }

  #closeReadable(): void {
    try {
      this.#readable?.close();
    } catch {
      // It was cancelled.
    }
  }
}

exposeInterface('WebSocketStream', WebSocketStream.prototype, ['url', 'opened', 'closed', 'close']);

function closedError(): DOMException {
  return new DOMException('A WebSocketStream that is closed cannot be written to', 'InvalidStateError');
}

/** A promise whose rejection nobody needs to handle. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (reason: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}

/** Never a piece of a larger buffer, and a plain Uint8Array. */
function toOwnBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength === bytes.byteLength ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}
