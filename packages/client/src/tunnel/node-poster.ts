import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Header } from '@tidewire/protocol';
import type { Poster, Posting, PostListener } from './poster.ts';

// The requests of a tunnel over connections of our own, so that proxies, TLS and headers are as the program wants them.

/** How long the answer is waited for that nobody waits for, in milliseconds: by then the request has left. */
const LAST_TIME = 10_000;
/** Of an answer's head, in bytes. */
const MAX_HEAD = 16 * 1024;

type Connected = (error: Error | null, socket: Duplex) => void;

/** Keeps connections for the next request, and makes new ones as it is told. */
class DialingAgent extends Agent {
  readonly #dial: () => Promise<Socket>;

  constructor(dial: () => Promise<Socket>) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(_options: unknown, connected?: Connected): undefined {
    this.#dial().then(
      (socket) => {
        // Whoever keeps a connection has to notice that the server has ended it.
        socket.allowHalfOpen = false;
        connected?.(null, socket);
      },
      // Node has no use for a socket then.
      (error) => connected?.(error, new Socket()),
    );
    return undefined;
  }
}

export class NodePoster implements Poster {
  readonly #agent: Agent;
  readonly #headers: readonly Header[];
  readonly #dialing = new AbortController();
  readonly #requests = new Set<ClientRequest>();
  #isClosed = false;

  /** @param headers of every request, beside those about its body */
  constructor(dial: (signal: AbortSignal) => Promise<Socket>, headers: readonly Header[]) {
    this.#agent = new DialingAgent(() => dial(this.#dialing.signal));
    this.#headers = headers;
  }

  post({ url, body, isLast }: Posting, listener: PostListener): () => void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const about: readonly Header[] = [
      ['Host', url.host],
      ['Content-Type', 'text/plain'],
      ['Content-Length', String(length)],
    ];
    const made = request({
      agent: this.#agent,
      method: 'POST',
      path: url.pathname + url.search,
      headers: [...about, ...this.#headers].flat(),
      setHost: false,
      maxHeaderSize: MAX_HEAD,
    });
    this.#requests.add(made);
    const timer = isLast ? setTimeout(() => made.destroy(), LAST_TIME) : undefined;
    const drop = watch(made, listener);
    made.once('close', () => {
      clearTimeout(timer);
      this.#gone(made);
    });
    made.end(body);
    return drop;
  }

  close(): void {
    this.#isClosed = true;
    this.#endWhenIdle();
  }

  #gone(made: ClientRequest): void {
    this.#requests.delete(made);
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (!this.#isClosed || this.#requests.size > 0) return;
    this.#dialing.abort();
    this.#agent.destroy();
  }
}

/** Tells the listener what becomes of a request, until it is dropped. */
function watch(made: ClientRequest, listener: PostListener): () => void {
  let isOver = false;
  const settle = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const fail = (error: unknown) => settle(() => listener.failed(error));
  made.on('error', fail);
  made.once('close', () => fail(new Error('The connection was closed')));
  made.once('response', (response: IncomingMessage) => {
    if (!isOver) listener.answered(response.statusCode ?? 0, pairs(response.rawHeaders));
    response.on('data', (chunk: Uint8Array) => {
      if (!isOver) listener.received(chunk);
    });
    response.on('end', () => settle(() => listener.completed()));
    response.on('error', fail);
  });
  return () => {
    isOver = true;
    made.destroy();
  };
}

function pairs(rawHeaders: readonly string[]): Header[] {
  const list: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) list.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return list;
}
