export { UsageError } from './problem.ts';
export type { MetricsOptions } from './service/metrics/exposition.ts';
export { HubMetrics } from './service/metrics/hub-metrics.ts';
export type { EndpointLimits, ServiceOptions } from './service/options.ts';
export { type Service, startService } from './service/service.ts';
export type { TlsFiles } from './service/tls.ts';
