import type { UrlSource } from './attempt.ts';
import type { ReconnectingWebSocketOptions, WebSocketClass } from './options.ts';
import { ReconnectingWebSocketBase } from './reconnecting-websocket.ts';
import { type BrowserScope, browserSurroundings } from './surroundings.ts';
import type { Wiring } from './wiring.ts';

interface Browser extends BrowserScope {
  readonly WebSocket: WebSocketClass;
  readonly CloseEvent: Wiring['CloseEvent'];
  readonly MessageEvent: Wiring['MessageEvent'];
}

/** The native classes of the page or worker, looked up when one is needed. */
function inBrowser(): Wiring {
  const scope = globalThis as unknown as Browser;
  const { WebSocket, CloseEvent, MessageEvent } = scope;
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
