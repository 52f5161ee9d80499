export { CloseEvent, type CloseEventInit, type WithFailure } from './events.ts';
export { clientFailures, type FailureCode, type RefusedResponse, WebSocketFailure } from './failures.ts';
export { type ClientSession, openSession, type SessionEnd, type SessionHandler } from './open-session.ts';
export type { Handshake } from './opening.ts';
export type {
  HeadersOption,
  ProxyOptions,
  RedirectOptions,
  TlsOptions,
  WebSocketInit,
  WebSocketOptions,
} from './options.ts';
export * from './reconnecting/exports.ts';
export { ReconnectingWebSocket } from './reconnecting/node.ts';
export type { Transport } from './transports.ts';
export { TunnelError } from './tunnel/tunnel-error.ts';
export { type BinaryType, type Handler, WebSocket, type WebSocketEventMap } from './websocket.ts';
export { type WebSocketCloseInfo, WebSocketError } from './websocket-error.ts';
export { type WebSocketOpenInfo, WebSocketStream, type WebSocketStreamOptions } from './websocket-stream.ts';
