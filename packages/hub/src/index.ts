export type { ChannelPage, ChannelsRequest } from './channel-pages.ts';
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
export type {
  Connection,
  ConnectionDetails,
  ConnectionPage,
  ConnectionsRequest,
  SilentNode,
} from './connections.ts';
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
export { Hub } from './hub.ts';
export type { HubDrainOptions, HubOptions, NodeDescription, PublicationOptions } from './hub-options.ts';
export type { JsonValue } from './json-value.ts';
export type { HubLimits } from './limits.ts';
export { measured } from './measuring.ts';
export { isComplete } from './memory/completeness.ts';
export { LocalEngine } from './memory/local-engine.ts';
export { MemoryEngine, type MemoryEngineOptions } from './memory/memory-engine.ts';
export { MemoryNetwork, type MemoryNetworkOptions } from './memory/memory-network.ts';
export { MemoryStreamStore, type MemoryStreamStoreOptions } from './memory/memory-stream-store.ts';
export {
  IDEMPOTENCY_TTL,
  type MaybePromise,
  type StoreOwner,
  type StreamStore,
  UNUSED_EPOCH_TTL,
} from './memory/stream-store.ts';
export type {
  Access,
  HistoryOptions,
  NamespaceOptions,
  PresenceOptions,
  SlowConsumerPolicy,
} from './namespaces.ts';
export type { HubObserver } from './observer.ts';
export type { Encoder, Outlet, OutletResult, Push } from './outlet.ts';
export {
  type ConfigurablePermissions,
  createPermissions,
  type PermissionsOptions,
} from './permissions/create-permissions.ts';
export type { ConnectQuestion, HookName, Hooks } from './permissions/hooks.ts';
export type { RemoteKeySet } from './permissions/key-set.ts';
export { type TokenAlgorithm, tokenAlgorithms } from './permissions/keys.ts';
export {
  createTokenVerifier,
  type SubscriptionToken,
  TokenError,
  type TokenOptions,
  type TokenVerifier,
} from './permissions/tokens.ts';
export { traceOf } from './permissions/trace.ts';
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
export type { NodeStats, Stats } from './watching.ts';
export type { NoticeOptions } from './webhooks/notices.ts';
export { type PosterOptions, WebhookError } from './webhooks/poster.ts';
export type { QuestionUrls } from './webhooks/questions.ts';
export { signatureHeader, signWebhook, verifyWebhook, type WebhookVerification } from './webhooks/signature.ts';
export { createWebhooks, type WebhookOptions, type Webhooks } from './webhooks/webhooks.ts';
