import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { acceptConnect, type Header, type OpeningChoice, type OpeningRequest } from '@tidewire/protocol';
import type { Exchange } from './exchange.ts';
import type { Opening } from './session.ts';
import { webSocketUrl } from './upgrade-request.ts';

// What sees the bytes of a connection, frames and all, stands between the client's stream and the socket. It is put there when the
// handshake has been decided on, so that nothing else knows of it.

/** What is known of a WebSocket when its stream may be replaced. */
export interface TapOpening {
  /** Node's own view of the request. */
  readonly incoming: IncomingMessage;
  /** Where the client wanted to go: ws: or wss:. */
  readonly url: string;
  /** What it is answered: 101, or 200 over HTTP/2 and over tunnels, where that is said in other words. */
  readonly status: number;
  readonly headers: readonly Header[];
  /** What has come of the WebSocket with the request. It is not in the stream any more. */
  readonly head: Uint8Array;
}

/**
 * Returns the stream that frames are to go over in place of the client's: whoever does takes `head` into account. Or the same stream,
 * and all is as if nobody had been asked. Nothing may be written to the client's stream in the same turn.
 */
export type Tap = (stream: Duplex, opening: TapOpening) => Duplex;

const NOTHING = new Uint8Array(0);

/** Asks the tap. Returns the stream and how it begins, as they are from there on. */
export function tapped(
  tap: Tap,
  exchange: Exchange,
  asked: OpeningRequest,
  choice: OpeningChoice,
  opening: Opening,
): { readonly stream: Duplex; readonly opening: Opening } {
  const { stream, incoming } = exchange;
  const { response, head } = opening;
  const url = webSocketUrl(incoming, asked);
  const answer =
    response === ''
      ? { status: 200, headers: acceptConnect(asked, choice) }
      : { status: 101, headers: headersIn(response) };
  const other = tap(stream, { incoming, url, head, ...answer });
  if (other === stream) return { stream, opening };
  // The handshake is none of what is tapped.
  if (response !== '') stream.write(response, 'latin1');
  return { stream: other, opening: { ...opening, response: '', head: NOTHING } };
}

/** Of a response that we have made. */
function headersIn(response: string): readonly Header[] {
  return response
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
