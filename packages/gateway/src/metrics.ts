import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GatewayObserver, WatchedConnection } from './observer.ts';

// What Prometheus is told of a gateway. Bytes are counted by the connections themselves, and added up for who scrapes.

/** In seconds: from a server on this machine to one that is nearly given up. */
const CONNECT_TIMES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What comes from clients becomes no label: what is not known is `other`. */
const NO_TARGET = '(none)';

/**
 * Metrics of a gateway, in a registry of prom-client: an observer to be given to it.
 * @param targets the names of all, so that each has its numbers from the beginning
 */
export function gatewayMetrics(registry: Registry, targets: readonly string[]): GatewayObserver {
  const registers = [registry];
  const open = new Set<WatchedConnection>();
  const gone = new Map(targets.map((target) => [target, { sent: 0, received: 0 }]));
  const opened = new Counter({
    ...{ name: 'tidewire_gateway_connections_opened_total', help: 'Connections that were opened, to a server.' },
    ...{ labelNames: ['target'], registers },
  });
  const closed = new Counter({
    ...{ name: 'tidewire_gateway_connections_closed_total', help: 'Connections that are gone, by close code.' },
    ...{ labelNames: ['target', 'code'], registers },
  });
  const refused = new Counter({
    ...{ name: 'tidewire_gateway_refused_total', help: 'Clients that were refused, by reason.' },
    ...{ labelNames: ['target', 'reason'], registers },
  });
  const connecting = new Histogram({
    ...{ name: 'tidewire_gateway_connect_seconds', help: 'How long it took to reach a server, TLS included.' },
    ...{ labelNames: ['target', 'outcome'], registers, buckets: CONNECT_TIMES },
  });
  new Gauge({
    ...{ name: 'tidewire_gateway_connections', help: 'Connections with a server.', labelNames: ['target'], registers },
    collect() {
      for (const target of targets) this.set({ target }, 0);
      for (const { target } of open) this.inc({ target });
    },
  });
  new Counter({
    ...{ name: 'tidewire_gateway_bytes_total', help: 'Bytes of the protocols behind, to_server and from_server.' },
    ...{ labelNames: ['target', 'direction'], registers },
    collect() {
      this.reset();
      for (const [target, { sent, received }] of gone) {
        this.inc({ target, direction: 'to_server' }, sent);
        this.inc({ target, direction: 'from_server' }, received);
      }
      for (const { target, sentToServer, receivedFromServer } of open) {
        this.inc({ target, direction: 'to_server' }, sentToServer);
        this.inc({ target, direction: 'from_server' }, receivedFromServer);
      }
    },
  });
  for (const target of targets) opened.inc({ target }, 0);
  return {
    connected: (target, duration, outcome) =>
      connecting.observe({ target, outcome: outcome.toLowerCase() }, duration / 1000),
    opened(connection) {
      open.add(connection);
      opened.inc({ target: connection.target });
    },
    closed(connection, { code }) {
      const { target, sentToServer, receivedFromServer } = connection;
      open.delete(connection);
      const sums = gone.get(target);
      if (sums !== undefined) {
        sums.sent += sentToServer;
        sums.received += receivedFromServer;
      }
      closed.inc({ target, code: code >= 1000 && code <= 1015 ? String(code) : 'other' });
    },
    refused: ({ target = NO_TARGET, reason }) => refused.inc({ target, reason: reason.toLowerCase() }),
  };
}
