import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { Alarm, type Deadlines, nodePlatform } from '@tidewire/node';
import {
  acceptRequest,
  type Header,
  HeaderList,
  isHost,
  isTarget,
  type OpeningChoice,
  type OpeningRequest,
  type OpeningResult,
  refuse,
} from '@tidewire/protocol';
import type { Exchange } from '../exchange.ts';
import type { RefusedReason, Rejection } from '../refusal.ts';
import { addHeaders, begin } from './answers.ts';
import type { Reply } from './reply.ts';
import type { TunnelStream } from './tunnel-stream.ts';

/** What a request says that opens a tunnel. */
export interface TunnelOpening {
  readonly incoming: IncomingMessage;
  readonly response: Reply;
  /** Without the tunnel's parameter. */
  readonly target: string;
  readonly host: string;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
}

const NOTHING = new Uint8Array(0);

/** The opening of a tunnel, which stands for a handshake. */
export class TunnelExchange implements Exchange {
  readonly incoming: IncomingMessage;
  readonly stream: TunnelStream;
  readonly head = NOTHING;
  readonly #opening: TunnelOpening;
  readonly #accepted: (subprotocol: string) => string;
  /** What was to be said if the opening could be accepted. */
  #chosen: readonly Header[] = [];

  /** @param accepted makes the stream a session, and returns what is to be answered */
  constructor(opening: TunnelOpening, stream: TunnelStream, accepted: (subprotocol: string) => string) {
    this.incoming = opening.incoming;
    this.stream = stream;
    this.#opening = opening;
    this.#accepted = accepted;
    // For what else the application may ask about the request.
    opening.incoming.url = opening.target;
    opening.response.on('close', () => {
      // A client that is gone before there is a decision, or before it has been told. Over HTTP/2 Node says that a response
      // which was never begun has left whole.
      if (!opening.response.headersSent || !opening.response.writableFinished) stream.destroy();
    });
  }

  read(): OpeningResult {
    const { target, host, origin, subprotocols, incoming } = this.#opening;
    // The application is told a URL that is made of these: it has to be the one by which the endpoint was found.
    if (!isTarget(target)) return { ok: false, refusal: refuse('REQUEST_TARGET') };
    if (!isHost(host)) return { ok: false, refusal: refuse('HOST') };
    const headers = new HeaderList(incoming.rawHeaders);
    const opening: OpeningRequest = {
      version: 13,
      key: '',
      host,
      target,
      origin,
      subprotocols,
      extensions: [],
      headers,
    };
    return { ok: true, opening };
  }

  accept(opening: OpeningRequest, choice: OpeningChoice): string {
    // What cannot be answered to a handshake cannot be answered here: the same rules, and the same errors.
    acceptRequest(opening, nodePlatform, choice);
    const { response, origin } = this.#opening;
    const body = this.#accepted(choice.subprotocol ?? '');
    this.#chosen = choice.headers ?? [];
    begin(response, 200, 'application/json', origin);
    addHeaders(response, this.#chosen);
    response.end(body);
    return '';
  }

  refuse(rejection: Rejection, deadlines: Deadlines, timeout: number, reason: RefusedReason): void {
    const { response, origin } = this.#opening;
    const { status, headers, body } = rejection;
    // What the application refuses is said as it says it. It is asked only about origins that are allowed.
    const isChosen = reason === 'REJECTED';
    for (const [name] of this.#chosen) response.removeHeader(name);
    begin(response, status, isChosen ? '' : 'application/json', isChosen ? origin : undefined);
    addHeaders(response, isChosen ? headers : headers.filter(isNoType));
    const cut = new Alarm(() => response.destroy());
    if (Number.isFinite(timeout)) deadlines.set(cut, timeout);
    response.on('close', () => deadlines.clear(cut));
    this.stream.destroy();
    try {
      response.end(isChosen ? body : JSON.stringify({ error: { code: reason, message: STATUS_CODES[status] } }));
    } catch {
      // HTTP/2 takes some headers once only.
      response.destroy();
    }
  }
}

function isNoType([name]: Header): boolean {
  return name.toLowerCase() !== 'content-type';
}
