export { RedisEngine } from './engine.ts';
export type { RedisEngineOptions, SentinelOptions } from './options.ts';
