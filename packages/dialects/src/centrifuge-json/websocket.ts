import type { WebSocketEndpoint } from '@tidewire/server';
import type { SessionHost } from '../line.ts';
import { dialectEndpoint, type Visit, type WebSocketOptions } from '../websocket.ts';
import { centrifugeJson } from './dialect.ts';

/**
 * Takes clients that speak Centrifugo's client protocol in JSON, by the subprotocol `centrifuge-json` or none: SDKs name
 * none for JSON.
 * @throws RangeError or TypeError naming the option that makes no sense
 */
export function centrifugeJsonEndpoint(
  hub: SessionHost['hub'],
  options: WebSocketOptions = {},
): WebSocketEndpoint<Visit> {
  return dialectEndpoint(
    hub,
    { dialect: centrifugeJson, subprotocol: 'centrifuge-json', connectTimeout: 25_000 },
    options,
  );
}
