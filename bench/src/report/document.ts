import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../scenarios.ts';
import { number, ratioText } from './print.ts';
import { type RecordedResult, readResult } from './results.ts';
import { isLessBetter, type PeerResult } from './summary.ts';

// Writes the figures that are kept into docs/performance.md, between two marks, so that text and figures never differ.

const file = fileURLToPath(new URL('../../../../docs/performance.md', import.meta.url));
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

export function updateDocument(): void {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for results`);
  const results = scenarios.flatMap(({ id }) => readResult(id) ?? []);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${write(results)}\n\n${text.slice(end)}`);
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
  const rows = results.flatMap((result) => {
    const { goal, metric, peers, title } = result;
    const own = peers.find(({ name }) => name === 'tidewire');
    if (goal === undefined || own?.ratio === undefined) return [];
    const reached = isLessBetter(metric) ? own.ratio <= goal : own.ratio >= goal;
    const native = peers.find(({ name }) => name === 'bun');
    const figures = [`${isLessBetter(metric) ? 'at most' : 'at least'} ${goal} ×`, ratioText(own.ratio)];
    const bound = peers.find(({ name }) => name === 'bare');
    const others = [native, bound].map((peer) => ratioText(peer?.ratio) || '–');
    return [`| ${[title, ...figures, reached ? 'yes' : 'no', ...others].join(' | ')} |`];
  });
  return ['| beside `ws` | goal | Tidewire | reached | Bun | Node alone |', '|---|---|---|---|---|---|', ...rows];
}

function charts(results: readonly RecordedResult[]): string[] {
  return results.flatMap((result) => [
    `### ${result.title}`,
    '',
    `![${alternative(result)}](../bench/results/${result.id}.svg)`,
    '',
    ...result.leftOut.flatMap(({ label, reason }) => [`Without ${label}: it ${reason}.`, '']),
    ...times(result),
  ]);
}

function alternative({ title, metric, peers }: RecordedResult): string {
  const figure = ({ label, metrics }: PeerResult) => `${label} ${number(metrics[metric]?.median ?? 0)}`;
  return `${title}: ${peers.map(figure).join(', ')}`;
}

/** Where times are what counts, all of them are told. */
function times({ metric, peers }: RecordedResult): string[] {
  if (metric !== 'p50') return [];
  const rows = peers.map(({ label, metrics }) => {
    const figures = [metrics.p50, metrics.p99, metrics.p999];
    return `| ${[label, ...figures.map((figure) => number(figure?.median ?? 0))].join(' | ')} |`;
  });
  return ['| | p50 µs | p99 µs | p99.9 µs |', '|---|--:|--:|--:|', ...rows, ''];
}
