import { Distribution } from '../measure/distribution.ts';
import { noCounters } from '../measure/tally.ts';
import type { Counters, Counts, Moment, Times } from '../outcome.ts';
import { type DistributionName, distributionNames, type Report } from '../worker/messages.ts';

// Puts together what the workers report of one phase.

/** Later than this after a second, in seconds, no worker has anything to say of it. */
const LATE = 3;

/** What is known of one second. */
interface Bucket {
  sent: number;
  received: number;
  readonly open: Map<number, number>;
  latency: Distribution | undefined;
  times: Times | undefined;
}

const counterNames = Object.keys(noCounters()).filter((name): name is keyof Counters => name in noCounters());

export class Collector {
  readonly #last = new Map<number, Report>();
  readonly #distributions = new Map<DistributionName, Distribution>();
  readonly #buckets = new Map<number, Bucket>();
  readonly #busy = new Map<number, number[]>();
  /** Whether the phase is under way, so that it counts how busy the workers are. */
  isRunning = false;

  take(worker: number, report: Report): void {
    const before = this.#last.get(worker)?.counters ?? noCounters();
    const { second, counters, distributions } = report;
    this.#last.set(worker, report);
    const bucket = this.#bucketOf(second);
    bucket.sent += counters.sent - before.sent;
    bucket.received += counters.received - before.received;
    bucket.open.set(worker, counters.open);
    for (const name of distributionNames) {
      const packed = distributions[name];
      if (packed === undefined) continue;
      const distribution = Distribution.unpack(packed);
      this.#distributionOf(name).add(distribution);
      if (name === 'latency') {
        bucket.latency ??= Distribution.empty();
        bucket.latency.add(distribution);
        bucket.times = undefined;
      }
    }
    if (this.isRunning) this.#busy.set(worker, [...(this.#busy.get(worker) ?? []), report.busy]);
    this.#settleBuckets(second - LATE);
  }

  get counters(): Counters {
    const sum = noCounters();
    for (const { counters } of this.#last.values()) for (const name of counterNames) sum[name] += counters[name];
    return sum;
  }

  get closes(): Counts {
    return added([...this.#last.values()].map(({ closes }) => closes));
  }

  get errors(): Counts {
    return added([...this.#last.values()].map(({ errors }) => errors));
  }

  get examples(): readonly string[] {
    return [...this.#last.values()].flatMap(({ examples }) => examples).slice(0, 12);
  }

  /** Of the busiest worker, the part of the time that it worked, on average. */
  get busiest(): number {
    const means = [...this.#busy.values()].map((all) => all.reduce((sum, each) => sum + each, 0) / all.length);
    return Math.max(0, ...means);
  }

  times(name: DistributionName): Times | undefined {
    return this.#distributions.get(name)?.times();
  }

  curve(): readonly (readonly [number, number])[] {
    return this.#distributions.get('latency')?.curve() ?? [];
  }

  /** All seconds so far, or the last so many. */
  moments(last = Number.POSITIVE_INFINITY): readonly Moment[] {
    const seconds = [...this.#buckets.keys()].toSorted((one, other) => one - other);
    const open = new Map<number, number>();
    const moments = seconds.map((second): Moment => {
      const bucket = this.#bucketOf(second);
      for (const [worker, count] of bucket.open) open.set(worker, count);
      const sum = [...open.values()].reduce((total, count) => total + count, 0);
      bucket.times ??= bucket.latency?.times();
      return { second, open: sum, sent: bucket.sent, received: bucket.received, latency: bucket.times };
    });
    return Number.isFinite(last) ? moments.slice(-last) : moments;
  }

  #bucketOf(second: number): Bucket {
    const known = this.#buckets.get(second);
    if (known !== undefined) return known;
    const bucket: Bucket = { sent: 0, received: 0, open: new Map(), latency: undefined, times: undefined };
    this.#buckets.set(second, bucket);
    return bucket;
  }

  #distributionOf(name: DistributionName): Distribution {
    const known = this.#distributions.get(name);
    if (known !== undefined) return known;
    const distribution = Distribution.empty();
    this.#distributions.set(name, distribution);
    return distribution;
  }

  /** Histograms of what is long ago are not kept: a run may last for hours. */
  #settleBuckets(until: number): void {
    const bucket = this.#buckets.get(until);
    if (bucket?.latency === undefined) return;
    bucket.times = bucket.latency.times();
    bucket.latency = undefined;
  }
}

function added(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
