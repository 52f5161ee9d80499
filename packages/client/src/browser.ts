// What the package is in a browser: a WebSocket that also gets through over plain requests, one that reconnects, and the
// browser's own classes for the rest, `undefined` where it has no such class.

export { type BrowserWebSocketOptions, WebSocket } from './browser/websocket.ts';
export { ReconnectingWebSocket } from './reconnecting/browser.ts';
export * from './reconnecting/exports.ts';

interface Native {
  readonly CloseEvent: unknown;
  readonly WebSocketStream: unknown;
  readonly WebSocketError: unknown;
}

export const { CloseEvent, WebSocketStream, WebSocketError } = globalThis as unknown as Native;
