export { NatsEngine } from './nats-engine.ts';
export type { NatsEngineOptions } from './options.ts';
