import { type Disconnect, disconnectCodes, type OutletResult } from '@tidewire/hub';
import { Alarm, type Deadlines } from '@tidewire/node';
import type { PreparedBatch } from '@tidewire/protocol';
import type { Line } from '../line.ts';
import { headersFor, ignore, type Response } from './http.ts';

// What the server says, as the answer to a request that does not end while the session lasts.

/** How messages are told apart in a stream. */
export interface Framing {
  readonly transport: string;
  readonly contentType: string;
  frame(message: string): string;
}

/** A stream of lines, read from a fetch. */
export const httpStream: Framing = {
  transport: 'http_stream',
  contentType: 'application/json',
  frame: (message) => `${message}\n`,
};

/** Server-sent events, for a browser's EventSource: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents: Framing = {
  transport: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  frame: (message) => `data: ${message.replaceAll('\n', '\ndata: ')}\n\n`,
};

/** Bytes that may wait for a client whatever its queues allow. */
const MAX_BUFFERED = 16 * 1024 * 1024;

/** What a batch is in a framing: the same for all that get it. */
const framed = new Map<Framing, WeakMap<PreparedBatch, Uint8Array>>();

export interface StreamLineOptions {
  readonly framing: Framing;
  /** Of the page that reads the stream. */
  readonly origin: string | undefined;
  /** What tells the client why it is sent away. */
  farewell(disconnect: Disconnect): string;
  readonly deadlines: Deadlines;
  /** Milliseconds that a client has to take the last of it; `Infinity`: all it wants. */
  readonly closeTimeout: number;
}

export class StreamLine implements Line {
  readonly #response: Response;
  readonly #options: StreamLineOptions;
  readonly #cut: Alarm;
  #isClosed = false;

  /**
   * Begins the answer.
   * @param gone called once, when the client or the stream is gone
   * @param drained called when everything has left that `send` said to be buffered
   */
  constructor(response: Response, options: StreamLineOptions, gone: () => void, drained: () => void) {
    this.#response = response;
    this.#options = options;
    this.#cut = new Alarm(() => response.destroy());
    response.on('error', ignore);
    response.on('drain', drained);
    response.on('close', () => {
      this.#isClosed = true;
      options.deadlines.clear(this.#cut);
      gone();
    });
    response.writeHead(200, headersFor(options.origin, { 'Content-Type': options.framing.contentType }));
    response.flushHeaders?.();
  }

  get transport(): string {
    return this.#options.framing.transport;
  }

  get bufferedAmount(): number {
    return this.#isClosed ? 0 : this.#response.writableLength;
  }

  send(message: string): OutletResult | 'refused' {
    return this.#write(this.#options.framing.frame(message));
  }

  sendBatch(batch: PreparedBatch): OutletResult | 'refused' {
    return this.#write(frameBatch(batch, this.#options.framing));
  }

  close(disconnect: Disconnect): void {
    if (this.#isClosed) return;
    // Who does not read cannot be told, and there is enough that waits for it.
    if (disconnect.code !== disconnectCodes.SLOW.code) this.send(this.#options.farewell(disconnect));
    this.#isClosed = true;
    this.#response.end();
    const { deadlines, closeTimeout } = this.#options;
    if (Number.isFinite(closeTimeout)) deadlines.set(this.#cut, closeTimeout);
  }

  #write(chunk: string | Uint8Array): OutletResult | 'refused' {
    if (this.#isClosed) return 'closed';
    if (this.#response.writableLength > MAX_BUFFERED) return 'refused';
    return this.#response.write(chunk) ? 'written' : 'buffered';
  }
}

function frameBatch(batch: PreparedBatch, framing: Framing): Uint8Array {
  const known = framed.get(framing) ?? new WeakMap<PreparedBatch, Uint8Array>();
  framed.set(framing, known);
  const text = () => batch.messages.map(({ payload }) => framing.frame(Buffer.from(payload).toString())).join('');
  const bytes = known.get(batch) ?? Buffer.from(text());
  known.set(batch, bytes);
  return bytes;
}
