export { credsAuthenticator } from '@nats-io/transport-node';
export { NatsEngine } from './nats-engine.ts';
export type { NatsEngineOptions } from './options.ts';
