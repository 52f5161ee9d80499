import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

// What is used of node:http and node:http2 alike.

export type Request = IncomingMessage | Http2ServerRequest;

export interface Response {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  /** Over HTTP/2 they go out at once. */
  flushHeaders?(): void;
  write(chunk: string | Uint8Array): boolean;
  end(): unknown;
  end(text: string): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
  readonly writableLength: number;
}

/** Nobody on the way may keep an answer, change it or hold it back. */
const common = {
  'Cache-Control': 'no-store, no-transform',
  'X-Content-Type-Options': 'nosniff',
  'X-Accel-Buffering': 'no',
};

/** @param origin of the page that may read the answer, if it is for one */
export function headersFor(origin: string | undefined, more: Readonly<Record<string, string>> = {}) {
  if (origin === undefined) return { ...common, ...more };
  return {
    ...common,
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
    ...more,
  };
}

/** Answers in a word or two, for people. */
export function answer(
  response: Response,
  status: number,
  text: string,
  origin: string | undefined,
  more: Readonly<Record<string, string>> = {},
): void {
  const type: Record<string, string> = text === '' ? {} : { 'Content-Type': 'text/plain; charset=utf-8' };
  // Without a listener, a write to a client that is gone would end the process.
  response.on('error', ignore);
  response.writeHead(status, headersFor(origin, { ...type, ...more }));
  if (text === '') response.end();
  else response.end(`${text}\n`);
}

export function ignore(): void {}

/** The path of a request and its query. RFC 9112, 3.2.2: a server MUST accept the absolute form, too. */
export function targetOf({ url = '/' }: Pick<Request, 'url'>): { readonly path: string; readonly query: string } {
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** The host that a request is for. */
export function hostOf(request: Request): string {
  const { ':authority': authority, host } = request.headers;
  return (typeof authority === 'string' ? authority : host) ?? '';
}
