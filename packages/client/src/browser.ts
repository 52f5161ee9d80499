// What the package is in a browser: the classes that are there already. `undefined` where a browser has no such class.

interface Native {
  readonly WebSocket: unknown;
  readonly CloseEvent: unknown;
  readonly WebSocketStream: unknown;
  readonly WebSocketError: unknown;
}

export const { WebSocket, CloseEvent, WebSocketStream, WebSocketError } = globalThis as unknown as Native;
