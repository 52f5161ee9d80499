export type { Client, ConnectRequest, ConnectResult, SubscribeRequest, SubscribeResult } from './client.ts';
export {
  CommandError,
  type Disconnect,
  DisconnectError,
  disconnectCodes,
  type ErrorName,
  errorCodes,
  type Unsubscribe,
  unsubscribeCodes,
} from './codes.ts';
export {
  type Engine,
  EngineError,
  type EngineErrorCode,
  type EngineListener,
  type Entered,
  type EventPosition,
  type History,
  type HistoryRequest,
  type Left,
  type Member,
  type MemberCounts,
  type NodeInfo,
  type Published,
  type PublishOptions,
  type Retention,
} from './engine.ts';
export {
  decodeClientInfo,
  decodeEvent,
  type EngineEvent,
  encodeClientInfo,
  encodeEvent,
} from './event-codec.ts';
export type {
  Access,
  HistoryOptions,
  NamespaceOptions,
  PresenceOptions,
  SlowConsumerPolicy,
} from './namespaces.ts';
export type { HubObserver } from './observer.ts';
export type { Encoder, Outlet, OutletResult, Push } from './outlet.ts';
export type {
  Admission,
  Allowed,
  Capability,
  Permissions,
  Question,
  Refreshment,
  SubscriptionGrant,
  Trace,
  Visitor,
} from './permissions.ts';
export type { ClientInfo, Json, Publication, Signal, StoredPublication, StreamPosition } from './publication.ts';
