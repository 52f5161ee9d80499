import type { Outcome, PhaseOutcome } from '../outcome.ts';
import { or, parseTime } from '../scenario/kinds.ts';
import type { Phase, Scenario } from '../scenario/schema.ts';
import { nearest } from '../scenario/suggestion.ts';
import { type Metric, metricOf, metrics } from './metrics.ts';

// Conditions upon which a run counts as failed: `p99>50ms`, `lost>0`, `storm:allBack>10s`.

/** An expression that is none; it says what would be one. */
export class ThresholdError extends Error {
  override readonly name = 'ThresholdError';
}

const operators: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '>=': (one, other) => one >= other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '<': (one, other) => one < other,
};

export interface Threshold {
  /** As it was written. */
  readonly text: string;
  /** The name of the phase that it is about; `undefined`: all that have the metric. */
  readonly phase: string | undefined;
  readonly metric: Metric;
  readonly operator: string;
  /** Milliseconds where the metric is a time, a share from 0 to 1 where it is one. */
  readonly limit: number;
}

/** How a threshold came out in a phase. */
export interface Verdict {
  readonly threshold: Threshold;
  readonly phase: string;
  /** `undefined` if there was nothing to measure, which is a failure, too. */
  readonly value: number | undefined;
  readonly hasFailed: boolean;
}

/**
 * Reads an expression, and checks that the scenario has what it is about.
 * @throws ThresholdError
 */
export function parseThreshold(text: string, { phases }: Scenario): Threshold {
  const [, name, metricName = '', operator = '', limitText = ''] =
    /^\s*(?:([^<>=]*\S)\s*:)?\s*([\w.]+)\s*(>=|<=|>|<)\s*(\S.*?)\s*$/.exec(text) ?? [];
  if (metricName === '') {
    throw new ThresholdError(`${text} must be a metric, one of > >= < <=, and a limit, such as p99>50ms`);
  }
  const metric = metricOf(metricName);
  if (metric === undefined) throw new ThresholdError(`${text}: ${unknown('metric', metricName, Object.keys(metrics))}`);
  const limit = parseLimit(limitText, metric);
  if (Number.isNaN(limit))
    throw new ThresholdError(`${text}: ${metricName} is compared with ${rightLimit[metric.unit]}`);
  const named = phases.filter((phase) => name === undefined || nameOf(phase) === name);
  if (named.length === 0) throw new ThresholdError(`${text}: ${unknown('phase', name ?? '', phases.map(nameOf))}`);
  if (!named.some((phase) => metric.isIn(phase))) {
    const which = name === undefined ? 'no phase of this scenario measures' : `the phase ${name} does not measure`;
    throw new ThresholdError(`${text}: ${which} ${metricName}`);
  }
  return { text, phase: name, metric, operator, limit };
}

export function judge(thresholds: readonly Threshold[], { phases }: Outcome, scenario: Scenario): readonly Verdict[] {
  return thresholds.flatMap((threshold) =>
    phases
      .filter(({ name }, i) => {
        const phase = scenario.phases[i];
        return (threshold.phase ?? name) === name && phase !== undefined && threshold.metric.isIn(phase);
      })
      .map((phase) => judgeOne(threshold, phase)),
  );
}

function judgeOne(threshold: Threshold, phase: PhaseOutcome): Verdict {
  const value = threshold.metric.value(phase);
  const isMet = operators[threshold.operator]?.(value ?? Number.NaN, threshold.limit) ?? true;
  return { threshold, phase: phase.name, value, hasFailed: value === undefined || isMet };
}

const rightLimit = {
  time: 'a time such as 50ms or 2s',
  number: 'a number such as 0 or 1000',
  share: 'a share such as 1% or 0.01',
} as const;

function parseLimit(text: string, { unit }: Metric): number {
  // A number alone would be seconds in a scenario, and is taken for milliseconds by many: it must say which.
  if (unit === 'time') return /[a-z]$/.test(text) || Number(text) === 0 ? parseTime(text) : Number.NaN;
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? [];
  if (digits === undefined || (percent === '%' && unit !== 'share')) return Number.NaN;
  return Number(digits) / (percent === '%' ? 100 : 1);
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `there is no ${what} ${name}. ${near === undefined ? `There are ${or(known)}.` : `Did you mean ${near}?`}`;
}

function nameOf(phase: Phase): string {
  return phase.name ?? phase.do;
}
