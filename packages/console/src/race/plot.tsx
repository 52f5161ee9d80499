import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { raceLanes } from '../race-messages.ts';
import { laneLooks } from './lanes.ts';

// A plot of uPlot with a line for each lane. It takes its colours from the style sheet, draws itself anew when those
// change, and is as wide as there is room.

export interface PlotSource {
  /** In seconds, and a column for each lane. */
  columns(): uPlot.AlignedData;
  /** The part of the time that is shown, in seconds; `undefined` while there is none. */
  window(): readonly [from: number, to: number] | undefined;
  /** What counts as zero on the time axis. */
  origin(): number;
}

interface PlotProps {
  /** What the plot shows, for who does not see it. */
  readonly label: string;
  readonly source: PlotSource;
  /** For the round values beside the vertical axis. */
  readonly formatValue: (value: number) => string;
  /** The top of the vertical axis is at least this. */
  readonly leastTop: number;
  readonly hasPoints: boolean;
}

const HEIGHT = 200;
/** Between two drawings, in milliseconds: often enough for the eye. */
const REDRAW = 100;

export function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const { current: element } = place;
    if (element === null) return;
    let plot = create(element, latest.current);
    const draw = () => {
      const { source } = latest.current;
      const shown = source.window();
      plot.batch(() => {
        plot.setData(source.columns(), false);
        if (shown !== undefined) plot.setScale('x', { min: shown[0], max: shown[1] });
      });
    };
    const rebuild = () => {
      plot.destroy();
      plot = create(element, latest.current);
      draw();
    };
    const timer = setInterval(draw, REDRAW);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', rebuild);
    const size = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    size.observe(element);
    return () => {
      clearInterval(timer);
      scheme.removeEventListener('change', rebuild);
      size.disconnect();
      plot.destroy();
    };
  }, []);

  return <div class="plot" ref={place} role="img" aria-label={props.label} />;
}

function create(element: HTMLElement, { source, formatValue, leastTop, hasPoints }: PlotProps): uPlot {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: `12px ${colour('--sans')}`,
    grid: { stroke: colour('--border'), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, auto: false, range: (_plot, min, max) => [min, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(leastTop, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        splits: (_plot, _axis, min, max) => everyStep(min, max, source.origin()),
        values: (_plot, splits) => splits.map((at) => `${Math.round(at - source.origin())} s`),
      },
      { ...axis, size: 60, values: (_plot, splits) => splits.map(formatValue) },
    ],
    series: [
      {},
      ...raceLanes.map((name): uPlot.Series => {
        const { colour: property, dash, width } = laneLooks[name];
        const stroke = colour(property);
        return {
          stroke,
          width,
          dash: [...dash],
          points: hasPoints ? { show: true, size: 5, fill: stroke, stroke, width: 0 } : { show: false },
        };
      }),
    ],
  };
  return new uPlot(options, source.columns(), element);
}

/** Whole seconds since the origin, at most about five of them. */
function everyStep(min: number, max: number, origin: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((seconds) => (max - min) / seconds <= 5) ?? 300;
  const splits: number[] = [];
  for (let at = origin + Math.ceil((min - origin) / step) * step; at <= max; at += step) splits.push(at);
  return splits;
}
