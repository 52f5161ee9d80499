import { once } from 'node:events';
import type { Part, Place } from '../site.ts';
import { type MetricsOptions, metricsResource, metricsServer } from './exposition.ts';
import type { Metrics } from './metrics.ts';

/** Milliseconds for requests under way when the service stops. */
const GRACE = 200;

/**
 * The metrics as a part of a service: counts from its start, and answers to GET /metrics.
 * @param places of all parts
 * @throws RangeError naming the option that makes no sense
 */
export function metricsPart(metrics: Metrics, places: readonly Place[], options: MetricsOptions): Part {
  const { key, address } = options;
  if (key === '') throw new RangeError('The option metrics.key must not be empty');
  if (address !== undefined && address.host.trim() === '') {
    throw new RangeError('The option metrics.address.host must not be empty');
  }
  const server = address === undefined ? undefined : metricsServer(metrics, key);
  return {
    live: server === undefined ? [metricsResource(metrics, key)] : [],
    watch: (serviceServer) => metrics.network.watch(serviceServer),
    async start() {
      if (server !== undefined) {
        server.listen(address);
        await once(server, 'listening');
      }
      metrics.watch(new Map(places.map(({ name, endpoint }) => [name, endpoint])));
    },
    async stop() {
      metrics.stop();
      if (server === undefined) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), GRACE).unref();
      await closed;
    },
  };
}
