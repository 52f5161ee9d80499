import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { HandshakeRecord, Handshakes, HeaderPairs } from './handshakes.ts';
import { onSession, type ServiceServer } from './listening.ts';

// Whatever answers an upgrade, an endpoint or who refuses it, writes the head of the response to the connection first.
// That is where it is read from, so that what is recorded is what was sent. Over HTTP/2 it is what the stream is told to
// respond with.

/** Keeps the handshakes that want to be kept. To be called before there is an endpoint on the server. */
export function recordAnswers(server: ServiceServer, handshakes: Handshakes): void {
  const record = (kept: HandshakeRecord) => handshakes.keep(kept);
  server.on('upgrade', (request: IncomingMessage, stream: Duplex) => {
    if (handshakes.wants(request)) recordAnswer(request, stream, record);
  });
  onSession(server, (session) => {
    const note = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, fields: string[]) => {
      const { ':protocol': protocol, ':path': url = '', ':method': method = '' } = headers;
      if (protocol === undefined || !handshakes.wants({ url })) return;
      const { remoteAddress = '' } = session.socket;
      const request = pairs(fields);
      onRespond(stream, (response) => record({ method, url, httpVersion: '2.0', remoteAddress, request, response }));
    };
    // In front of Node's own listener, which hands the stream on.
    session.prependListener('stream', note);
  });
}

/** Calls `record` with the request and what it is answered with, if it is answered. */
function recordAnswer(request: IncomingMessage, stream: Duplex, record: (record: HandshakeRecord) => void): void {
  onFirstWrite(stream, (head) => {
    const response = parseHead(head);
    if (response === undefined) return;
    record({
      method: request.method ?? '',
      url: request.url ?? '',
      httpVersion: request.httpVersion,
      remoteAddress: request.socket.remoteAddress ?? '',
      request: pairs(request.rawHeaders),
      response,
    });
  });
}

function onFirstWrite(stream: Duplex, seen: (head: string) => void): void {
  for (const method of ['write', 'end'] as const) {
    const original: unknown = stream[method];
    if (typeof original !== 'function') continue;
    const once = (...args: unknown[]): unknown => {
      for (const name of ['write', 'end']) Reflect.deleteProperty(stream, name);
      const [chunk] = args;
      if (typeof chunk === 'string') seen(chunk);
      else if (chunk instanceof Uint8Array) seen(Buffer.from(chunk).toString('latin1'));
      return Reflect.apply(original, stream, args);
    };
    Object.defineProperty(stream, method, { configurable: true, value: once });
  }
}

function onRespond(stream: ServerHttp2Stream, seen: (response: HandshakeRecord['response']) => void): void {
  const respond: unknown = stream.respond;
  if (typeof respond !== 'function') return;
  const once = (...args: unknown[]): unknown => {
    Reflect.deleteProperty(stream, 'respond');
    const [fields] = args;
    const all = Object.entries(typeof fields === 'object' && fields !== null ? fields : {});
    const named = all.filter(([name]) => !name.startsWith(':'));
    const headers = named.flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)] as const));
    seen({ status: Number(Object.fromEntries(all)[':status']), headers });
    return Reflect.apply(respond, stream, args);
  };
  Object.defineProperty(stream, 'respond', { configurable: true, value: once });
}

function parseHead(text: string): HandshakeRecord['response'] | undefined {
  const [statusLine = '', ...lines] = text.split('\r\n\r\n', 1).join('').split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(status), headers };
}

function pairs(rawHeaders: readonly string[]): HeaderPairs {
  const list: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return list;
}
