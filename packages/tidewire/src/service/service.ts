import { isIPv6 } from 'node:net';
import type { WebSocketEndpoint } from '@tidewire/server';
import { recordAnswers } from './answers.ts';
import { createChat } from './chat.ts';
import { createEcho } from './echo.ts';
import { Handshakes } from './handshakes.ts';
import { healthResource } from './health.ts';
import { handleRequests, type Live, type Resource, text } from './http.ts';
import { Connections, createServiceServer, handle, listen, type ServiceServer } from './listening.ts';
import { defaults, type ServiceOptions } from './options.ts';
import { loadPages } from './pages.ts';
import { Race } from './race/race.ts';
import { logTraffic } from './traffic-log.ts';

/** A service that listens. */
export interface Service {
  /** What the system has chosen, if the port asked for was 0. */
  readonly port: number;
  /** Where what is: the pages, and the endpoints under the names that /health gives them. */
  readonly urls: { readonly pages: string | undefined; readonly endpoints: Readonly<Record<string, string>> };
  /**
   * Ends the service. New WebSockets are refused and /health answers 503 from now on; every client gets close code 1001.
   * @param timeout after which clients that have not finished the closing handshake are cut, in milliseconds
   */
  stop(timeout?: number): Promise<void>;
}

/** What stands on a server. */
interface Site {
  readonly endpoints: readonly Place[];
  readonly resources: readonly Resource[];
  readonly live: readonly Live[];
  /** Called with the server before anything else listens to it. */
  watch(server: ServiceServer): void;
}

interface Place {
  readonly name: string;
  /** Where the endpoint is; `undefined` for everywhere. */
  readonly path: string | undefined;
  /** Whether it is of use to people who have a client of their own. */
  readonly isListed: boolean;
  readonly endpoint: Pick<WebSocketEndpoint<never>, 'attach' | 'drain' | 'connectionCount'>;
}

const STOP_TIMEOUT = 1000;

/**
 * Starts the service of `tidewire serve`, or of `tidewire echo`.
 * @throws UsageError if the pages have not been built; TypeError or RangeError naming an option that makes no sense; what
 *   Node says if the address cannot be listened on
 */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const { host = defaults.host, tls, log } = options;
  // Node would listen on every interface.
  if (host.trim() === '') throw new RangeError('The option host must not be empty');
  const handshakes = new Handshakes();
  const site = options.only === 'echo' ? echoAlone(options) : everything(options, handshakes);
  const { endpoints } = site;
  let isDraining = false;
  const health = healthResource({
    isDraining: () => isDraining,
    connections: () => Object.fromEntries(endpoints.map(({ name, endpoint }) => [name, endpoint.connectionCount])),
  });
  const server = createServiceServer(tls);
  site.watch(server);
  handle(server, handleRequests([health, ...site.resources], site.live));
  recordAnswers(server, handshakes);
  for (const { endpoint, path } of endpoints) endpoint.attach(server, { path, otherwise: 'refuse' });
  const connections = new Connections(server);
  const port = await listen(server, host, options.port ?? defaults.port);
  const endLog = log && logTraffic(log, new Map(endpoints.map(({ name, endpoint }) => [endpoint, name])));

  const authority = `${hostForUrl(host)}:${port}`;
  const secure = tls === undefined ? '' : 's';
  return {
    port,
    urls: {
      pages: options.only === 'echo' ? undefined : `http${secure}://${authority}/`,
      endpoints: Object.fromEntries(
        endpoints
          .filter(({ isListed }) => isListed)
          .map(({ name, path = '/' }) => [name, `ws${secure}://${authority}${path}`]),
      ),
    },
    async stop(timeout = STOP_TIMEOUT) {
      isDraining = true;
      const reason = 'The server is shutting down';
      await Promise.all(endpoints.map(({ endpoint }) => endpoint.drain({ timeout, reason })));
      await connections.close();
      endLog?.();
    },
  };
}

function everything(options: ServiceOptions, handshakes: Handshakes): Site {
  const { origins, ...others } = options;
  const pages = loadPages();
  const race = new Race(options);
  return {
    endpoints: [
      { name: 'echo', path: '/echo', isListed: true, endpoint: createEcho(others) },
      { name: 'chat', path: '/chat', isListed: true, endpoint: createChat(options) },
      { name: 'race', path: '/race/control', isListed: false, endpoint: race.control },
      { name: 'race-lane', path: '/race/socket', isListed: false, endpoint: race.socketLane },
    ],
    resources: [(path) => pages.get(path), handshakes.resource],
    live: [race.serve],
    watch: race.watch,
  };
}

function echoAlone(options: ServiceOptions): Site {
  const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
  return {
    endpoints: [{ name: 'echo', path: undefined, isListed: true, endpoint: createEcho(options) }],
    // RFC 9110, 15.5.22
    resources: [() => text(426, 'This is a WebSocket echo server: connect with a WebSocket client.', upgrade)],
    live: [],
    watch: () => {},
  };
}

/** How a browser on this machine gets there. */
function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}
