import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { centrifugeJsonEndpoint, Emulation, jsonLinesEndpoint } from '@tidewire/dialects';
import {
  type ConfigurablePermissions,
  createPermissions,
  createWebhooks,
  disconnectCodes,
  Hub,
  type HubObserver,
  type NamespaceOptions,
  type Webhooks,
} from '@tidewire/hub';
import { isSameHost } from '@tidewire/server';
import type { Chat } from './chat/chat.ts';
import { EngineWatch } from './engine-watch.ts';
import { observe } from './hub-observer.ts';
import type { HubMetrics } from './metrics/hub-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import { commonSettings, type HubSettings, type ServiceOptions } from './options.ts';
import { type Leaving, type Part, type Place, sendAway } from './site.ts';

// The hub as a part of a service: who may do what by the options, and the ways in which clients come.

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../package.json');

/** Of a playground: where anybody may try what a hub can do. */
const tryNamespaces: Readonly<Record<string, NamespaceOptions>> = {
  try: {
    subscribe: 'everyone',
    publish: 'subscribers',
    history: { size: 100, ttl: 3_600_000 },
    presence: true,
  },
};

/** @throws TypeError or RangeError naming an option that makes no sense */
export class HubPart implements Part {
  readonly hub: Hub;
  readonly places: readonly Place[];
  readonly live: Part['live'];
  readonly #emulation: Emulation;
  readonly #permissions: ConfigurablePermissions;
  readonly #observer: HubObserver;
  readonly #metrics: HubMetrics | undefined;
  readonly #watch = new EngineWatch();
  readonly #log: ServiceOptions['log'];
  readonly #chat: Chat | undefined;
  #webhooks: Webhooks | undefined;

  /**
   * @param metrics are told of all that the hub does
   * @param chat whose rooms are channels of the hub
   */
  constructor(options: ServiceOptions, metrics: Metrics | undefined, chat?: Chat) {
    const { hub: settings = {}, log } = options;
    this.#log = log;
    this.#chat = chat;
    this.#metrics = metrics?.hub;
    this.#metrics?.know(Object.keys(this.#namespacesOf(options)));
    this.#observer = observe(this.#metrics, this.#watch, log);
    this.#webhooks = this.#createWebhooks(settings);
    this.#permissions = createPermissions({
      ...settings.permissions,
      hooks: this.#webhooks?.hooks,
      error: (error, hook) => this.#observer.threw?.(hook, error),
    });
    this.hub = new Hub({
      engine: settings.engine,
      namespaces: this.#namespacesOf(options),
      limits: settings.limits,
      permissions: chat?.permissionsBeside(this.#permissions) ?? this.#permissions,
      observer: this.#observer,
      occupancy: (event, channel, trace) => this.#webhooks?.occupancy(event, channel, trace),
      name: hostname(),
      version,
      figures: metrics && (() => metrics.figures()),
    });
    const clients = chat === undefined ? settings.clients : chat.clients(settings.clients);
    const sessions = { ...clients, observer: this.#observer };
    const origin = originRule(options);
    const { deflate, maxConnections, tap } = commonSettings(options);
    const sockets = {
      ...sessions,
      tap,
      origin: (from: string, { host }: { readonly host: string }) => origin(from, host),
    };
    this.#emulation = new Emulation(this.hub, { ...sessions, origin, maxConnections });
    this.places = [
      hubPlace(
        'hub',
        '/connection/websocket',
        centrifugeJsonEndpoint(this.hub, { ...sockets, deflate, maxConnections }),
      ),
      hubPlace(
        'lines',
        '/connection/lines',
        // People and scripts do not answer pings in words; the WebSocket has pings of its own.
        jsonLinesEndpoint(this.hub, { ...sockets, pingInterval: false, deflate, maxConnections }),
      ),
    ];
    this.live = [(_path, request, response) => (this.#emulation.handle(request, response) ? 'served' : undefined)];
  }

  counts(): Readonly<Record<string, number>> {
    return { emulation: this.#emulation.connectionCount };
  }

  start(): Promise<void> {
    return this.hub.start();
  }

  trouble(): string | undefined {
    return this.#watch.trouble();
  }

  reconfigure(options: ServiceOptions): void {
    const { hub: settings = {} } = options;
    const before = this.#webhooks;
    const webhooks = this.#createWebhooks(settings);
    this.#permissions.reconfigure({
      tokens: undefined,
      isAnonymousAllowed: undefined,
      hookTimeout: undefined,
      ...settings.permissions,
      hooks: webhooks?.hooks,
    });
    this.#metrics?.know(Object.keys(this.#namespacesOf(options)));
    this.hub.reconfigure({ namespaces: this.#namespacesOf(options), limits: settings.limits });
    this.#webhooks = webhooks;
    // What it has to tell is told yet.
    void before?.stop();
  }

  /**
   * Tells everybody to come back, spread over the time, and gives up the lease. Who comes back to another node before the grace
   * of presence is over has not been away; that is waited for, unless there is no time.
   */
  drain({ within }: Leaving): Promise<void> {
    return within === 0 ? this.hub.stop() : this.hub.drain({ within });
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await this.#webhooks?.stop();
  }

  /** An operator's own take the place of those that are there by themselves. */
  #namespacesOf({ playground = true, hub = {} }: ServiceOptions): Readonly<Record<string, NamespaceOptions>> {
    return { ...(playground && tryNamespaces), ...this.#chat?.namespaces, ...hub.namespaces };
  }

  #createWebhooks({ webhooks }: HubSettings): Webhooks | undefined {
    if (webhooks === undefined) return undefined;
    return createWebhooks({
      observer: this.#observer,
      error: (error) => this.#log?.error({ err: error }, 'webhooks were given up'),
      ...webhooks,
    });
  }
}

/** A place whose clients come back to another node. */
function hubPlace(name: string, path: string, endpoint: ReturnType<typeof centrifugeJsonEndpoint>): Place {
  const { code, reason } = disconnectCodes.SHUTDOWN;
  return { name, path, isListed: true, endpoint, drain: (leaving) => sendAway(endpoint, leaving, code, reason) };
}

function originRule({ origins = [] }: ServiceOptions): (origin: string, host: string) => boolean {
  const allowed = new Set(origins);
  return (origin, host) => isSameHost(origin, host) || allowed.has(origin);
}
