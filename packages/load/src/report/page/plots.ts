import type UPlot from 'uplot';

// The script of a report: draws what is in its data. It is put into the page as it is built, behind uPlot, and so imports nothing.

interface MomentData {
  readonly second: number;
  readonly open: number;
  readonly sent: number;
  readonly received: number;
  readonly latency?: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
}

interface PhaseData {
  readonly moments: readonly MomentData[];
  readonly curve: readonly (readonly [percentile: number, milliseconds: number])[];
}

const Plot: typeof UPlot = Reflect.get(globalThis, 'uPlot');

const HEIGHT = 220;
const COLOURS = ['--one', '--two', '--three', '--four'];

const data: { readonly phases: readonly PhaseData[] } = JSON.parse(
  document.querySelector('#data')?.textContent ?? '{}',
);
const drawn: { readonly plot: UPlot; readonly figure: HTMLElement }[] = [];

drawAll();
// Canvases do not follow the colours of the page by themselves.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
new ResizeObserver(() => {
  for (const { plot, figure } of drawn) plot.setSize({ width: widthOf(figure), height: HEIGHT });
}).observe(document.body);

function drawAll(): void {
  for (const { plot } of drawn.splice(0)) plot.destroy();
  for (const figure of document.querySelectorAll<HTMLElement>('figure[data-plot]')) {
    const phase = data.phases[Number(figure.dataset.phase)];
    if (phase !== undefined) draw(figure, phase);
  }
}

function draw(figure: HTMLElement, phase: PhaseData): void {
  const { moments, curve } = phase;
  const seconds = moments.map(({ second }) => second - (moments[0]?.second ?? 0));
  switch (figure.dataset.plot) {
    case 'rate':
      plot(figure, [
        seconds,
        [moments.map(({ sent }) => sent), moments.map(({ received }) => received)],
        ['sent', 'received'],
      ]);
      break;
    case 'connections':
      plot(figure, [seconds, [moments.map(({ open }) => open)], ['open']]);
      break;
    case 'latency': {
      const of = (key: 'p50' | 'p90' | 'p99' | 'max') => moments.map(({ latency }) => latency?.[key] ?? null);
      plot(figure, [seconds, [of('p50'), of('p90'), of('p99'), of('max')], ['p50', 'p90', 'p99', 'max']], 'time');
      break;
    }
    case 'percentiles': {
      // The distance to 100 %, so that the rare and slow ones have room.
      const known = curve.filter(([percentile]) => percentile < 100);
      const x = known.map(([percentile]) => Math.log10(100 / (100 - percentile)));
      plot(figure, [x, [known.map(([, milliseconds]) => milliseconds)], ['latency']], 'percentiles');
      break;
    }
  }
}

type Lines = readonly [x: readonly number[], ys: readonly (readonly (number | null)[])[], labels: readonly string[]];

function plot(figure: HTMLElement, [x, ys, labels]: Lines, kind: 'count' | 'time' | 'percentiles' = 'count'): void {
  const isCount = kind === 'count';
  const lines = { stroke: colour('--grid'), width: 1 };
  const axis = { stroke: colour('--text'), grid: lines, ticks: lines };
  const powers = isCount
    ? {}
    : { filter: powersOfTen, grid: { ...lines, filter: powersOfTen }, ticks: { ...lines, filter: powersOfTen } };
  const options: UPlot.Options = {
    width: widthOf(figure),
    height: HEIGHT,
    legend: { live: true },
    scales: {
      x: { time: false },
      y: isCount ? { range: (_plot, _min, max) => [0, Math.max(1, max * 1.05)] } : { distr: 3 },
    },
    axes: [
      {
        ...axis,
        ...(kind === 'percentiles' && { splits: nines }),
        values: (_plot, ticks) => ticks.map((tick) => shownX(kind, tick)),
      },
      {
        ...axis,
        ...powers,
        size: 64,
        values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : isCount ? short(tick) : time(tick))),
      },
    ],
    series: [
      { label: kind === 'percentiles' ? 'percentile' : 'second', value: (_plot, value) => shownX(kind, value) },
      ...labels.map((label, i) => ({
        label,
        stroke: colour(COLOURS[i] ?? '--one'),
        width: 2,
        points: { show: x.length < 30 },
        value: (_plot: UPlot, value: number | null) => (value === null ? '–' : isCount ? short(value) : time(value)),
      })),
    ],
  };
  const made = new Plot(options, [[...x], ...ys.map((y) => [...y])], figure);
  drawn.push({ plot: made, figure });
}

function shownX(kind: string, value: number | null): string {
  if (value === null) return '–';
  return kind === 'percentiles' ? percentileAt(value) : `${value} s`;
}

/** @param nines how many of them the percentile begins with */
function percentileAt(nines: number): string {
  return `p${Number((100 - 100 / 10 ** nines).toFixed(4))}`;
}

function nines(_plot: UPlot, _axis: number, min: number, max: number): number[] {
  return Array.from({ length: Math.floor(max) - Math.ceil(min) + 1 }, (_, i) => Math.ceil(min) + i);
}

function powersOfTen(_plot: UPlot, splits: number[]): (number | null)[] {
  return splits.map((split) => (Math.abs(Math.log10(split) - Math.round(Math.log10(split))) < 1e-9 ? split : null));
}

function widthOf(figure: HTMLElement): number {
  return Math.max(200, Math.floor(figure.clientWidth));
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function short(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))} M`;
  return count >= 1e4 ? `${Number((count / 1e3).toPrecision(3))} k` : String(Number(count.toPrecision(4)));
}

function time(milliseconds: number): string {
  if (milliseconds < 1) return `${Number((milliseconds * 1000).toPrecision(3))} µs`;
  return milliseconds < 1000
    ? `${Number(milliseconds.toPrecision(3))} ms`
    : `${Number((milliseconds / 1000).toPrecision(3))} s`;
}
