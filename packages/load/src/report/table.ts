import type { Counts, Outcome, PhaseOutcome, Times } from '../outcome.ts';
import type { Verdict } from '../threshold/threshold.ts';
import { bytes, number, percent, time } from './format.ts';

// What a run has found out, as a person reads it in a terminal.

export interface TableOptions {
  /** Colours something; the identity where there are no colours. */
  readonly paint: (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string;
}

type Row = readonly [label: string, text: string];

const LABEL = 13;

export function table(outcome: Outcome, verdicts: readonly Verdict[], { paint }: TableOptions): string {
  const { urls, protocol, seed, workers, wasInterrupted } = outcome;
  const lines = [
    paint('bold', `${outcome.name ?? 'Load test'}: ${urls.join(', ')}`),
    paint('dim', `${protocol}, ${workers} ${workers === 1 ? 'worker' : 'workers'}, seed ${seed}`),
    ...(wasInterrupted ? [paint('yellow', 'It was ended early: this is what there was until then.')] : []),
  ];
  for (const phase of outcome.phases) {
    lines.push('', paint('bold', phase.name === phase.does ? phase.name : `${phase.name} (${phase.does})`));
    for (const [label, text] of rowsOf(phase, paint)) lines.push(`  ${label.padEnd(LABEL)}${text}`);
    for (const limit of phase.generator.limits)
      lines.push(paint('red', `  ! The generator, not the server, was the limit: ${limit}`));
  }
  if (verdicts.length > 0) lines.push('', ...verdicts.map((verdict) => verdictLine(verdict, paint)));
  return `${lines.join('\n')}\n`;
}

function rowsOf(phase: PhaseOutcome, paint: TableOptions['paint']): readonly Row[] {
  const { counters } = phase;
  return [
    ['connections', connections(phase)],
    ...timesRow('handshake', phase.handshake),
    ...(isSame(phase.ready, phase.handshake) ? [] : timesRow('ready', phase.ready)),
    ...timesRow('subscribed', phase.subscribe),
    ...(counters.scheduled === 0 ? [] : messageRows(phase, paint)),
    ...stormRows(phase),
    ...slowRows(phase),
    ...countsRow('closed with', phase.closes),
    ...Object.entries(phase.errors).map(([kind, count]): Row => ['error', `${number(count)} × ${kind}`]),
    ...phase.examples.map((example): Row => ['for example', example]),
    ['generator', generator(phase)],
  ];
}

function messageRows(phase: PhaseOutcome, paint: TableOptions['paint']): readonly Row[] {
  const { counters, sendRate, receiveRate } = phase;
  const { lost, lostWithConnection, duplicates, outOfOrder, unexpected } = counters;
  const unsent = counters.unsent === 0 ? '' : `, ${number(counters.unsent)} could not be sent`;
  const wrong = [
    `${number(lost)} lost`,
    ...(lostWithConnection === 0 ? [] : [`${number(lostWithConnection)} lost with their connection`]),
    `${number(duplicates)} twice`,
    `${number(outOfOrder)} out of order`,
    ...(unexpected === 0 ? [] : [`${number(unexpected)} unexpected`]),
  ].join(', ');
  const isRight = lost + lostWithConnection + duplicates + outOfOrder + unexpected === 0;
  return [
    ['sent', `${number(counters.sent)}, ${number(sendRate)}/s, ${bytes(counters.bytesSent)}${unsent}`],
    ['received', `${number(counters.received)} of ${number(counters.expected)}, ${number(receiveRate)}/s`],
    ['checked', paint(isRight ? 'green' : 'red', wrong)],
    ...timesRow('latency', phase.latency),
    ...timesRow('from sending', phase.serviceTime),
    ...timesRow('sent late by', phase.lateness),
  ];
}

function connections({ connections: wanted, counters, rampDuration }: PhaseOutcome): string {
  const { open, opened, attempted, failed, dropped } = counters;
  const parts = [`${number(open)} of ${number(wanted)} at the end`];
  if (attempted > 0) parts.push(`${number(opened)} opened in ${time(rampDuration)}`);
  if (failed > 0) parts.push(`${number(failed)} failed`);
  if (dropped > 0) parts.push(`${number(dropped)} dropped`);
  return parts.join(', ');
}

function timesRow(label: string, times: Times | undefined): readonly Row[] {
  if (times === undefined) return [];
  const { p50, p90, p99, p999, max } = times;
  const parts = Object.entries({ p50, p90, p99, 'p99.9': p999, max });
  return [
    [
      label,
      parts
        // As wide as 12.3 ms gets: the row fits 80 columns.
        .map(([name, value]) => `${name} ${time(value).padEnd(7)}`)
        .join('  ')
        .trimEnd(),
    ],
  ];
}

function stormRows({ storm }: PhaseOutcome): readonly Row[] {
  return (storm?.waves ?? []).map(({ dropped, returned, allBack }, i) => [
    `wave ${i + 1}`,
    `${number(dropped)} dropped, ${allBack === undefined ? `only ${number(returned)} came back` : `all back after ${time(allBack)}`}`,
  ]);
}

function slowRows({ slow }: PhaseOutcome): readonly Row[] {
  if (slow === undefined) return [];
  const closes = Object.entries(slow.closes).map(([code, count]) => `${number(count)} sent away with ${code}`);
  const parts = [
    `${number(slow.connections)} connections`,
    `got ${number(slow.received)}`,
    `missed ${number(slow.lost)}`,
  ];
  return [['slow', [...parts, ...closes].join(', ')], ...timesRow('  latency', slow.latency)];
}

function countsRow(label: string, counts: Counts): readonly Row[] {
  const parts = Object.entries(counts).map(([name, count]) => `${name} × ${number(count)}`);
  return parts.length === 0 ? [] : [[label, parts.join(', ')]];
}

function generator({ generator: { busiest, machine } }: PhaseOutcome): string {
  const all = machine > 0.95 ? ', so what else runs here, such as the server, was held up' : '';
  return `busiest worker ${percent(busiest)}, all cores of this machine ${percent(machine)}${all}`;
}

function verdictLine({ threshold, phase, value, hasFailed }: Verdict, paint: TableOptions['paint']): string {
  const { unit } = threshold.metric;
  const shown =
    value === undefined
      ? 'nothing was measured'
      : unit === 'time'
        ? time(value)
        : unit === 'share'
          ? percent(value)
          : number(value);
  const mark = hasFailed ? paint('red', 'FAILED') : paint('green', 'passed');
  return `${mark}  --fail-if ${threshold.text}  in ${phase}: ${shown}`;
}

function isSame(one: Times | undefined, other: Times | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    Math.abs(one.p99 - other.p99) <= 0.02 * other.p99 &&
    one.count === other.count
  );
}
