import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { Times } from '../outcome.ts';

// Times as a HdrHistogram: three significant digits from a microsecond to as long as it takes, in a fixed memory. Several are added
// up without a loss, which percentiles cannot be.

/** An hour, in microseconds. */
const START_RANGE = 3_600_000_000;

export class Distribution {
  readonly #histogram: Histogram;
  #sum = 0;

  private constructor(histogram: Histogram, sum: number) {
    this.#histogram = histogram;
    this.#sum = sum;
  }

  static empty(): Distribution {
    const histogram = build({
      bitBucketSize: 32,
      autoResize: true,
      highestTrackableValue: START_RANGE,
      numberOfSignificantValueDigits: 3,
    });
    return new Distribution(histogram, 0);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** @param milliseconds what is below 0 counts as 0 */
  record(milliseconds: number): void {
    const microseconds = Math.max(0, Math.round(milliseconds * 1000));
    this.#histogram.recordValue(microseconds);
    this.#sum += microseconds;
  }

  add(other: Distribution): void {
    this.#histogram.add(other.#histogram);
    this.#sum += other.#sum;
  }

  reset(): void {
    this.#histogram.reset();
    this.#sum = 0;
  }

  /** For another thread; `undefined` if there is nothing in it. */
  pack(): PackedDistribution | undefined {
    if (this.count === 0) return undefined;
    return { data: encodeIntoCompressedBase64(this.#histogram, 1), sum: this.#sum };
  }

  static unpack({ data, sum }: PackedDistribution): Distribution {
    return new Distribution(decodeFromCompressedBase64(data, 32, false), sum);
  }

  /** Milliseconds. @param percentile from 0 to 100 */
  at(percentile: number): number {
    return Math.min(this.#histogram.getValueAtPercentile(percentile), this.#histogram.maxValue) / 1000;
  }

  /** `undefined` if there is nothing in it. */
  times(): Times | undefined {
    if (this.count === 0) return undefined;
    return {
      count: this.count,
      mean: round(this.#sum / this.count / 1000),
      min: this.at(0),
      max: this.#histogram.maxValue / 1000,
      p50: this.at(50),
      p90: this.at(90),
      p99: this.at(99),
      p999: this.at(99.9),
    };
  }

  /** For a plot: pairs of a percentile and milliseconds, closer together towards 100. */
  curve(): readonly (readonly [percentile: number, milliseconds: number])[] {
    if (this.count === 0) return [];
    const points: [number, number][] = [];
    for (let distance = 100; distance > 100 / this.count / 2 && distance > 1e-4; distance /= 2 ** 0.25) {
      points.push([100 - distance, this.at(100 - distance)]);
    }
    points.push([100, this.at(100)]);
    return points;
  }
}

export interface PackedDistribution {
  readonly data: string;
  /** Microseconds. */
  readonly sum: number;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
