import { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Alarm, cancelHttp2Stream, type Deadlines } from '@tidewire/node';
import {
  acceptConnect,
  type Header,
  HeaderList,
  type OpeningChoice,
  type OpeningRequest,
  type OpeningResult,
  readConnect,
  withoutConnectionHeaders,
} from '@tidewire/protocol';
import type { Exchange } from './exchange.ts';
import { ignore, type Rejection } from './refusal.ts';

const NOTHING = new Uint8Array(0);

/** RFC 9113, 7. */
const INTERNAL_ERROR = 0x2;

/** A request of HTTP/2 by extended CONNECT. One stream of the connection becomes the WebSocket (RFC 8441, 4 and 5). */
export class Http2Exchange implements Exchange {
  readonly incoming: IncomingMessage;
  readonly stream: ServerHttp2Stream;
  readonly head = NOTHING;
  readonly #scheme: string;

  /**
   * @param stream that is neither closed nor destroyed
   * @param fields name, value, name, value and so on, with the pseudo-headers
   */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, fields: readonly string[]) {
    this.stream = stream;
    this.#scheme = headers[':scheme'] ?? '';
    this.incoming = toIncoming(stream, headers, fields);
  }

  read(): OpeningResult {
    const { rawHeaders, url: target = '' } = this.incoming;
    return readConnect({ scheme: this.#scheme, target, headers: new HeaderList(rawHeaders) });
  }

  accept(opening: OpeningRequest, choice: OpeningChoice): string {
    const { stream } = this;
    const headers = acceptConnect(opening, choice);
    // A client that is gone by now is found out by whoever takes the stream.
    if (!stream.closed && !stream.destroyed) stream.respond({ ':status': 200, ...grouped(headers) });
    return '';
  }

  refuse(rejection: Rejection, deadlines: Deadlines, timeout: number): void {
    const { stream } = this;
    stream.on('error', ignore);
    if (stream.closed || stream.destroyed) return;
    const cut = new Alarm(() => cancelHttp2Stream(stream));
    if (Number.isFinite(timeout)) deadlines.set(cut, timeout);
    stream.on('close', () => deadlines.clear(cut));
    closeAfterResponse(stream);
    if (!respond(stream, rejection)) stream.close(INTERNAL_ERROR);
    // Some statuses have ended it already.
    else if (!stream.writableEnded) stream.end(rejection.body);
    stream.resume();
  }
}

/** RFC 9113, 8.1: when the response is whole, RST_STREAM with NO_ERROR spares the client the rest of its request. */
export function closeAfterResponse(stream: ServerHttp2Stream): void {
  // Not in the same turn: RST_STREAM would overtake the headers of a response without a body.
  stream.on('finish', () => setImmediate(() => stream.close()));
}

/** Returns whether Node takes the headers: some of them it takes once only. */
function respond(stream: ServerHttp2Stream, { status, headers }: Rejection): boolean {
  try {
    stream.respond({ ':status': status, ...grouped(withoutConnectionHeaders(headers)) });
    return true;
  } catch {
    return false;
  }
}

/**
 * The request as one of HTTP/1.1 would look, so that what an application does with those it can do with this: no
 * pseudo-headers, and Host for `:authority` (RFC 9113, 8.3.1).
 */
export function toIncoming(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  fields: readonly string[],
): IncomingMessage {
  const { session } = stream;
  if (session === undefined) throw new TypeError('The stream is destroyed');
  const incoming = new IncomingMessage(session.socket);
  const authority = headers[':authority'];
  const raw = authority === undefined ? [] : ['host', authority];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    // A Host beside `:authority` must be the same, and otherwise counts as a second one, which is refused.
    const isKnown = name.startsWith(':') || (name === 'host' && value === authority);
    if (!isKnown) raw.push(name, value);
  }
  incoming.rawHeaders = raw;
  const { host = authority, ...others } = headers;
  incoming.headers = Object.fromEntries(Object.entries({ host, ...others }).filter(([name]) => !name.startsWith(':')));
  incoming.method = headers[':method'] ?? '';
  incoming.url = headers[':path'] ?? '';
  incoming.httpVersionMajor = 2;
  incoming.httpVersionMinor = 0;
  incoming.httpVersion = '2.0';
  incoming.complete = true;
  return incoming;
}

/** Headers in the form that Node wants for HTTP/2, where names are in lower case. */
function grouped(headers: readonly Header[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const lowerCase = name.toLowerCase();
    const before = fields[lowerCase];
    fields[lowerCase] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}
