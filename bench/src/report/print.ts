import type { Metric } from '../job.ts';
import { isLessBetter, isOwn, type PeerResult, type ScenarioResult, type Summary } from './summary.ts';

export const headings: Readonly<Record<Metric, string>> = {
  perCpuSecond: 'per CPU-second',
  perSecond: 'per second',
  p50: 'p50 µs',
  p99: 'p99 µs',
  p999: 'p99.9 µs',
  residentMiB: 'resident MiB',
  bytesPerConnection: 'bytes per connection',
  seconds: 'seconds',
  cpuSeconds: 'CPU-seconds',
  peakMiB: 'peak MiB',
  cpuMsPerThousand: 'CPU ms per 1000',
  answerMs: 'answer ms',
  answerKiB: 'answer KiB',
  answerCpuMs: 'answer CPU ms',
  blockedMs: 'others wait ms',
  changeCpuMs: 'change CPU ms',
};

export function number(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(3))) : Math.round(value).toLocaleString('en');
}

export function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio.toFixed(ratio < 0.095 ? 3 : 2)} ×`;
}

/** Whether the goal is reached, in words. */
export function verdict(result: ScenarioResult, peer: PeerResult): string {
  const { metric, goal } = result;
  if (goal === undefined || !isOwn(result, peer) || peer.ratio === undefined) return '';
  const reached = isLessBetter(metric) ? peer.ratio <= goal : peer.ratio >= goal;
  return `goal ${goal} ×${reached ? '' : ', missed'}`;
}

/** @param recorded the ratio that it has in the results that are kept, if it is to be compared */
export function printResult(result: ScenarioResult, recorded?: number): void {
  const shown = (Object.keys(headings) as Metric[]).filter((metric) =>
    result.peers.some(({ metrics }) => metrics[metric] !== undefined),
  );
  const rows = result.peers.map((peer) => [
    peer.label,
    ratioText(peer.ratio),
    ...shown.map((metric) => cell(peer.metrics[metric], metric === result.metric)),
    [verdict(result, peer), isOwn(result, peer) ? comparison(result, peer, recorded) : ''].filter(Boolean).join('; '),
  ]);
  console.log(`\n${result.title}`);
  printTable([['', `beside ${result.beside ?? 'ws'}`, ...shown.map((metric) => headings[metric]), ''], ...rows]);
  for (const { label, reason } of result.leftOut) console.log(`  ${label} is left out: ${reason}`);
}

function cell(summary: Summary | undefined, withSpread: boolean): string {
  if (summary === undefined) return '';
  const { median, min, max } = summary;
  return withSpread ? `${number(median)} (${number(min)} to ${number(max)})` : number(median);
}

/** A change beyond this is more than what two runs on a busy machine differ by. */
const NOISE = 0.15;

function comparison({ metric }: ScenarioResult, { ratio }: PeerResult, recorded: number | undefined): string {
  if (recorded === undefined || ratio === undefined) return '';
  const gain = isLessBetter(metric) ? recorded / ratio : ratio / recorded;
  return `recorded ${ratioText(recorded)}${gain < 1 - NOISE ? ', WORSE NOW' : ''}`;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((text, i) =>
      i === 0 || i === row.length - 1 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0),
    );
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
}
