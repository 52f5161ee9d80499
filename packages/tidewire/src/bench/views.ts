import type { WriteStream } from 'node:tty';
import { formatNumber, formatPercent, formatTime, type Progress } from '@tidewire/load';

// What a person sees of a load test while it runs: in a terminal drawn in place, otherwise a line now and then.

/** How often it is drawn anew, in milliseconds. */
const DRAW_EVERY = 250;

/** How often there is a line, in milliseconds. */
const LINE_EVERY = 5000;

/** How many seconds the plots show. */
const PLOT_SECONDS = 40;

const LABEL = 13;

export interface ProgressView {
  stop(): void;
}

export interface ProgressOptions {
  readonly phases: number;
  progress(): Progress;
}

/** Shows the progress until it is stopped. */
export function watch(screen: WriteStream | NodeJS.WritableStream, options: ProgressOptions): ProgressView {
  return isTerminal(screen) ? drawInPlace(screen, options) : writeLines(screen, options);
}

function isTerminal(stream: WriteStream | NodeJS.WritableStream): stream is WriteStream {
  return 'isTTY' in stream && stream.isTTY === true;
}

function drawInPlace(screen: WriteStream, { phases, progress }: ProgressOptions): ProgressView {
  let drawn = 0;
  const erase = () => {
    if (drawn === 0) return;
    screen.moveCursor(0, -drawn);
    screen.cursorTo(0);
    screen.clearScreenDown();
    drawn = 0;
  };
  const draw = () => {
    // Some terminals do not know how wide they are.
    const width = Math.max(20, (screen.columns || 80) - 1);
    const lines = picture(progress(), phases, width).map((line) => [...line].slice(0, width).join(''));
    erase();
    screen.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  draw();
  const timer = setInterval(draw, DRAW_EVERY);
  return {
    stop: () => {
      clearInterval(timer);
      erase();
    },
  };
}

function writeLines(stream: NodeJS.WritableStream, { phases, progress }: ProgressOptions): ProgressView {
  const timer = setInterval(() => stream.write(`${lineOf(progress(), phases)}\n`), LINE_EVERY);
  return { stop: () => clearInterval(timer) };
}

/** The progress in a few lines. */
export function picture(progress: Progress, phases: number, width: number): readonly string[] {
  const { name, phase, counters, moments, busiest, isEnding } = progress;
  const last = moments.at(-1);
  const shown = moments.slice(-Math.min(PLOT_SECONDS, Math.max(0, width - 40)));
  const head = `${name}  (${phase + 1} of ${phases})  ${stageOf(progress)}`;
  const wrong = counters.duplicates + counters.outOfOrder + counters.unexpected;
  const lines = [
    head,
    bar(progress, width),
    row(
      'connections',
      formatNumber(counters.open),
      shown.map(({ open }) => open),
    ),
  ];
  if (counters.scheduled > 0) {
    lines.push(
      row(
        'sent',
        `${formatNumber(last?.sent ?? 0)}/s`,
        shown.map(({ sent }) => sent),
      ),
      row(
        'received',
        `${formatNumber(last?.received ?? 0)}/s`,
        shown.map(({ received }) => received),
      ),
      row(
        'latency p50',
        timeOf(last?.latency?.p50),
        shown.map(({ latency }) => latency?.p50 ?? 0),
      ),
      row(
        'latency p99',
        timeOf(last?.latency?.p99),
        shown.map(({ latency }) => latency?.p99 ?? 0),
      ),
    );
  }
  lines.push(
    `failed ${formatNumber(counters.failed)}, dropped ${formatNumber(counters.dropped)}, wrong ${formatNumber(wrong)}, ` +
      `busiest worker ${formatPercent(busiest)}.${isEnding ? '' : ' Ctrl-C ends it early.'}`,
  );
  if (isEnding) lines.push('It is ending. Another Ctrl-C exits at once.');
  return lines;
}

/** The progress in one line. */
export function lineOf(progress: Progress, phases: number): string {
  const { name, phase, counters, moments } = progress;
  const last = moments.at(-1);
  const parts = [
    `${name} (${phase + 1} of ${phases}) ${stageOf(progress)}`,
    `${formatNumber(counters.open)} connections`,
    ...(counters.scheduled === 0
      ? []
      : [
          `sent ${formatNumber(last?.sent ?? 0)}/s`,
          `received ${formatNumber(last?.received ?? 0)}/s`,
          `p99 ${timeOf(last?.latency?.p99)}`,
        ]),
  ];
  return parts.join(', ');
}

function stageOf({ stage, elapsed, planned }: Progress): string {
  const seconds = (milliseconds: number) => `${Math.max(0, Math.round(milliseconds / 1000))} s`;
  const time = planned === undefined ? seconds(elapsed) : `${seconds(elapsed)} of ${seconds(planned)}`;
  const words = { opening: 'opening connections', running: 'running', settling: 'waiting for what is missing' };
  return `${words[stage]}, ${time}`;
}

function bar({ elapsed, planned }: Progress, width: number): string {
  const share = planned === undefined || planned === 0 ? 1 : Math.min(1, Math.max(0, elapsed / planned));
  const length = Math.min(width, 60);
  const full = Math.round(share * length);
  return `${'█'.repeat(full)}${'░'.repeat(length - full)}`;
}

function row(label: string, value: string, values: readonly number[]): string {
  return `${label.padEnd(LABEL)}${value.padStart(12)}  ${plot(values)}`;
}

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

function plot(values: readonly number[]): string {
  const most = Math.max(...values, Number.MIN_VALUE);
  return values.map((value) => blocks[Math.min(7, Math.floor((value / most) * 7.99))]).join('');
}

function timeOf(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '–' : formatTime(milliseconds);
}
