import { WebSocket } from '../browser/websocket.ts';
import type { UrlSource } from './attempt.ts';
import type { ReconnectingWebSocketOptions } from './options.ts';
import { ReconnectingWebSocketBase } from './reconnecting-websocket.ts';
import { type BrowserScope, browserSurroundings } from './surroundings.ts';
import type { Wiring } from './wiring.ts';

interface Browser extends BrowserScope {
  readonly CloseEvent: Wiring['CloseEvent'];
  readonly MessageEvent: Wiring['MessageEvent'];
}

/** The classes of events of the page or worker, looked up when they are needed. */
function inBrowser(): Wiring {
  const scope = globalThis as unknown as Browser;
  const { CloseEvent, MessageEvent } = scope;
  return {
    WebSocket,
    CloseEvent,
    MessageEvent,
    surroundings: (whileHidden, host) => browserSurroundings(scope, whileHidden, host),
  };
}

/** A WebSocket that connects again when its connection is lost. */
export class ReconnectingWebSocket extends ReconnectingWebSocketBase {
  /**
   * Begins to connect.
   * @param url of the first and all further connections, or a function that is asked before each
   * @throws what the constructor of the WebSocket throws, and TypeError naming an option that makes no sense
   */
  constructor(url: UrlSource, protocols?: string | readonly string[], options?: ReconnectingWebSocketOptions) {
    super(inBrowser(), url, protocols, options);
  }
}
