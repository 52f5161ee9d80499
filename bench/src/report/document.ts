import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Metric } from '../job.ts';
import { scenarios } from '../scenarios.ts';
import { headings, number, ratioText } from './print.ts';
import { type RecordedResult, readResult } from './results.ts';
import { isLessBetter, isOwn, type PeerResult } from './summary.ts';

// Writes the figures that are kept into docs/performance.md, between two marks, so that text and figures never differ.

const file = fileURLToPath(new URL('../../../../docs/performance.md', import.meta.url));
const blocks = [
  { begin: '<!-- results: written by npm run bench -->', isHub: false },
  { begin: '<!-- results of the hub: written by npm run bench -->', isHub: true },
] as const;
const END = '<!-- end of results -->';

export function updateDocument(): void {
  const before = readFileSync(file, 'utf8');
  const after = blocks.reduce((text, { begin, isHub }) => {
    const chosen = scenarios.filter(({ kind }) => kind.startsWith('hub-') === isHub);
    return put(text, begin, write(chosen.flatMap(({ id }) => readResult(id) ?? [])));
  }, before);
  writeFileSync(file, after);
}

function put(text: string, mark: string, content: string): string {
  const begin = text.indexOf(mark);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for results: ${mark}`);
  return `${text.slice(0, begin + mark.length)}\n\n${content}\n\n${text.slice(end)}`;
}

function write(results: readonly RecordedResult[]): string {
  return [...origins(results), '', ...goals(results), '', ...charts(results)].join('\n').trimEnd();
}

function origins(results: readonly RecordedResult[]): string[] {
  const versions = new Set(results.flatMap(({ peers }) => peers.map(({ version }) => version)));
  const places = new Set(
    results.map(({ measured: m }) => {
      const machine = `${m.processor}, ${m.cores} cores, ${m.memoryGiB} GiB, ${m.system}, Node ${m.node.slice(1)}`;
      return `Measured on ${machine}, ${m.date}, ${m.rounds} rounds of ${m.seconds} s.`;
    }),
  );
  return [...places, '', `Versions: ${[...versions].join(', ')}.`];
}

function goals(results: readonly RecordedResult[]): string[] {
  const compared = ['bun', 'bare'].filter((other) =>
    results.some(({ peers }) => peers.some(({ name }) => name === other)),
  );
  const rows = results.flatMap((result) => {
    const { goal, metric, peers, title } = result;
    const own = peers.find((peer) => isOwn(result, peer));
    if (goal === undefined || own?.ratio === undefined) return [];
    const reached = isLessBetter(metric) ? own.ratio <= goal : own.ratio >= goal;
    const figures = [`${isLessBetter(metric) ? 'at most' : 'at least'} ${goal} ×`, ratioText(own.ratio)];
    const others = compared.map((other) => ratioText(peers.find(({ name }) => name === other)?.ratio) || '–');
    return [`| ${[title, ...figures, reached ? 'yes' : 'no', ...others].join(' | ')} |`];
  });
  const beside = results[0]?.beside ?? 'ws';
  const name = beside === 'ws' ? '`ws`' : labelOf(results, beside);
  const head = ['goal', 'Tidewire', 'reached', ...compared.map((other) => labelOf(results, other))];
  return [`| beside ${name} | ${head.join(' | ')} |`, `|---|${'---|'.repeat(head.length)}`, ...rows];
}

function labelOf(results: readonly RecordedResult[], name: string): string {
  return results.flatMap(({ peers }) => peers).find((peer) => peer.name === name)?.label ?? name;
}

function charts(results: readonly RecordedResult[]): string[] {
  return results.flatMap((result) => [
    `### ${result.title}`,
    '',
    `![${alternative(result)}](../bench/results/${result.id}.svg)`,
    '',
    ...result.leftOut.flatMap(({ label, reason }) => [`Without ${label}: it ${reason}.`, '']),
    ...times(result),
    ...figures(result),
  ]);
}

function alternative({ title, metric, peers }: RecordedResult): string {
  const figure = ({ label, metrics }: PeerResult) => `${label} ${number(metrics[metric]?.median ?? 0)}`;
  return `${title}: ${peers.map(figure).join(', ')}`;
}

/** Where one figure does not say it all. */
function figures({ id, peers }: RecordedResult): string[] {
  const shown = detailed[id];
  if (shown === undefined) return [];
  const rows = peers.map(({ label, metrics }) => {
    const cells = shown.map((metric) => (metrics[metric] === undefined ? '–' : number(metrics[metric].median)));
    return `| ${[label, ...cells].join(' | ')} |`;
  });
  const head = `| | ${shown.map((metric) => headings[metric]).join(' | ')} |`;
  return [head, `|---|${'--:|'.repeat(shown.length)}`, ...rows, ''];
}

const detailed: Readonly<Record<string, readonly Metric[]>> = {
  'hub-recovery': ['cpuSeconds', 'seconds', 'peakMiB'],
  'hub-presence': [
    'cpuSeconds',
    'bytesPerConnection',
    'answerKiB',
    'answerMs',
    'answerCpuMs',
    'blockedMs',
    'changeCpuMs',
  ],
  'hub-engines': ['cpuMsPerThousand', 'p50', 'p99', 'perSecond'],
  'hub-engines-x50': ['cpuMsPerThousand', 'p50', 'p99', 'perSecond'],
};

/** Where times are what counts, all of them are told. */
function times({ metric, peers }: RecordedResult): string[] {
  if (metric !== 'p50') return [];
  const rows = peers.map(({ label, metrics }) => {
    const figures = [metrics.p50, metrics.p99, metrics.p999];
    return `| ${[label, ...figures.map((figure) => number(figure?.median ?? 0))].join(' | ')} |`;
  });
  return ['| | p50 µs | p99 µs | p99.9 µs |', '|---|--:|--:|--:|', ...rows, ''];
}
