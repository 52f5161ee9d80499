import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { pipeline } from 'node:stream';
import type { HeaderPairs } from '../recording/index.ts';
import { forTarget, type OriginChange, pairsOf, pathOf, withoutHopByHop } from './headers.ts';
import { reasonOf, type Target } from './target.ts';

// Requests that are for no WebSocket: the page itself, or the polling that comes before the upgrade. They are passed on, and not
// recorded.

export interface PassOptions {
  readonly target: Target;
  /** What the proxy speaks: `http` or `https`. */
  readonly scheme: string;
  readonly origin: OriginChange;
  /** How long the target has to answer, in milliseconds. */
  readonly timeout: number;
}

export function passRequest(incoming: IncomingMessage, response: ServerResponse, options: PassOptions): void {
  const { target, scheme, origin, timeout } = options;
  const path = pathOf(incoming.url ?? '');
  if (path === undefined) {
    fail(response, 400, 'This is no path');
    return;
  }
  const headers = forTarget(withoutHopByHop(pairsOf(incoming.rawHeaders)), target, scheme, origin)
    .filter(([name]) => name.toLowerCase() !== 'expect')
    .flat();
  // What says where the body ends must not get lost on the way, or its end could pass for another request.
  if (incoming.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  let outgoing: ReturnType<Target['request']>;
  try {
    outgoing = target.request(incoming.method ?? 'GET', path, headers);
  } catch {
    fail(response, 400, 'This request cannot be passed on');
    return;
  }
  const timer = setTimeout(() => outgoing.destroy(new Error('no answer came in time')), timeout);
  outgoing.once('response', (answered) => {
    clearTimeout(timer);
    passResponse(answered, response, target, `${scheme}://${incoming.headers.host ?? ''}`);
  });
  const failed = (why: string) => {
    clearTimeout(timer);
    if (response.headersSent) response.destroy();
    else fail(response, 502, `The inspector got no answer from ${target.origin}: ${why}`);
  };
  outgoing.on('error', (error) => failed(reasonOf(error)));
  // Nobody has asked for that. Without a listener Node drops the connection, and says nothing.
  outgoing.once('upgrade', (_answered, socket) => {
    socket.on('error', () => {});
    socket.destroy();
    failed('it changed to another protocol');
  });
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) outgoing.destroy();
  });
  // Not by `pipeline`: a target may answer before it has read all.
  incoming.on('error', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function passResponse(answered: IncomingMessage, response: ServerResponse, target: Target, own: string): void {
  const headers = withoutHopByHop(pairsOf(answered.rawHeaders)).map(([name, value]): readonly [string, string] =>
    name.toLowerCase() === 'location' ? [name, locationFor(value, target, own)] : [name, value],
  );
  if (writeHead(response, answered, headers)) {
    pipeline(answered, response, () => {});
    return;
  }
  answered.destroy();
  fail(response, 502, 'The answer of the target cannot be passed on');
}

/** Returns whether that is possible: Node reads more than it writes. */
function writeHead(
  response: ServerResponse,
  { statusCode = 502, statusMessage }: IncomingMessage,
  headers: HeaderPairs,
): boolean {
  try {
    response.writeHead(statusCode, statusMessage, headers.flat());
    return true;
  } catch {
    return false;
  }
}

/** A redirection to the target stays with the proxy. */
function locationFor(location: string, { origin }: Target, own: string): string {
  if (location === origin) return own;
  return location.startsWith(`${origin}/`) ? `${own}${location.slice(origin.length)}` : location;
}

function fail(response: ServerResponse, status: number, line: string): void {
  // A body that is still coming is not waited for.
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' };
  // Named, as that of the target may be there, which cannot be written.
  response.writeHead(status, STATUS_CODES[status], headers);
  response.end(`${line}\n`);
}
