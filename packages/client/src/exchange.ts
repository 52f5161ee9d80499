import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type Header, HeaderList } from '@tidewire/protocol';

// One HTTP/1.1 request over a socket and the answer to it, by Node's own parser.

export interface Exchange {
  readonly method: 'GET' | 'CONNECT';
  readonly target: string;
  readonly headers: readonly Header[];
}

export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  /** As UTF-8, and no more than MAX_BODY bytes of it. */
  readonly body: string;
  /** What came behind the answer, if the connection is no longer HTTP. */
  readonly rest: Uint8Array;
}

/** Of the answer's head, in bytes; more fails the connection. */
const MAX_HEAD = 16 * 1024;
/** Of the answer's body, in bytes; more is left unread. */
const MAX_BODY = 16 * 1024;
/** How long the end of the body is waited for, in milliseconds: some bodies have no end. */
const BODY_TIME = 1000;

const NOTHING = new Uint8Array(0);

/**
 * Resolves to any answer, whatever its status. The socket stays open.
 * @throws Error if what comes is not HTTP, or the reason of `signal`; the socket is destroyed then
 */
export function exchange(socket: Socket, { method, target, headers }: Exchange, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      method,
      path: target,
      headers: headers.flat(),
      setHost: false,
      maxHeaderSize: MAX_HEAD,
    });
    const fail = (reason: unknown) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(reason);
    };
    const abort = () => fail(signal.reason);
    const switched = (response: IncomingMessage, _socket: unknown, rest: Uint8Array) => {
      signal.removeEventListener('abort', abort);
      resolve({ ...head(response), body: '', rest });
    };
    request.on('error', fail);
    request.once('upgrade', switched);
    request.once('connect', switched);
    request.once('response', (response: IncomingMessage) => {
      // An answer that came says more than that its body was too slow.
      signal.removeEventListener('abort', abort);
      readBody(response, signal, (body) => resolve({ ...head(response), body, rest: NOTHING }));
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    request.end();
  });
}

function head(response: IncomingMessage): Pick<Answer, 'status' | 'headers'> {
  return { status: response.statusCode ?? 0, headers: new HeaderList(response.rawHeaders) };
}

/** Reads until the end, the limit, or until no more comes for whatever reason: what there is, is worth showing. */
export function readBody(response: Readable, signal: AbortSignal, done: (body: string) => void): void {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const finish = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', finish);
    done(Buffer.concat(chunks).subarray(0, MAX_BODY).toString());
  };
  const timer = setTimeout(finish, BODY_TIME);
  response.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY) response.destroy();
  });
  response.on('error', () => {});
  response.once('close', finish);
  signal.addEventListener('abort', finish, { once: true });
}
