export { Alarm, Deadlines, Expiring } from './deadlines.ts';
export { cancelHttp2Stream, destroyStream } from './http2-stream.ts';
export { nodePlatform } from './platform.ts';
export { type BodyLimits, readBody } from './request-body.ts';
export { readShared, type SharedReader, sharedReader } from './shared-read.ts';
export { StreamPipe, type StreamPipeOwner } from './stream-pipe.ts';
export { stayingCodec } from './zlib-codec.ts';
export { oneShotCodec } from './zlib-one-shot.ts';
