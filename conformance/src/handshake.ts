// The opening handshake of the tester, written by hand for both roles (RFC 6455, 4).
import { createHash } from 'node:crypto';
import type { Case, Headers } from './table.ts';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The Sec-WebSocket-Accept for a Sec-WebSocket-Key (4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + guid)
    .digest('base64');
}

/** The key of RFC 6455, 1.3: the tester does not need to be unpredictable. */
export const testerKey = 'dGhlIHNhbXBsZSBub25jZQ==';

function write(firstLine: string, usual: Record<string, string>, differing: Headers = {}): string {
  const lines = [firstLine];
  for (const [name, value] of Object.entries({ ...usual, ...differing })) {
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export function writeRequest(one: Case, host: string, port: number, path: string): string {
  const usual = {
    Host: `${host}:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': testerKey,
    'Sec-WebSocket-Version': '13',
  };
  const line = (one.opening?.requestLine ?? 'GET {path} HTTP/1.1').replace('{path}', path);
  const differing = Object.entries(one.opening?.request ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace('{host}', `${host}:${port}`) : value,
  ]);
  return write(line, usual, Object.fromEntries(differing));
}

export function writeResponse(one: Case, request: Head): string {
  const usual: Record<string, string> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptFor(request.headers.get('sec-websocket-key') ?? ''),
  };
  const { opening } = one;
  if (opening?.answer !== undefined) {
    usual['Sec-WebSocket-Extensions'] = opening.answer(request.headers.get('sec-websocket-extensions') ?? '');
  }
  return write(opening?.statusLine ?? 'HTTP/1.1 101 Switching Protocols', usual, opening?.response);
}

/** The head of a request or response; lines of the same name are joined with a comma. */
export interface Head {
  readonly firstLine: string;
  readonly headers: ReadonlyMap<string, string>;
}

export function readHead(head: string): Head {
  const [firstLine = '', ...lines] = head.trimEnd().split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { firstLine, headers };
}
