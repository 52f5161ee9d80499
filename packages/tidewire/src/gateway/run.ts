import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Gateway, gatewayMetrics } from '@tidewire/gateway';
import type { RefusedEvent } from '@tidewire/server';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { untilStopped } from '../commands/signals.ts';
import type { Entry } from '../config/layers.ts';
import { codeOf, describeSystemError, UsageError } from '../problem.ts';
import { health } from '../service/health.ts';
import { handleRequests } from '../service/http.ts';
import { Connections, createServiceServer, handle, listen, type ServiceServer } from '../service/listening.ts';
import { createLog } from '../service/log.ts';
import { metricsResource, metricsServer } from '../service/metrics/exposition.ts';
import { gatewayLog } from './log.ts';
import { type GatewaySettings, loadGatewaySettings } from './settings.ts';
import { announcement } from './summary.ts';

// The gateway as a process.

/** How long clients have for the closing handshake when it stops at once, in milliseconds. */
const STOP_TIMEOUT = 1000;

/** Milliseconds between two closes, where there are so few that they do not fill the window. */
const MOST_APART = 10;

/** TCP connections beside those of clients: for /health and /metrics, and for who is refused. */
const FURTHER_CONNECTIONS = 256;

/**
 * Runs a gateway until a signal ends the process.
 * @throws UsageError
 */
export async function runGateway(file: string | undefined, flags: readonly Entry[]): Promise<void> {
  const settings = loadGatewaySettings(file, flags);
  const { config } = settings;
  const log = createLog(config.log.level);
  const service = await start(settings, log);
  const stopped = untilStopped(log, {
    drain: () => service.end(config.drain.window, config.drain.timeout),
    stop: () => service.end(0, STOP_TIMEOUT),
  });
  for (const [name, { tls }] of Object.entries(config.targets)) {
    if (tls.insecure) log.warn({ target: name }, 'the certificate of this server is not verified: insecure');
  }
  process.stdout.write(announcement(settings, service.url));
  log.info({ port: service.port }, 'listening');
  await stopped;
}

interface RunningGateway {
  readonly port: number;
  readonly url: string;
  end(window: number, timeout: number): Promise<void>;
}

async function start(
  { config, gateway: options, tls, metricsKey }: GatewaySettings,
  log: Logger,
): Promise<RunningGateway> {
  const { host } = config.listen;
  const registry = new Registry();
  const observers = [gatewayLog(log)];
  if (config.metrics.enabled) {
    collectDefaultMetrics({ register: registry });
    observers.push(gatewayMetrics(registry, Object.keys(config.targets)));
  }
  const gateway = new Gateway({ ...options, observers });
  const server = createServiceServer(tls);
  server.maxConnections = config.limits.connections + FURTHER_CONNECTIONS;
  const own = health({
    isDraining: () => gateway.isDraining,
    troubles: () => [],
    connections: () => countsOf(gateway),
  });
  const source = { contentType: registry.contentType, text: () => registry.metrics() };
  const { enabled, address } = config.metrics;
  handle(server, handleRequests([own], enabled && address === undefined ? [metricsResource(source, metricsKey)] : []));
  gateway.attach(server, { otherwise: 'refuse' });
  const connections = new Connections(server);
  const port = await listenOr(host, config.listen.port, () => listenOn(server, host, config.listen.port), '--listen');
  const scraped = enabled && address !== undefined ? metricsServer(source, metricsKey) : undefined;
  if (scraped !== undefined && address !== undefined) {
    await listenOr(address.host, address.port, () => once(scraped.listen(address), 'listening'), 'metrics.address');
  }
  const unrouted = logUnrouted((event) => {
    for (const each of observers)
      each.refused?.({
        ...event,
        target: undefined,
        clientAddress: event.request.socket.remoteAddress,
        detail: undefined,
      });
  });
  let ended: Promise<void> | undefined;
  return {
    port,
    url: `ws${tls === undefined ? '' : 's'}://${hostForUrl(host)}:${port}`,
    async end(window, timeout) {
      const within = Math.min(window, gateway.connections.size * MOST_APART);
      const leaving = { timeout, reason: 'The gateway is shutting down' };
      const left = within === 0 ? gateway.close(leaving) : gateway.drain({ ...leaving, within });
      ended ??= left.then(async () => {
        scraped?.close();
        scraped?.closeAllConnections();
        await connections.close();
        unrouted();
      });
      await ended;
    },
  };
}

/** All addresses of this machine are no address to connect to. */
function hostForUrl(host: string): string {
  if (host === '::' || host === '0.0.0.0') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

function countsOf(gateway: Gateway): Readonly<Record<string, number>> {
  const counts = new Map([...gateway.paths.keys()].map((name) => [name, 0]));
  for (const { target } of gateway.connections) counts.set(target, (counts.get(target) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** Requests for paths that are nobody's are refused before the gateway hears of them. Returns what ends that. */
function logUnrouted(refused: (event: RefusedEvent) => void): () => void {
  const listener = (event: unknown) => {
    const refusal = event as RefusedEvent;
    if (refusal.endpoint === undefined) refused(refusal);
  };
  subscribe('tidewire:server:refused', listener);
  return () => unsubscribe('tidewire:server:refused', listener);
}

/** All addresses are those of IPv4 where the system has no others. */
async function listenOn(server: ServiceServer, host: string, port: number): Promise<number> {
  try {
    return await listen(server, host, port);
  } catch (error) {
    if (host !== '::' || codeOf(error) !== 'EAFNOSUPPORT') throw error;
    return await listen(server, '0.0.0.0', port);
  }
}

/** @throws UsageError that names what is to be changed */
async function listenOr<T>(host: string, port: number, begin: () => Promise<T>, option: string): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new UsageError(`Port ${port} of ${host} is in use: choose another with ${option}, or 0 for a free one`);
    }
    if (codeOf(error) === undefined) throw error;
    throw new UsageError(`Nothing can listen on ${host}, port ${port}: ${describeSystemError(error)} (${option})`);
  }
}
