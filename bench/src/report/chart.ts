import { parse, type Spec, View } from 'vega';
import { number, ratioText } from './print.ts';
import { isLessBetter, isOwn, type ScenarioResult } from './summary.ts';

// A bar per peer, its length the median, a line for the spread. Colours are classes that a style sheet inside the file
// sets for light and for dark.

const WIDTH = 640;
const ROW = 26;

const axisTitles: Readonly<Record<string, string>> = {
  perCpuSecond: 'per second of the server’s CPU time (more is better)',
  p50: 'µs, the median (less is better)',
  bytesPerConnection: 'bytes (less is better)',
  cpuSeconds: 'seconds of the server’s CPU time (less is better)',
  cpuMsPerThousand: 'ms of the node’s CPU time for 1000 publications (less is better)',
};

/** Stand-ins that Vega writes as colours and the style sheet replaces. */
const roles = { ink: '#010101', faint: '#020202', own: '#030303', other: '#040404' } as const;

const style = `
:root{--ink:#1f2328;--faint:#d1d9e0;--own:#0b7a75;--other:#9aa4af;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#3d444d;--own:#2dc5bd;--other:#6e7781;--page:#0d1117}}
`;

export async function drawChart(result: ScenarioResult): Promise<string> {
  const view = new View(parse(specOf(result)), { renderer: 'none' });
  let svg = await view.toSVG();
  view.finalize();
  for (const [role, colour] of Object.entries(roles)) svg = svg.replaceAll(`"${colour}"`, `"var(--${role})"`);
  // Programs that read the page aloud get its alternative text instead.
  svg = svg.replace(/ (?:role|aria-\w+|class)="[^"]*"/g, '');
  const head = `<title>${result.title}</title><style>${style}</style>`;
  const page = '<rect width="100%" height="100%" rx="6" fill="var(--page)"/>';
  return `${svg.replace(/^<svg[^>]*>/, (tag) => `${tag}${head}${page}`)}\n`;
}

function specOf(result: ScenarioResult): Spec {
  const { title, metric, peers } = result;
  const values = peers.flatMap((peer) => {
    const { label, ratio, metrics } = peer;
    const summary = metrics[metric];
    if (summary === undefined) return [];
    const text = `${ratioText(ratio)} · ${number(summary.median)}`;
    return [{ label, ...summary, text, colour: isOwn(result, peer) ? roles.own : roles.other }];
  });
  values.sort((a, b) => (isLessBetter(metric) ? a.median - b.median : b.median - a.median));
  const font = 'system-ui, sans-serif';
  const text = { labelFont: font, labelColor: roles.ink, titleFont: font, titleColor: roles.ink };
  const middle = { scale: 'peer', field: 'label', band: 0.5 } as const;
  return {
    width: WIDTH,
    height: values.length * ROW,
    padding: 12,
    autosize: { type: 'fit-x', contains: 'padding' },
    title: { text: title, anchor: 'start', frame: 'bounds', color: roles.ink, font, fontSize: 13, offset: 10 },
    data: [{ name: 'peers', values }],
    scales: [
      { name: 'peer', type: 'band', domain: { data: 'peers', field: 'label' }, range: 'height', padding: 0.25 },
      // Room for the figures beside the longest bar.
      { name: 'value', domain: [0, 1.45 * Math.max(...values.map(({ max }) => max))], range: 'width', nice: false },
    ],
    axes: [
      { orient: 'left', scale: 'peer', domain: false, ticks: false, labelPadding: 8, labelFontSize: 12, ...text },
      {
        orient: 'bottom',
        scale: 'value',
        title: axisTitles[metric] ?? metric,
        tickCount: 4,
        format: '~s',
        domainColor: roles.faint,
        tickColor: roles.faint,
        titleFontWeight: 'normal',
        ...text,
      },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'peers' },
        encode: {
          enter: {
            y: { scale: 'peer', field: 'label' },
            height: { scale: 'peer', band: 1 },
            x: { scale: 'value', value: 0 },
            x2: { scale: 'value', field: 'median' },
            fill: { field: 'colour' },
          },
        },
      },
      {
        type: 'rule',
        from: { data: 'peers' },
        encode: {
          enter: {
            y: middle,
            x: { scale: 'value', field: 'min' },
            x2: { scale: 'value', field: 'max' },
            stroke: { value: roles.ink },
          },
        },
      },
      {
        type: 'text',
        from: { data: 'peers' },
        encode: {
          enter: {
            y: middle,
            x: { scale: 'value', field: 'max', offset: 6 },
            baseline: { value: 'middle' },
            text: { field: 'text' },
            fill: { value: roles.ink },
            font: { value: font },
            fontSize: { value: 12 },
          },
        },
      },
    ],
  };
}
