import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Deadlines, nodePlatform } from '@tidewire/node';
import {
  acceptRequest,
  asksForWebSocket,
  HeaderList,
  type OpeningChoice,
  type OpeningRequest,
  type OpeningResult,
  readOpeningHeaders,
  readRequest,
} from '@tidewire/protocol';
import type { Exchange } from './exchange.ts';
import { type Rejection, sendRefusal } from './refusal.ts';

/** A request of HTTP/1.1 with an Upgrade header. The whole connection becomes the WebSocket (RFC 6455, 4.2). */
export class Http1Exchange implements Exchange {
  readonly incoming: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Uint8Array;
  readonly #headers: HeaderList;
  readonly #said;

  constructor(incoming: IncomingMessage, stream: Duplex, head: Uint8Array) {
    this.incoming = incoming;
    this.stream = stream;
    this.head = head;
    this.#headers = new HeaderList(incoming.rawHeaders);
    this.#said = readOpeningHeaders(this.#headers);
  }

  /** Whether the upgrade is to a WebSocket, in a valid way or not. */
  get asksForWebSocket(): boolean {
    return asksForWebSocket(this.#said);
  }

  read(): OpeningResult {
    const { method = '', httpVersion, url: target = '' } = this.incoming;
    return readRequest({ method, httpVersion, target, headers: this.#headers }, this.#said);
  }

  accept(opening: OpeningRequest, choice: OpeningChoice): string {
    const { stream } = this;
    const response = acceptRequest(opening, nodePlatform, choice);
    if (stream instanceof Socket) {
      // A server's `timeout` is for requests: this is none any more.
      if (stream.timeout) stream.setTimeout(0);
      stream.setNoDelay(true);
    }
    return response;
  }

  refuse(rejection: Rejection, deadlines: Deadlines, timeout: number): void {
    sendRefusal(this.stream, rejection, deadlines, timeout);
  }
}
