import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Moment, Outcome, PhaseOutcome } from '../outcome.ts';
import type { Verdict } from '../threshold/threshold.ts';
import { style } from './style.ts';
import { table } from './table.ts';

// The report: one file that needs no other, and may run nothing but what is in it.

/** More points than this of a plot are put together: a run may last for hours. */
const MAX_POINTS = 1500;

const require = createRequire(import.meta.url);

/** What draws the plots is put in as it was built, also where the rest runs from its sources. */
const plots = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/report/page/plots.js' : './page/plots.js',
  import.meta.url,
);

export function html(outcome: Outcome, verdicts: readonly Verdict[]): string {
  const library = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const script = readFileSync(plots, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const styles = `${readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8')}\n${style}`;
  const policy = [
    "default-src 'none'",
    `script-src ${[library, script].map(hashOf).join(' ')}`,
    `style-src ${hashOf(styles)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data = {
    phases: outcome.phases.map(({ moments, curve }) => ({ moments: thinned(moments), curve })),
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(titleOf(outcome))}</title>
<style>${styles}</style>
</head>
<body>
<main>
${body(outcome, verdicts)}
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${library}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

function body(outcome: Outcome, verdicts: readonly Verdict[]): string {
  const { startedAt, seed, workers, protocol, wasInterrupted, generator, urls } = outcome;
  const failed = verdicts.filter(({ hasFailed }) => hasFailed);
  const notes = [
    ...(generator.isLimit
      ? [
          'The generator, not the server, was the limit in at least one phase. What is measured there says little about the server.',
        ]
      : []),
    ...(wasInterrupted ? ['The run was ended early: this is what there was until then.'] : []),
    ...failed.map(({ threshold, phase }) => `Failed: ${threshold.text} in ${phase}`),
  ];
  return [
    `<h1>${escaped(titleOf(outcome))}</h1>`,
    `<p class="about">${escaped(urls.join(', '))} · ${escaped(protocol)} · ${escaped(startedAt)} · ${workers} ${workers === 1 ? 'worker' : 'workers'} on ${generator.cores} cores · seed ${seed} · Node ${escaped(generator.node)}</p>`,
    ...notes.map((note) => `<p class="note" role="alert">${escaped(note)}</p>`),
    ...outcome.phases.map((phase, i) => section(outcome, phase, i)),
  ].join('\n');
}

function section(outcome: Outcome, phase: PhaseOutcome, index: number): string {
  const summary = table({ ...outcome, phases: [phase] }, [], { paint: (_colour, text) => text });
  // Without the lines about the whole run, which are above.
  const lines = summary.split('\n\n').slice(1).join('\n\n').split('\n').slice(1);
  const figures = [
    ...(phase.counters.scheduled > 0 ? [figure('rate', 'Messages in a second', index)] : []),
    ...(phase.latency === undefined
      ? []
      : [
          figure('latency', 'Latency, by when the message was to be sent', index),
          figure('percentiles', 'Latency by percentile', index),
        ]),
    figure('connections', 'Connections', index),
  ];
  return `<section>
<h2>${escaped(phase.name)}</h2>
<pre tabindex="0" aria-label="Figures of ${escaped(phase.name)}">${escaped(lines.join('\n').trimEnd())}</pre>
<div class="plots">
${figures.join('\n')}
</div>
</section>`;
}

function figure(plot: string, caption: string, phase: number): string {
  return `<figure data-plot="${plot}" data-phase="${phase}"><figcaption>${caption}</figcaption></figure>`;
}

/** Several moments as one, if there are too many: rates on average, times at their worst. */
export function thinned(moments: readonly Moment[], most = MAX_POINTS): readonly Moment[] {
  const width = Math.ceil(moments.length / most);
  if (width <= 1) return moments;
  return Array.from({ length: Math.ceil(moments.length / width) }, (_, i) =>
    join(moments.slice(i * width, (i + 1) * width)),
  );
}

function join(part: readonly Moment[]): Moment {
  const mean = (of: 'sent' | 'received' | 'open') =>
    Math.round(part.reduce((sum, each) => sum + each[of], 0) / part.length);
  const worst = part
    .flatMap(({ latency }) => latency ?? [])
    .reduce<Moment['latency']>((one, other) => (one === undefined || other.p99 > one.p99 ? other : one), undefined);
  return {
    second: part[0]?.second ?? 0,
    open: mean('open'),
    sent: mean('sent'),
    received: mean('received'),
    latency: worst,
  };
}

function titleOf({ name, urls }: Outcome): string {
  return name ?? `Load test of ${urls.join(', ')}`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
