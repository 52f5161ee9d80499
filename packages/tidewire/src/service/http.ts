import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

// The plain HTTP side of the service: a few resources, all of them for GET and HEAD only, and what answers in time.

/** In either version of HTTP. */
export type Request = IncomingMessage | Http2ServerRequest;

/** What is needed of the response, in either version. */
export interface Response {
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  flushHeaders(): void;
  write(text: string): boolean;
  end(body?: Uint8Array | string): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  readonly writableLength: number;
}

export type RequestHandler = (request: Request, response: Response) => void;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The answer to a GET of this path, or `undefined` if there is nothing there. */
export type Resource = (path: string, request: Request) => Answer | undefined;

/** Serves a request by itself, or says what to answer; `undefined` if it is for somebody else. */
export type Live = (path: string, request: Request, response: Response) => Answer | 'served' | undefined;

/** On every answer, under the resource's own headers. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Asks what is live, then the resources, in order, and answers with the first that has something. */
export function handleRequests(resources: readonly Resource[], live: readonly Live[] = []): RequestHandler {
  return (request, response) => {
    const path = pathOf(request);
    for (const serve of live) {
      const answer = serve(path, request, response);
      if (answer === 'served') return;
      if (answer !== undefined) return send(request, response, answer);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // What follows such a request is of no interest: a body is not waited for.
      const headers = { Allow: 'GET, HEAD', Connection: 'close' };
      return send(request, response, text(405, 'Only GET and HEAD are possible here.', headers));
    }
    for (const resource of resources) {
      const answer = resource(path, request);
      if (answer !== undefined) return send(request, response, answer);
    }
    send(request, response, text(404, 'There is nothing at this path.'));
  };
}

/** The path of a request without its query, as it was sent: nothing is decoded. */
export function pathOf({ url = '/' }: Pick<Request, 'url'>): string {
  // RFC 9112, 3.2.2: a server MUST accept the absolute form, too.
  const path = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0];
  return path === undefined || path === '' ? '/' : path;
}

export function text(status: number, line: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const own = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return { status, headers: { ...own, ...headers }, body: Buffer.from(`${line}\n`) };
}

export function json(status: number, value: unknown): Answer {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
  return { status, headers, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}

/** Sends an answer whole, with the headers that all answers have. */
export function send(request: Request, response: Response, answer: Answer): void {
  const { status, body } = answer;
  const headers = request.httpVersion === '2.0' ? withoutConnection(answer.headers) : answer.headers;
  if (status === 200 && isKnown(request.headers['if-none-match'], headers.ETag)) {
    response.writeHead(304, { ...safeHeaders, ...headers });
    response.end();
    return;
  }
  response.writeHead(status, { ...safeHeaders, ...headers, 'Content-Length': body.length });
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

/** RFC 9110, 13.1.2: the weak comparison. */
function isKnown(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  if (ifNoneMatch === undefined || etag === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === etag);
}

/** RFC 9113, 8.2.2: HTTP/2 has no headers that are about the connection. */
function withoutConnection(headers: Answer['headers']): Answer['headers'] {
  const { Connection, Upgrade, ...others } = headers;
  return others;
}
