export { type Ends, Inspector, type Opening, type OpeningResponse } from './inspector.ts';
export type { OriginChange } from './proxy/headers.ts';
export { InspectingProxy, type InspectingProxyOptions } from './proxy/inspecting-proxy.ts';
export { Target, type TargetOptions } from './proxy/target.ts';
export { type Batch, Recorder, type RecorderListener, type RecorderOptions } from './recorder.ts';
export type { ConnectionRecord, MessageRecord, Recording } from './recording/index.ts';
export { Rules } from './rules.ts';
export { type TapOpening, tapStream } from './tap-stream.ts';
export type { TappedConnection } from './tapped-connection.ts';
