// What a load test has found out, as its table, its report and its thresholds have it.

/** Of a distribution of times, in milliseconds. */
export interface Times {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}
