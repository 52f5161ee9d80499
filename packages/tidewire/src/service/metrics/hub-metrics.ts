import type { Figures } from '@tidewire/console/operate-messages';
import type { Disconnect, HubObserver } from '@tidewire/hub';
import type { Registry } from 'prom-client';
import { ConnectionMetrics } from './connection-metrics.ts';
import { EngineMetrics } from './engine-metrics.ts';
import { type Cell, Counts, DurationFamily, type Durations } from './families.ts';
import { ByValue } from './labels.ts';
import { NamespaceMetrics } from './namespace-metrics.ts';

/** Round trips in seconds: from a machine in the same room to one behind a satellite. */
const pings = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface HubFigures {
  readonly isEngineUp: boolean;
  readonly totals: Omit<Figures['totals'], 'refused' | 'received' | 'sent'>;
  readonly latencies: Figures['latencies'];
}

interface WebhookCells {
  readonly label: string;
  readonly attempts: Cell;
  readonly duration: Durations;
}

/**
 * Counts what a hub tells, as metrics of Prometheus. Give one to a hub as its `observer`, and the metrics of its registry to
 * whoever asks for them.
 */
export class HubMetrics implements HubObserver {
  readonly #namespaces: NamespaceMetrics;
  readonly #connections: ConnectionMetrics;
  readonly #engine: EngineMetrics;
  readonly #roundTrips: ByValue<Durations>;
  readonly #pings: DurationFamily<'of'>;
  readonly #errors: ByValue<Cell>;
  readonly #allErrors: Counts<'where'>;
  readonly #events: ByValue<WebhookCells>;
  readonly #webhooks: Counts<'event' | 'outcome'>;

  /** @param registry of prom-client, to which the metrics are added; their names begin with `tidewire_` */
  constructor(registry: Registry) {
    this.#namespaces = new NamespaceMetrics(registry);
    this.#connections = new ConnectionMetrics(registry);
    this.#engine = new EngineMetrics(registry);
    const roundTrips = new DurationFamily(
      registry,
      'tidewire_ping_round_trip_seconds',
      'From a ping to its answer: of the heartbeat of WebSockets, or of the dialect of a transport.',
      ['of'],
      pings,
    );
    this.#pings = roundTrips;
    this.#roundTrips = new ByValue((of) => roundTrips.at({ of }));
    const errors = new Counts(
      registry,
      'tidewire_hub_errors_total',
      'Errors of hooks, handlers and the hub itself that were no answers to a client.',
      ['where'],
    );
    this.#allErrors = errors;
    this.#errors = new ByValue((where) => errors.at({ where }));
    this.#webhooks = new Counts(registry, 'tidewire_webhooks_total', 'Webhooks, by what became of them.', [
      'event',
      'outcome',
    ]);
    const attempts = new Counts(registry, 'tidewire_webhook_attempts_total', 'Requests made for them.', ['event']);
    const durations = new DurationFamily(
      registry,
      'tidewire_webhook_duration_seconds',
      'From an event to the end of its webhook, retries included.',
      ['event'],
    );
    this.#events = new ByValue((event) => ({
      label: event,
      attempts: attempts.at({ event }),
      duration: durations.at({ event }),
    }));
  }

  /** Namespaces that get a label of their own; all others are `other`. To be told before the hub starts, and of new ones. */
  know(namespaces: Iterable<string>): void {
    this.#namespaces.know(namespaces);
  }

  /** The same numbers without labels, since the beginning: what the console shows of a hub. */
  figures(): HubFigures {
    const namespaces = this.#namespaces.figures();
    const connections = this.#connections.figures();
    const engine = this.#engine.figures();
    return {
      isEngineUp: engine.isUp,
      totals: { ...connections.totals, ...namespaces.totals, ...engine.totals, errors: this.#allErrors.sum() },
      latencies: {
        delivery: namespaces.delivery,
        command: connections.command,
        engine: engine.engine,
        ping: this.#pings.together(),
      },
    };
  }

  connected(transport: string): void {
    this.#connections.connected(transport);
  }

  disconnected(transport: string, disconnect: Disconnect, duration: number): void {
    this.#connections.disconnected(transport, disconnect, duration);
  }

  pongReceived(transport: string, duration: number): void {
    this.#roundTrips.of(transport).add(duration);
  }

  commandDone(command: string, outcome: number, duration: number): void {
    this.#connections.commandDone(command, outcome, duration);
  }

  threw(where: string): void {
    this.#errors.of(where).value++;
  }

  subscribed(namespace: string): void {
    const cells = this.#namespaces.of(namespace);
    cells.subscriptions++;
    cells.subscribed.value++;
  }

  unsubscribed(namespace: string, code: number): void {
    this.#namespaces.unsubscribed(namespace, code);
  }

  channelOpened(namespace: string): void {
    this.#namespaces.of(namespace).channels++;
  }

  channelClosed(namespace: string): void {
    this.#namespaces.of(namespace).channels--;
  }

  published(namespace: string, bytes: number): void {
    const cells = this.#namespaces.of(namespace);
    cells.published.value++;
    cells.publishedBytes.value += bytes;
  }

  broadcast(namespace: string, publications: number, subscribers: number, bytes: number, duration: number): void {
    const cells = this.#namespaces.of(namespace);
    cells.delivered.value += publications * subscribers;
    cells.deliveredBytes.value += bytes;
    cells.broadcast.add(duration);
  }

  recovered(namespace: string, outcome: 'recovered' | 'failed', publications: number): void {
    this.#namespaces.recovered(namespace, outcome, publications);
  }

  gapNoticed(namespace: string, outcome: 'filled' | 'resubscribed'): void {
    this.#namespaces.gapNoticed(namespace, outcome);
  }

  slowConsumer(
    namespace: string,
    action: 'queued' | 'disconnected' | 'dropped' | 'conflated',
    publications: number,
  ): void {
    this.#namespaces.slowConsumer(namespace, action, publications);
  }

  engineMeasured(operation: string, duration: number, isOk: boolean): void {
    this.#engine.measured(operation, duration, isOk);
  }

  engineInterrupted(): void {
    this.#engine.interrupted();
  }

  historyShortened(publications: number, positions: number): void {
    this.#engine.shortened(publications, positions);
  }

  engineResumed(): void {
    this.#engine.resumed();
  }

  webhookDone(event: string, outcome: 'ok' | 'failed' | 'dropped', duration: number, attempts: number): void {
    const cells = this.#events.of(event);
    cells.attempts.value += attempts;
    cells.duration.add(duration);
    this.#webhooks.at({ event: cells.label, outcome }).value++;
  }
}
