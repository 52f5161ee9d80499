import { isIPv6 } from 'node:net';
import { pagePaths } from '@tidewire/console/console-messages';
import { recordAnswers } from './answers.ts';
import type { ApiWatcher } from './api/api.ts';
import { ApiPart } from './api/api-part.ts';
import { Chat } from './chat/chat.ts';
import { consolePart, pagesWith } from './console/console-part.ts';
import { ConsoleSessions } from './console/sessions.ts';
import { Handshakes } from './handshakes.ts';
import { health } from './health.ts';
import { handleRequests } from './http.ts';
import { HubPart } from './hub.ts';
import { Inspection } from './inspection.ts';
import { Connections, createServiceServer, handle, listen, type ServiceServer, useTls } from './listening.ts';
import { Metrics } from './metrics/metrics.ts';
import { metricsPart } from './metrics/metrics-part.ts';
import { defaults, type ServiceOptions } from './options.ts';
import { echoAlone, playground } from './playground.ts';
import type { Leaving, Part, Place } from './site.ts';
import { logTraffic } from './traffic-log.ts';

// The wiring: which parts a service has, in which order, and what goes to all of them.

/** A service that listens. */
export interface Service {
  /** What the system has chosen, if the port asked for was 0. */
  readonly port: number;
  /** Where what is: the pages, and the endpoints under the names that /health gives them. */
  readonly urls: { readonly pages: string | undefined; readonly endpoints: Readonly<Record<string, string>> };
  /**
   * Takes over what can change while the service runs: the certificate, and of the hub namespaces, limits, permissions and
   * webhooks. The rest of the options is not looked at.
   * @throws TypeError or RangeError naming an option that makes no sense; nothing has changed then
   */
  reconfigure(options: ServiceOptions): void;
  /**
   * Sends everybody away without haste, and ends. New WebSockets are refused, and /health and /health/ready answer 503, from
   * now on. Each client gets close code 1001, and those of the hub 3001, upon which they come back.
   * @param window over which the closes are spread, in milliseconds: shorter where few are there, 100 clients a second
   * @param timeout as with `stop`
   */
  drain(window?: number, timeout?: number): Promise<void>;
  /**
   * Ends the service at once, also one that drains. Every client gets its close code now.
   * @param timeout after which clients that have not finished the closing handshake are cut, in milliseconds
   */
  stop(timeout?: number): Promise<void>;
}

const STOP_TIMEOUT = 1000;

/** Milliseconds between two closes, where there are so few that they do not fill the window. */
const MOST_APART = 10;

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
  const site = new Site(partsOf(options, handshakes));
  const server = createServiceServer(tls);
  const stand = site.standOn(server, handshakes);
  await site.start();
  const connections = new Connections(server);
  const port = await listen(server, host, options.port ?? defaults.port).catch(async (error: unknown) => {
    await site.stop();
    throw error;
  });
  const endLog = log && logTraffic(log, new Map(site.places.map(({ name, endpoint }) => [endpoint, name])));

  let ended: Promise<void> | undefined;
  const leave = async (leaving: Leaving): Promise<void> => {
    stand.isDraining = true;
    const left = Promise.all([...site.places, ...site.parts].map((each) => each.drain?.(leaving)));
    ended ??= left.then(async () => {
      await connections.close();
      await site.stop();
      endLog?.();
    });
    await ended;
  };
  return {
    port,
    urls: urlsOf(options, site.places, `${hostForUrl(host)}:${port}`),
    reconfigure(changed) {
      if (changed.tls !== undefined) useTls(server, changed.tls);
      for (const part of site.parts) part.reconfigure?.(changed);
    },
    drain(window = 0, timeout = STOP_TIMEOUT) {
      const count = Object.values(site.counts()).reduce((sum, clients) => sum + clients, 0);
      return leave({ within: Math.min(window, count * MOST_APART), timeout });
    },
    stop: (timeout = STOP_TIMEOUT) => leave({ within: 0, timeout }),
  };
}

function partsOf(asked: ServiceOptions, handshakes: Handshakes): readonly Part[] {
  if (asked.only === 'echo') return echoAlone(asked);
  const inspector = asked.inspector && asked.console !== false ? new Inspection(asked.inspector) : undefined;
  const options = { ...asked, tap: inspector?.tap };
  const { host = defaults.host, log } = options;
  const metrics = options.metrics === false ? undefined : new Metrics();
  const chat = options.playground === false ? undefined : new Chat(options);
  const hub = new HubPart(options, metrics, chat);
  metrics?.describe({ engine: options.hub?.engine?.name ?? 'memory', node: hub.hub.node });
  const answered: ApiWatcher['answered'] = (...answer) => metrics?.api.answered(...answer);
  const hasConsole = options.console !== false;
  const keyring = () => (hasConsole ? api.keyring : undefined);
  const sessions = new ConsoleSessions({ host, hosts: options.console ? options.console.hosts : [], keyring });
  const api = new ApiPart(hub.hub, options, answered, sessions.grantOf);
  const pages = pagesWith(options);
  const parts = [
    hub,
    api,
    ...(pages.length === 0 ? [] : [consolePart(pages, sessions, log)]),
    ...(inspector === undefined ? [] : [inspector.part(sessions.grantOf)]),
    ...(chat === undefined ? [] : [chat, ...playground(options, handshakes)]),
  ];
  return metrics === undefined ? parts : [...parts, metricsPart(metrics, placesOf(parts), options.metrics || {})];
}

function placesOf(parts: readonly Part[]): readonly Place[] {
  return parts.flatMap(({ places = [] }) => places);
}

/** The parts as one. */
class Site {
  readonly parts: readonly Part[];
  readonly places: readonly Place[];

  constructor(parts: readonly Part[]) {
    this.parts = parts;
    this.places = placesOf(parts);
  }

  /** Clients by kind. */
  counts(): Readonly<Record<string, number>> {
    const atPlaces = this.places.map(({ name, endpoint }) => [name, endpoint.connectionCount]);
    return Object.assign(Object.fromEntries(atPlaces), ...this.parts.map((part) => part.counts?.()));
  }

  /** Puts everything on the server. Returns what says how it is. */
  standOn(server: ServiceServer, handshakes: Handshakes): { isDraining: boolean } {
    const state = { isDraining: false };
    const { parts, places } = this;
    const own = health({
      isDraining: () => state.isDraining,
      troubles: () => parts.flatMap((part) => part.trouble?.() ?? []),
      connections: () => this.counts(),
    });
    for (const part of parts) part.watch?.(server);
    const resources = parts.flatMap((part) => part.resources ?? []);
    const live = parts.flatMap((part) => part.live ?? []);
    handle(server, handleRequests([own, ...resources], live));
    recordAnswers(server, handshakes);
    for (const { endpoint, path } of places) endpoint.attach(server, { path, otherwise: 'refuse' });
    return state;
  }

  /** If a part does not start, those before it are stopped. */
  async start(): Promise<void> {
    for (const [index, part] of this.parts.entries()) {
      try {
        await part.start?.();
      } catch (error) {
        await stopParts(this.parts.slice(0, index));
        throw error;
      }
    }
  }

  stop(): Promise<void> {
    return stopParts(this.parts);
  }
}

async function stopParts(parts: readonly Part[]): Promise<void> {
  for (const part of parts.toReversed()) await part.stop?.();
}

function urlsOf(
  { only, playground, console, inspector, tls }: ServiceOptions,
  places: readonly Place[],
  authority: string,
): Service['urls'] {
  const secure = tls === undefined ? '' : 's';
  const listed = places.filter(({ isListed }) => isListed);
  const [page] = only === 'echo' ? [] : pagesWith({ playground, console, inspector });
  return {
    pages: page && `http${secure}://${authority}${pagePaths[page]}`,
    endpoints: Object.fromEntries(listed.map(({ name, path = '/' }) => [name, `ws${secure}://${authority}${path}`])),
  };
}

/** How a browser on this machine gets there. */
function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}
