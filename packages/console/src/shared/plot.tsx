import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

// A plot of uPlot with some lines over time. It takes its colours from the style sheet, draws itself anew when those change, and
// is as wide as there is room.

/** How a line looks. */
export interface PlotLine {
  /** The custom property of a style sheet that has its colour. */
  readonly colour: string;
  /** In pixels; it tells lines apart where colours do not. */
  readonly dash: readonly number[];
  readonly width: number;
}

export interface PlotSource {
  /** In seconds, and a column for each line. */
  columns(): uPlot.AlignedData;
  /** The part of the time that is shown, in seconds; `undefined` while there is none. */
  window(): readonly [from: number, to: number] | undefined;
  /** What counts as zero on the time axis. */
  origin(): number;
  /** A part of the time that somebody has chosen, in seconds. */
  chosen?(): readonly [from: number, to: number] | undefined;
}

interface PlotProps {
  /** What the plot shows, for who does not see it. */
  readonly label: string;
  readonly source: PlotSource;
  readonly lines: readonly PlotLine[];
  /** For the round values beside the vertical axis. */
  readonly formatValue: (value: number) => string;
  /** The top of the vertical axis is at least this. */
  readonly leastTop: number;
  readonly hasPoints: boolean;
  /** In CSS pixels. Default 200. */
  readonly height?: number;
  /** For the horizontal axis. Default: whole seconds since the origin. */
  readonly formatTime?: (at: number) => string;
  /** Called with the part of the time that was dragged over, in seconds. Left out: it cannot be. */
  readonly onChoose?: (from: number, to: number) => void;
}

const HEIGHT = 200;
/** Between two drawings, in milliseconds: often enough for the eye. */
const REDRAW = 100;
/** Less than that is a click, in CSS pixels. */
const LEAST_DRAG = 4;
/** What a label of the time axis takes, in CSS pixels. */
const LABEL = 90;

export function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const { current: element } = place;
    if (element === null) return;
    let plot = create(element, latest.current);
    const draw = () => {
      // While somebody drags, time stands still.
      if (element.querySelector('.u-over:active') !== null) return;
      const { source } = latest.current;
      const shown = source.window();
      plot.batch(() => {
        plot.setData(source.columns(), false);
        if (shown !== undefined) plot.setScale('x', { min: shown[0], max: shown[1] });
        if (source.chosen !== undefined) mark(plot, source.chosen());
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
    const size = new ResizeObserver(() => plot.setSize(sizeOf(element, latest.current)));
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

function sizeOf(element: HTMLElement, { height = HEIGHT }: PlotProps): { width: number; height: number } {
  return { width: element.clientWidth, height };
}

/** Shows what part of the time is chosen. */
function mark(plot: uPlot, chosen: readonly [from: number, to: number] | undefined): void {
  const [left, right] = (chosen ?? [0, 0]).map((at) =>
    Math.min(plot.over.clientWidth, Math.max(0, plot.valToPos(at, 'x'))),
  );
  const width = chosen === undefined ? 0 : (right ?? 0) - (left ?? 0);
  plot.setSelect({ left: left ?? 0, width, top: 0, height: width === 0 ? 0 : plot.over.clientHeight }, false);
}

function create(element: HTMLElement, props: PlotProps): uPlot {
  const { source, lines, formatValue, formatTime, leastTop, hasPoints, onChoose } = props;
  const sinceOrigin = (at: number) => `${Math.round(at - source.origin())} s`;
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: `12px ${colour('--sans')}`,
    grid: { stroke: colour('--border'), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    ...sizeOf(element, props),
    padding: [8, formatTime === undefined ? 18 : 30, 0, 0],
    legend: { show: false },
    cursor:
      onChoose === undefined
        ? { show: false }
        : { x: true, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width >= LEAST_DRAG) onChoose?.(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
        },
      ],
    },
    scales: {
      x: { time: false, auto: false, range: (_plot, min, max) => [min, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(leastTop, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        splits: (plot, _axis, min, max) => everyStep(min, max, source.origin(), Math.min(5, plot.width / LABEL)),
        values: (_plot, splits) => splits.map(formatTime ?? sinceOrigin),
      },
      { ...axis, size: 60, values: (_plot, splits) => splits.map(formatValue) },
    ],
    series: [
      {},
      ...lines.map(({ colour: property, dash, width }): uPlot.Series => {
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

/** Whole seconds since the origin, about so many of them at most. */
function everyStep(min: number, max: number, origin: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((seconds) => (max - min) / seconds <= most) ?? 300;
  const splits: number[] = [];
  for (let at = origin + Math.ceil((min - origin) / step) * step; at <= max; at += step) splits.push(at);
  return splits;
}
