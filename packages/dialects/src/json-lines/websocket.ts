import type { WebSocketEndpoint } from '@tidewire/server';
import type { SessionHost } from '../line.ts';
import { dialectEndpoint, type Visit, type WebSocketOptions } from '../websocket.ts';
import { connectCommand } from './commands.ts';
import { jsonLines } from './dialect.ts';

/**
 * Takes clients that speak JSON lines, by the subprotocol `json-lines` or none. Who they are is said by the query parameter
 * `token`, or by a first line `{"token":"…"}`; who begins with anything else is nobody in particular. There is no ping in
 * words unless it is asked for: people would have to answer it.
 * @throws RangeError or TypeError naming the option that makes no sense
 */
export function jsonLinesEndpoint(hub: SessionHost['hub'], options: WebSocketOptions = {}): WebSocketEndpoint<Visit> {
  return dialectEndpoint(
    hub,
    {
      ...{ dialect: jsonLines, subprotocol: 'json-lines', connectTimeout: 60_000 },
      connect: ({ query }) => {
        const token = query.get('token') ?? undefined;
        return { connect: connectCommand(undefined, token, undefined), connectsAtOnce: token !== undefined };
      },
    },
    { pingInterval: false, ...options },
  );
}
