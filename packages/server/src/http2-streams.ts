import {
  type Http2SecureServer,
  type Http2Server,
  Http2ServerResponse,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { HttpServer } from './attachment.ts';
import { closeAfterResponse, Http2Exchange, toIncoming } from './http2-exchange.ts';
import { interceptEvents } from './interception.ts';
import { ignore } from './refusal.ts';
import type { TunnelRequest } from './tunnel/reply.ts';

// The WebSocket requests of a server of HTTP/2. That it takes them has to be announced to each client in the settings of
// its connection: SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441, 3).
//
// Node gives a new stream to all listeners for `stream`, one of which serves the plain requests and answers every CONNECT
// with 405. So whoever takes a stream has to do so before Node tells them: a listener could not keep it from the others,
// and a second answer to the same request throws.

/** RFC 9113, 7. */
const HTTP_1_1_REQUIRED = 0xd;

/** What becomes of a stream: it is taken; or left to others; or its client is told to ask again over HTTP/1.1. */
export type StreamFate = 'taken' | 'left' | 'http1';

/** Who takes streams. */
export interface StreamTakers {
  takeWebSocket(exchange: Http2Exchange): StreamFate;
  /** Takes a plain request if it is one of a tunnel, and returns whether it is. */
  takesTunnel(url: string, toRequest: () => TunnelRequest): boolean;
}

/**
 * Has the takers asked about the requests over HTTP/2, where the server speaks that, and returns what ends it. Streams
 * that have been taken stay open.
 */
export function interceptStreams(server: HttpServer, takers: StreamTakers): () => void {
  if (!isHttp2(server)) return () => {};
  const informed = new WeakSet<Http2Session>();
  // Further connections have it in their first SETTINGS frame.
  server.updateSettings({ enableConnectProtocol: true });
  const note = (session: Http2Session) => void informed.add(session);
  server.on('session', note);

  const stop = interceptEvents(server, ([name, stream, headers, , fields], pass) => {
    if (name !== 'stream' || !isStream(stream) || !isHeaders(headers) || !Array.isArray(fields)) return pass();
    if (stream.session !== undefined) inform(stream.session, informed);
    if (dispose(stream, headers, fields, takers)) return true;
    const isServed = pass();
    // RFC 9220, 3, says of HTTP/3 what makes as much sense here: 501 for a protocol that is unknown.
    if (!isServed && headers[':protocol'] !== undefined) answer(stream, 501);
    return isServed;
  });
  return () => {
    stop();
    server.updateSettings({ enableConnectProtocol: false });
    server.off('session', note);
  };
}

/** Tells the client of a connection that was there before. RFC 8441, 3: it can never be taken back. */
function inform(session: Http2Session, informed: WeakSet<Http2Session>): void {
  if (informed.has(session)) return;
  informed.add(session);
  if (!session.closed && !session.destroyed) session.settings({ enableConnectProtocol: true });
}

/** Returns whether the stream is no longer anybody else's business. */
function dispose(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  fields: readonly string[],
  takers: StreamTakers,
): boolean {
  const protocol = headers[':protocol'];
  if (protocol === undefined) return takesTunnel(stream, headers, fields, takers);
  if (typeof protocol !== 'string' || protocol.toLowerCase() !== 'websocket') return false;
  // Reset by the client as soon as it was opened.
  if (stream.closed || stream.destroyed) return true;
  const fate = takers.takeWebSocket(new Http2Exchange(stream, headers, fields));
  if (fate === 'left') return false;
  if (fate === 'http1') {
    stream.on('error', ignore);
    stream.close(HTTP_1_1_REQUIRED);
  }
  return true;
}

function takesTunnel(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  fields: readonly string[],
  takers: StreamTakers,
): boolean {
  const { ':path': path = '' } = headers;
  if (stream.closed || stream.destroyed) return false;
  return takers.takesTunnel(path, () => {
    stream.on('error', ignore);
    // What Node would make of the stream for a listener of `request`.
    const reply = new Http2ServerResponse(stream);
    return {
      incoming: toIncoming(stream, headers, fields),
      body: stream,
      reply,
      cut: () => stream.destroy(),
      isGone: () => stream.destroyed,
    };
  });
}

function answer(stream: ServerHttp2Stream, status: number): void {
  stream.on('error', ignore);
  if (stream.closed || stream.destroyed) return;
  closeAfterResponse(stream);
  stream.respond({ ':status': status }, { endStream: true });
}

function isHttp2(server: HttpServer): server is Http2Server | Http2SecureServer {
  return 'updateSettings' in server && typeof server.updateSettings === 'function';
}

function isStream(value: unknown): value is ServerHttp2Stream {
  return typeof value === 'object' && value !== null && 'respond' in value && 'session' in value;
}

function isHeaders(value: unknown): value is IncomingHttpHeaders {
  return typeof value === 'object' && value !== null;
}
