export { UsageError } from './problem.ts';
export type { EndpointLimits, ServiceOptions } from './service/options.ts';
export { type Service, startService } from './service/service.ts';
export type { TlsFiles } from './service/tls.ts';
