import type { PlotLine } from '../shared/plot.tsx';
import { formatBytes, formatCount, formatDuration, formatPart, formatRate } from './numbers.ts';
import type { Measured, Reading } from './readings.ts';

// What the overview shows of a reading: a number for this moment, and a plot of the last minutes.

export interface Line {
  readonly title: string;
  read(reading: Reading): number | undefined;
}

export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly [Line, ...Line[]];
  readonly format: (value: number) => string;
  /** The top of the plot is at least this. */
  readonly leastTop: number;
}

/** The lines of a plot, the first one first. */
export const looks: readonly PlotLine[] = [
  { colour: '--line-one', dash: [], width: 2 },
  { colour: '--line-two', dash: [6, 3], width: 2 },
];

const measured =
  (read: (measured: Measured) => number | undefined) =>
  ({ measured }: Reading) =>
    measured && read(measured);

export const figures: readonly Figure[] = [
  {
    id: 'connections',
    title: 'Connections',
    lines: [
      { title: 'connections', read: ({ connections }) => connections },
      { title: 'subscriptions', read: ({ subscriptions }) => subscriptions },
    ],
    format: formatCount,
    leastTop: 5,
  },
  {
    id: 'messages',
    title: 'Messages a second',
    lines: [
      { title: 'publications', read: measured(({ rates }) => rates.publications) },
      { title: 'deliveries', read: measured(({ rates }) => rates.deliveries) },
    ],
    format: formatRate,
    leastTop: 5,
  },
  {
    id: 'bytes',
    title: 'Bytes a second',
    lines: [
      { title: 'received', read: measured(({ rates }) => rates.received) },
      { title: 'sent', read: measured(({ rates }) => rates.sent) },
    ],
    format: formatBytes,
    leastTop: 1024,
  },
  {
    id: 'delivery',
    title: 'Written to all subscribers after',
    lines: [
      { title: 'median', read: measured(({ latencies }) => latencies.delivery?.p50) },
      { title: '99 %', read: measured(({ latencies }) => latencies.delivery?.p99) },
    ],
    format: formatDuration,
    leastTop: 0.001,
  },
  {
    id: 'round-trips',
    title: 'Round trips, 99 %',
    lines: [
      { title: 'engine', read: measured(({ latencies }) => latencies.engine?.p99) },
      { title: 'clients', read: measured(({ latencies }) => latencies.ping?.p99) },
    ],
    format: formatDuration,
    leastTop: 0.005,
  },
  {
    id: 'lag',
    title: 'Event loop is late by',
    lines: [
      { title: '99 %', read: measured(({ lag }) => lag.p99) },
      { title: 'at most', read: measured(({ lag }) => lag.max) },
    ],
    format: formatDuration,
    leastTop: 0.01,
  },
  {
    id: 'slow',
    title: 'Slow consumers',
    lines: [
      { title: 'slow now', read: ({ slow }) => slow },
      { title: 'dropped or sent away a second', read: measured(({ rates }) => rates.slow) },
    ],
    format: formatRate,
    leastTop: 2,
  },
  {
    id: 'memory',
    title: 'Memory',
    lines: [
      { title: 'process', read: measured(({ memory }) => memory) },
      { title: 'JavaScript', read: measured(({ heap }) => heap) },
    ],
    format: formatBytes,
    leastTop: 64 * 1024 * 1024,
  },
  {
    id: 'cpu',
    title: 'CPU',
    lines: [{ title: 'of one core', read: measured(({ cpu }) => cpu) }],
    format: formatPart,
    leastTop: 0.1,
  },
];
