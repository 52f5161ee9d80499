import { CloseEvent, TaggedMessageEvent } from '../events.ts';
import { WebSocket } from '../websocket.ts';
import type { UrlSource } from './attempt.ts';
import type { ReconnectingWebSocketOptions } from './options.ts';
import { ReconnectingWebSocketBase } from './reconnecting-websocket.ts';
import { anywhere } from './surroundings.ts';
import type { Wiring } from './wiring.ts';

const onNode: Wiring = { WebSocket, CloseEvent, MessageEvent: TaggedMessageEvent, surroundings: () => anywhere };

/** A WebSocket that connects again when its connection is lost. */
export class ReconnectingWebSocket extends ReconnectingWebSocketBase {
  /**
   * Begins to connect.
   * @param url of the first and all further connections, or a function that is asked before each
   * @throws what the constructor of the WebSocket throws, and TypeError naming an option that makes no sense
   */
  constructor(url: UrlSource, protocols?: string | readonly string[], options?: ReconnectingWebSocketOptions) {
    super(onNode, url, protocols, options);
  }
}
