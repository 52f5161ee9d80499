import type { Disconnect, HubObserver } from '@tidewire/hub';
import type { Registry } from 'prom-client';
import { ConnectionMetrics } from './connection-metrics.ts';
import { EngineMetrics } from './engine-metrics.ts';
import { Counts, DurationFamily } from './families.ts';
import { FirstValues } from './labels.ts';
import { NamespaceMetrics } from './namespace-metrics.ts';

/** Round trips in seconds: from a machine in the same room to one behind a satellite. */
const roundTrips = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts what a hub tells, as metrics of Prometheus. Give one to a hub as its `observer`, and the metrics of its registry to
 * whoever asks for them.
 */
export class HubMetrics implements HubObserver {
  readonly #namespaces: NamespaceMetrics;
  readonly #connections: ConnectionMetrics;
  readonly #engine: EngineMetrics;
  readonly #roundTrips: DurationFamily<'of'>;
  readonly #webhooks: Counts<'event' | 'outcome'>;
  readonly #webhookAttempts: Counts<'event'>;
  readonly #webhookDurations: DurationFamily<'event'>;
  readonly #errors: Counts<'where'>;
  readonly #places = new FirstValues();
  readonly #events = new FirstValues();
  readonly #answerers = new FirstValues();

  /** @param registry of prom-client, to which the metrics are added; their names begin with `tidewire_` */
  constructor(registry: Registry) {
    this.#namespaces = new NamespaceMetrics(registry);
    this.#connections = new ConnectionMetrics(registry);
    this.#engine = new EngineMetrics(registry);
    this.#roundTrips = new DurationFamily(
      registry,
      'tidewire_ping_round_trip_seconds',
      'From a ping to its answer: of the heartbeat of WebSockets, or of the dialect of a transport.',
      ['of'],
      roundTrips,
    );
    this.#errors = new Counts(
      registry,
      'tidewire_hub_errors_total',
      'Errors of hooks, handlers and the hub itself that were no answers to a client.',
      ['where'],
    );
    this.#webhooks = new Counts(registry, 'tidewire_webhooks_total', 'Webhooks, by what became of them.', [
      'event',
      'outcome',
    ]);
    this.#webhookAttempts = new Counts(registry, 'tidewire_webhook_attempts_total', 'Requests made for them.', [
      'event',
    ]);
    this.#webhookDurations = new DurationFamily(
      registry,
      'tidewire_webhook_duration_seconds',
      'From an event to the end of its webhook, retries included.',
      ['event'],
    );
  }

  /** Namespaces that get a label of their own; all others are `other`. To be told before the hub starts, and of new ones. */
  know(namespaces: Iterable<string>): void {
    this.#namespaces.know(namespaces);
  }

  connected(transport: string): void {
    this.#connections.connected(transport);
  }

  disconnected(transport: string, disconnect: Disconnect, duration: number): void {
    this.#connections.disconnected(transport, disconnect, duration);
  }

  pongReceived(transport: string, duration: number): void {
    this.#roundTrips.at({ of: this.#answerers.label(transport) }).add(duration);
  }

  commandDone(command: string, outcome: number, duration: number): void {
    this.#connections.commandDone(command, outcome, duration);
  }

  threw(where: string): void {
    this.#errors.at({ where: this.#places.label(where) }).value++;
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

  engineResumed(): void {
    this.#engine.resumed();
  }

  webhookDone(event: string, outcome: 'ok' | 'failed' | 'dropped', duration: number, attempts: number): void {
    const label = { event: this.#events.label(event) };
    this.#webhooks.at({ ...label, outcome }).value++;
    this.#webhookAttempts.at(label).value += attempts;
    this.#webhookDurations.at(label).add(duration);
  }
}
