import { createRequire } from 'node:module';
import type { Figures } from '@tidewire/console/operate-messages';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ApiMetrics } from './api-metrics.ts';
import { addGauge } from './families.ts';
import { HubMetrics } from './hub-metrics.ts';
import { ProcessFigures } from './process-figures.ts';
import { type Counted, EndpointMetrics, NetworkMetrics } from './server-metrics.ts';

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../../package.json');

/** Of the process: event loop, memory, garbage collection. However many services it runs, they are collected once. */
let ofProcess: Registry | undefined;

/** Milliseconds for which figures are given again: however many ask, they are not gathered more often. */
const FRESH = 500;

/** All that a service counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly hub = new HubMetrics(this.#registry);
  readonly api = new ApiMetrics(this.#registry);
  readonly network = new NetworkMetrics(this.#registry);
  readonly #process = new ProcessFigures();
  #endpoints: EndpointMetrics | undefined;
  #figures: Figures | undefined;
  #figuresAt = Number.NEGATIVE_INFINITY;

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
    this.#process.stop();
  }

  /** For the console: the same numbers without labels. */
  figures(): Figures {
    const now = performance.now();
    if (this.#figures !== undefined && now - this.#figuresAt < FRESH) return this.#figures;
    const { isEngineUp, totals, latencies } = this.hub.figures();
    const { refused, errors } = this.#endpoints?.figures() ?? { refused: 0, errors: 0 };
    const { network, totals: carried } = this.network.figures();
    this.#figuresAt = now;
    this.#figures = {
      time: Date.now(),
      engine: { name: this.#about.engine, isUp: isEngineUp },
      totals: { ...totals, ...carried, refused, errors: totals.errors + errors },
      latencies,
      process: this.#process.read(),
      network,
    };
    return this.#figures;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${(await ofProcess?.metrics()) ?? ''}`;
  }
}
