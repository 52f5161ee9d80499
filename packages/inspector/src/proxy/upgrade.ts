import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Inspector } from '../inspector.ts';
import type { ConnectionRecord, HeaderPairs } from '../recording/index.ts';
import { answer, endLater, hasBody, headOf } from './answers.ts';
import { forTarget, type OriginChange, pairsOf, pathOf } from './headers.ts';
import { pipeStreams } from './pipe-streams.ts';
import { reasonOf, type Target } from './target.ts';

// One opening handshake, passed on to the target as it came but for Host and perhaps Origin, and its answer passed back.

export interface UpgradeOptions {
  readonly inspector: Inspector;
  readonly target: Target;
  /** What the proxy speaks: `http` or `https`. */
  readonly scheme: string;
  readonly origin: OriginChange;
  /** How long the target has to answer, in milliseconds. */
  readonly timeout: number;
}

/** What the target is asked. */
interface PassedOn {
  readonly path: string;
  readonly headers: HeaderPairs;
  readonly request: ClientRequest;
}

export class Upgrade {
  readonly #options: UpgradeOptions;
  readonly #client: Duplex;
  readonly #head: Uint8Array;
  readonly #timer: NodeJS.Timeout;
  readonly #request: ClientRequest;
  readonly #record: ConnectionRecord | undefined;
  #isSettled = false;

  /** Answers a request that cannot be passed on; passes others on. */
  static begin(incoming: IncomingMessage, client: Duplex, head: Uint8Array, options: UpgradeOptions): void {
    client.on('error', () => {});
    const path = pathOf(incoming.url ?? '');
    const isForWebSocket = incoming.headers.upgrade?.toLowerCase() === 'websocket';
    if (!isForWebSocket) {
      answer(client, 400, 'Bad Request', 'Only upgrades to websocket are passed on');
      return;
    }
    // A body would be taken for frames, here or there.
    if (hasBody(incoming)) {
      answer(client, 400, 'Bad Request', 'The request for a WebSocket has a body');
      return;
    }
    if (path === undefined || incoming.method !== 'GET') {
      answer(client, 400, 'Bad Request', 'This is no request for a WebSocket');
      return;
    }
    const { target, scheme, origin } = options;
    const headers = forTarget(pairsOf(incoming.rawHeaders), target, scheme, origin);
    let request: ClientRequest;
    try {
      request = target.request(incoming.method, path, headers.flat());
    } catch {
      // Node does not send every header that it takes: a Trailer, say, where there is no body.
      answer(client, 400, 'Bad Request', 'This request cannot be passed on');
      return;
    }
    new Upgrade(incoming, { path, headers, request }, client, head, options);
  }

  private constructor(
    incoming: IncomingMessage,
    { path, headers, request }: PassedOn,
    client: Duplex,
    head: Uint8Array,
    options: UpgradeOptions,
  ) {
    const { inspector, target, timeout } = options;
    this.#options = options;
    this.#client = client;
    this.#head = head;
    const { httpVersion, method = 'GET' } = incoming;
    this.#record = inspector.asked({
      url: `${target.webSocketOrigin}${path}`,
      source: target.webSocketOrigin,
      from: incoming.socket.remoteAddress,
      request: { method, httpVersion, headers },
    });
    this.#timer = setTimeout(() => this.#fail('no answer came in time'), timeout);
    client.once('close', this.#clientLeft);
    this.#request = request;
    this.#request.maxHeadersCount = 0;
    this.#request.on('upgrade', (response, server, fromServer) => this.#opened(response, server, fromServer));
    this.#request.on('response', (response) => this.#refused(response));
    this.#request.on('error', (error) => this.#fail(reasonOf(error)));
    this.#request.end();
  }

  readonly #clientLeft = () => {
    if (!this.#settle()) return;
    if (this.#record)
      this.#options.inspector.failed(this.#record, 'client', 'The client left before there was an answer');
    this.#request.destroy();
  };

  #opened(response: IncomingMessage, server: Duplex, fromServer: Uint8Array): void {
    if (!this.#settle()) {
      server.destroy();
      return;
    }
    const { statusCode: status = 101, statusMessage = '' } = response;
    const headers = pairsOf(response.rawHeaders);
    const client = this.#client;
    client.write(headOf(status, statusMessage, headers));
    const ends = { client, server, fromClient: this.#head, fromServer };
    if (this.#record === undefined) pipeStreams(ends);
    else this.#options.inspector.opened(this.#record, { status, headers }, ends);
  }

  /** Any other answer is passed on with its body. */
  #refused(response: IncomingMessage): void {
    if (!this.#settle()) return;
    const { statusCode: status = 502, statusMessage = '' } = response;
    const headers = pairsOf(response.rawHeaders);
    if (this.#record) {
      const { inspector } = this.#options;
      inspector.failed(this.#record, 'server', `The server answered ${status}`, { status, headers });
    }
    const client = this.#client;
    // The body ends with the connection.
    client.write(headOf(status, statusMessage, [...withoutEnd(headers), ['Connection', 'close']]));
    response.on('error', () => client.destroy());
    client.once('close', () => response.destroy());
    response.pipe(client);
    response.once('end', () => endLater(client));
  }

  #fail(why: string): void {
    if (!this.#settle()) return;
    const { inspector, target } = this.#options;
    if (this.#record) inspector.failed(this.#record, 'server', `The server could not be reached: ${why}`);
    answer(this.#client, 502, 'Bad Gateway', `The inspector got no answer from ${target.webSocketOrigin}: ${why}`);
    this.#request.destroy();
  }

  /** Returns whether nothing had come of it yet. */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#client.off('close', this.#clientLeft);
    return true;
  }
}

/** Without what says where a body ends, and what becomes of the connection then. */
function withoutEnd(headers: HeaderPairs): HeaderPairs {
  const own = new Set(['connection', 'keep-alive', 'transfer-encoding', 'trailer', 'upgrade']);
  return headers.filter(([name]) => !own.has(name.toLowerCase()));
}
