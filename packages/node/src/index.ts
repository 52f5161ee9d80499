export { Alarm, Deadlines, Expiring } from './deadlines.ts';
export { nodePlatform } from './platform.ts';
export { StreamPipe, type StreamPipeOwner } from './stream-pipe.ts';
export { stayingCodec } from './zlib-codec.ts';
export { oneShotCodec } from './zlib-one-shot.ts';
