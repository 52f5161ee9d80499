import type { Distribution } from '@tidewire/console/operate-messages';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

// Metrics whose cost falls on who scrapes. Whoever counts holds the number itself: to count is to add to a field, and no label
// is looked at. prom-client learns of the numbers when it is asked for them.

type Labels<Name extends string> = Readonly<Record<Name, string>>;

/** One number of a metric. */
export interface Cell {
  value: number;
}

/** What has been counted since the process began, by labels. */
export class Counts<Name extends string = never> {
  readonly #cells = new Map<string, { readonly labels: Labels<Name>; value: number }>();

  constructor(registry: Registry, name: `${string}_total`, help: string, labelNames: readonly Name[] = []) {
    const cells = this.#cells;
    new Counter<Name>({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, value } of cells.values()) this.inc(labels, value);
      },
    });
  }

  /** Of all labels together. @param isMeant default: all */
  sum(isMeant: (labels: Labels<Name>) => boolean = () => true): number {
    let sum = 0;
    for (const { labels, value } of this.#cells.values()) if (isMeant(labels)) sum += value;
    return sum;
  }

  /** The number with these labels, which begins with 0. To be kept by who counts often. */
  at(labels: Labels<Name>): Cell {
    const key = Object.values(labels).join('\n');
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { labels, value: 0 };
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

/** What is so at the moment of a scrape. @param read what gives all numbers with their labels */
export function addGauge<Name extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Name[],
  read: () => Iterable<readonly [labels: Labels<Name>, value: number]>,
): void {
  new Gauge<Name>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.set(labels, value);
    },
  });
}

/** The same of what only grows. */
export function addCounter(registry: Registry, name: `${string}_total`, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/** From 0.1 ms to 10 s. */
const latencies = [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long something took, with the labels of one series. */
export class Durations {
  /** Those of each bucket alone; the last is of what is longer than all bounds. */
  readonly counts: Float64Array;
  readonly #bounds: readonly number[];
  /** In seconds. */
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** @param duration milliseconds */
  add(duration: number): void {
    const seconds = duration / 1000;
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] ?? 0)) index++;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
  }
}

interface HistogramValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName: string;
}

/** Durations by labels. */
export class DurationFamily<Name extends string = never> extends Histogram<Name> {
  readonly #series = new Map<string, { readonly labels: Labels<Name>; readonly durations: Durations }>();
  readonly #bounds: readonly number[];
  readonly #description: { readonly name: string; readonly help: string };

  /** @param bounds of the buckets, in seconds. Default: from 0.1 ms to 10 s */
  constructor(
    registry: Registry,
    name: `${string}_seconds`,
    help: string,
    labelNames: readonly Name[] = [],
    bounds: readonly number[] = latencies,
  ) {
    super({ name, help, labelNames, buckets: [...bounds], registers: [registry] });
    this.#description = { name, help };
    this.#bounds = bounds;
  }

  at(labels: Labels<Name>): Durations {
    const key = Object.values(labels).join('\n');
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, durations: new Durations(this.#bounds) };
      this.#series.set(key, series);
    }
    return series.durations;
  }

  /** Of all labels together. @param isMeant default: all */
  together(isMeant: (labels: Labels<Name>) => boolean = () => true): Distribution {
    const counts = Array.from({ length: this.#bounds.length + 1 }, () => 0);
    let sum = 0;
    for (const { labels, durations } of this.#series.values()) {
      if (!isMeant(labels)) continue;
      for (const [index, count] of durations.counts.entries()) counts[index] = (counts[index] ?? 0) + count;
      sum += durations.sum;
    }
    return { bounds: this.#bounds, counts, sum };
  }

  /** What prom-client's registry asks a histogram for. */
  getForPromString() {
    const values = [...this.#series.values()].flatMap(({ labels, durations }) => this.#valuesOf(labels, durations));
    return Promise.resolve({ ...this.#description, type: 'histogram', values, aggregator: 'sum' });
  }

  #valuesOf(labels: Labels<Name>, { counts, sum }: Durations): HistogramValue[] {
    const { name } = this.#description;
    let total = 0;
    const buckets = [...counts].map((count, index) => {
      total += count;
      return { labels: { ...labels, le: this.#bounds[index] ?? '+Inf' }, value: total, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: total, metricName: `${name}_count` },
    ];
  }
}
