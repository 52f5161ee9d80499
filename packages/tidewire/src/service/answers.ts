import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HandshakeRecord, HeaderPairs } from './handshakes.ts';

// Whatever answers an upgrade, an endpoint or who refuses it, writes the head of the response to the connection first.
// That is where it is read from, so that what is recorded is what was sent.

/** Calls `record` with the request and what it is answered with, if it is answered. */
export function recordAnswer(
  request: IncomingMessage,
  stream: Duplex,
  record: (record: HandshakeRecord) => void,
): void {
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
