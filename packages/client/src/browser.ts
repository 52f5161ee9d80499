// What the package is in a browser: the classes that are there already, `undefined` where a browser has no such class; and
// the WebSocket that reconnects.

export { ReconnectingWebSocket } from './reconnecting/browser.ts';
export * from './reconnecting/exports.ts';

interface Native {
  readonly WebSocket: unknown;
  readonly CloseEvent: unknown;
  readonly WebSocketStream: unknown;
  readonly WebSocketError: unknown;
}

export const { WebSocket, CloseEvent, WebSocketStream, WebSocketError } = globalThis as unknown as Native;
