export {
  CloseCode,
  ConnectionError,
  type DeflateAgreement,
  type Header,
  type HeaderList,
  type Limits,
  type MessageWriter,
  type PreparedBatch,
  type ReadyState,
  type SendResult,
  type ViolationCode,
} from '@tidewire/protocol';
export type { AttachOptions, HttpServer, PathOption } from './attachment.ts';
export type { CloseEvent, ErrorEvent, MessageEvent, OpenEvent, PongEvent, RefusedEvent } from './diagnostics.ts';
export type { DrainOptions } from './draining.ts';
export { type PublishOptions, WebSocketEndpoint } from './endpoint.ts';
export type { MessageIterator } from './iteration.ts';
export type {
  Acceptance,
  CloseDetails,
  DeflateOptions,
  EndpointOptions,
  Handlers,
  TunnelOptions,
  Upgrade,
} from './options.ts';
export { isSameHost, type OriginOption, originRule } from './origin.ts';
export { prepare } from './prepare.ts';
export type { RefusedReason, Rejection, RejectionInit } from './refusal.ts';
export type { ClosedSocket } from './session.ts';
export type { MessageOptions, PreparedOptions, Socket } from './socket.ts';
export type { Tap, TapOpening } from './tap.ts';
export { type TimeoutCode, TimeoutError, type TimeoutOptions } from './timeouts.ts';
export type { PublishResult } from './topics.ts';
export { TunnelError } from './tunnel/tunnel-stream.ts';
export type { UpgradeRequest } from './upgrade-request.ts';
