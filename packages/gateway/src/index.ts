export type { AccessKey, AccessOptions, AccessRefusal } from './access.ts';
export type { BridgeEnding } from './bridge.ts';
export { Gateway } from './gateway.ts';
export { kinds, type TargetKind, type TargetType } from './kinds.ts';
export { gatewayMetrics } from './metrics.ts';
export type { GatewayObserver, GatewayRefusal, Refused, WatchedConnection } from './observer.ts';
export type { GatewayDrainOptions, GatewayOptions } from './options.ts';
export type { Target, TargetTls } from './target.ts';
export type { ConnectionInfo, Sides, Translator } from './translator.ts';
