import { createRequire } from 'node:module';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ApiMetrics } from './api-metrics.ts';
import { addGauge } from './families.ts';
import { HubMetrics } from './hub-metrics.ts';
import { type Counted, EndpointMetrics, NetworkMetrics } from './server-metrics.ts';

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../../package.json');

/** Of the process: event loop, memory, garbage collection. However many services it runs, they are collected once. */
let ofProcess: Registry | undefined;

/** All that a service counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly hub = new HubMetrics(this.#registry);
  readonly api = new ApiMetrics(this.#registry);
  readonly network = new NetworkMetrics(this.#registry);
  #endpoints: EndpointMetrics | undefined;

  #about = { engine: '', node: '' };

  constructor() {
    const about = () => [[{ version, ...this.#about }, 1]] as const;
    addGauge(
      this.#registry,
      'tidewire_info',
      'Always 1; its labels say what runs.',
      ['version', 'engine', 'node'],
      about,
    );
    if (ofProcess === undefined) {
      ofProcess = new Registry();
      collectDefaultMetrics({ register: ofProcess });
    }
  }

  /** Says what runs: the name of the engine, and that of the node. */
  describe(about: { readonly engine: string; readonly node: string }): void {
    this.#about = about;
  }

  /** @param endpoints by name */
  watch(endpoints: ReadonlyMap<string, Counted>): void {
    this.#endpoints?.stop();
    this.#endpoints = new EndpointMetrics(this.#registry, endpoints, (roundTrip) => {
      this.hub.pongReceived('heartbeat', roundTrip);
    });
  }

  stop(): void {
    this.#endpoints?.stop();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${(await ofProcess?.metrics()) ?? ''}`;
  }
}
