import type { Registry } from 'prom-client';
import { addGauge, type Cell, Counts, DurationFamily, type Durations } from './families.ts';
import { endLabel, NAMELESS, OTHER } from './labels.ts';

// What is counted by namespace. The hub names a namespace with everything it tells: one look in a map gives all its numbers.

/** The numbers of one namespace. */
export interface NamespaceCells {
  readonly label: string;
  channels: number;
  subscriptions: number;
  readonly subscribed: Cell;
  readonly published: Cell;
  readonly publishedBytes: Cell;
  readonly delivered: Cell;
  readonly deliveredBytes: Cell;
  readonly broadcast: Durations;
}

export class NamespaceMetrics {
  readonly #cells = new Map<string, NamespaceCells>();
  readonly #known = new Set<string>();
  readonly #subscribed: Counts<'namespace'>;
  readonly #unsubscribed: Counts<'namespace' | 'code'>;
  readonly #published: Counts<'namespace'>;
  readonly #publishedBytes: Counts<'namespace'>;
  readonly #delivered: Counts<'namespace'>;
  readonly #deliveredBytes: Counts<'namespace'>;
  readonly #durations: DurationFamily<'namespace'>;
  readonly #recoveries: Counts<'namespace' | 'outcome'>;
  readonly #recovered: Counts<'namespace'>;
  readonly #gaps: Counts<'namespace' | 'outcome'>;
  readonly #slow: Counts<'namespace' | 'action'>;
  readonly #slowPublications: Counts<'namespace' | 'action'>;

  constructor(registry: Registry) {
    const counts = <Name extends string = never>(
      name: `${string}_total`,
      help: string,
      ...others: readonly Name[]
    ): Counts<'namespace' | Name> => new Counts(registry, name, help, ['namespace', ...others]);
    const gauge = (name: string, help: string, read: (cells: NamespaceCells) => number) =>
      addGauge(registry, name, help, ['namespace'], () =>
        [...this.#cells.values()].map((cells) => [{ namespace: cells.label }, read(cells)] as const),
      );
    gauge('tidewire_channels', 'Channels with subscribers on this node.', ({ channels }) => channels);
    gauge('tidewire_subscriptions', 'Subscriptions on this node.', ({ subscriptions }) => subscriptions);
    this.#subscribed = counts('tidewire_subscriptions_begun_total', 'Subscriptions that have begun.');
    this.#unsubscribed = counts('tidewire_subscriptions_ended_total', 'Subscriptions that have ended.', 'code');
    this.#published = counts('tidewire_publications_received_total', 'Publications that this node gave to the engine.');
    this.#publishedBytes = counts('tidewire_publications_received_bytes_total', 'Bytes of JSON in them.');
    this.#delivered = counts('tidewire_publications_delivered_total', 'Publications written, for each subscriber.');
    this.#deliveredBytes = counts('tidewire_publications_delivered_bytes_total', 'Bytes written to subscribers.');
    this.#durations = new DurationFamily(
      registry,
      'tidewire_broadcast_duration_seconds',
      'How long it took to write what one turn has published to all subscribers of a channel.',
      ['namespace'],
    );
    this.#recoveries = counts('tidewire_recoveries_total', 'Returns of clients with a position.', 'outcome');
    this.#recovered = counts('tidewire_recovered_publications_total', 'Publications given to clients that came back.');
    this.#gaps = counts('tidewire_gaps_total', 'Times that the engine had not told of something.', 'outcome');
    this.#slow = counts('tidewire_slow_consumer_actions_total', 'What was done about slow consumers.', 'action');
    this.#slowPublications = counts(
      'tidewire_slow_consumer_publications_total',
      'Publications that this concerned.',
      'action',
    );
  }

  figures() {
    const delivery = this.#durations.together();
    const slow = (what: Counts<'namespace' | 'action'>, wanted: string) => what.sum(({ action }) => action === wanted);
    const recoveries = (wanted: string) => this.#recoveries.sum(({ outcome }) => outcome === wanted);
    return {
      totals: {
        publications: this.#published.sum(),
        publicationBytes: this.#publishedBytes.sum(),
        deliveries: this.#delivered.sum(),
        deliveryBytes: this.#deliveredBytes.sum(),
        bursts: delivery.counts.reduce((sum, count) => sum + count, 0),
        slowQueued: slow(this.#slowPublications, 'queued'),
        slowDropped: slow(this.#slowPublications, 'dropped'),
        slowConflated: slow(this.#slowPublications, 'conflated'),
        slowDisconnected: slow(this.#slow, 'disconnected'),
        recovered: recoveries('recovered'),
        recoveriesFailed: recoveries('failed'),
        gaps: this.#gaps.sum(),
      },
      delivery,
    };
  }

  /** From now on these have a label of their own; those that had one keep it. */
  know(namespaces: Iterable<string>): void {
    for (const namespace of namespaces) this.#known.add(namespace);
  }

  of(namespace: string): NamespaceCells {
    return this.#cells.get(namespace) ?? this.#begin(namespace);
  }

  #begin(namespace: string): NamespaceCells {
    if (!this.#known.has(namespace) && namespace !== OTHER) return this.of(OTHER);
    const label = namespace === '' ? NAMELESS : namespace;
    const labels = { namespace: label };
    const cells: NamespaceCells = {
      label,
      channels: 0,
      subscriptions: 0,
      subscribed: this.#subscribed.at(labels),
      published: this.#published.at(labels),
      publishedBytes: this.#publishedBytes.at(labels),
      delivered: this.#delivered.at(labels),
      deliveredBytes: this.#deliveredBytes.at(labels),
      broadcast: this.#durations.at(labels),
    };
    this.#cells.set(namespace, cells);
    return cells;
  }

  unsubscribed(namespace: string, code: number): void {
    const cells = this.of(namespace);
    cells.subscriptions--;
    this.#unsubscribed.at({ namespace: cells.label, code: endLabel(code) }).value++;
  }

  recovered(namespace: string, outcome: string, publications: number): void {
    const { label } = this.of(namespace);
    this.#recoveries.at({ namespace: label, outcome }).value++;
    this.#recovered.at({ namespace: label }).value += publications;
  }

  gapNoticed(namespace: string, outcome: string): void {
    this.#gaps.at({ namespace: this.of(namespace).label, outcome }).value++;
  }

  slowConsumer(namespace: string, action: string, publications: number): void {
    const labels = { namespace: this.of(namespace).label, action };
    this.#slow.at(labels).value++;
    this.#slowPublications.at(labels).value += publications;
  }
}
