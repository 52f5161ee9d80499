import type { PhaseOutcome, Times } from '../outcome.ts';
import type { Phase } from '../scenario/schema.ts';

// What a threshold can be about. The documentation is made of this.

export interface Metric {
  readonly unit: 'time' | 'number' | 'share';
  readonly description: string;
  /** Whether a phase measures it. */
  isIn(phase: Phase): boolean;
  /** `undefined` if there was nothing to measure. */
  value(phase: PhaseOutcome): number | undefined;
}

const sends = ({ do: does }: Phase) => does === 'echo' || does === 'request' || does === 'pubsub';
const always = () => true;

const percentiles = { p50: 'p50', p90: 'p90', p99: 'p99', 'p99.9': 'p999', max: 'max', mean: 'mean' } as const;

function timesOf(
  prefix: string,
  description: string,
  of: (phase: PhaseOutcome) => Times | undefined,
  isIn: Metric['isIn'],
): readonly (readonly [string, Metric])[] {
  return Object.entries(percentiles).map(([name, key]) => [
    `${prefix}${name}`,
    { unit: 'time', description: `${name} of ${description}`, isIn, value: (phase) => of(phase)?.[key] },
  ]);
}

function countOf(
  name: keyof PhaseOutcome['counters'],
  description: string,
  isIn: Metric['isIn'],
): readonly [string, Metric] {
  return [name, { unit: 'number', description, isIn, value: ({ counters }) => counters[name] }];
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}

/** Every metric by its name. */
export const metrics: Readonly<Record<string, Metric>> = Object.fromEntries<Metric>([
  ...timesOf('', 'the latency, from when a message was to be sent', ({ latency }) => latency, sends),
  ...timesOf(
    'service.',
    'the time from when a message was sent',
    ({ serviceTime }) => serviceTime,
    ({ do: does }) => does === 'echo' || does === 'request',
  ),
  ...timesOf('lateness.', 'how late messages were sent', ({ lateness }) => lateness, sends),
  ...timesOf('handshake.', 'the opening handshake', ({ handshake }) => handshake, always),
  ...timesOf('ready.', 'the time until the protocol was ready', ({ ready }) => ready, always),
  countOf('lost', 'messages that never came, though their receiver was there', sends),
  countOf('lostWithConnection', 'messages that never came because their connection had gone', sends),
  countOf('duplicates', 'messages that came more than once', sends),
  countOf('outOfOrder', 'messages that came after a later one of the same sender', sends),
  countOf('unexpected', 'messages that nobody was to get', sends),
  countOf('unsent', 'messages that could not be sent', sends),
  countOf('sent', 'messages that were sent', sends),
  countOf('received', 'messages that came', sends),
  countOf('failed', 'connections that could not be opened', always),
  countOf('dropped', 'connections that ended without having been told to', always),
  [
    'errors',
    {
      unit: 'number',
      description: 'errors of all kinds',
      isIn: always,
      value: ({ errors }: PhaseOutcome) => sum(errors),
    },
  ],
  [
    'loss',
    {
      unit: 'share',
      description: 'the part of what had to come that did not',
      isIn: sends,
      value: ({ counters: { lost, lostWithConnection, expected } }: PhaseOutcome) =>
        expected === 0 ? undefined : (lost + lostWithConnection) / expected,
    },
  ],
  [
    'sendRate',
    {
      unit: 'number',
      description: 'messages sent in a second',
      isIn: sends,
      value: ({ sendRate }: PhaseOutcome) => sendRate,
    },
  ],
  [
    'receiveRate',
    {
      unit: 'number',
      description: 'messages that came in a second',
      isIn: sends,
      value: ({ receiveRate }: PhaseOutcome) => receiveRate,
    },
  ],
  [
    'allBack',
    {
      unit: 'time',
      description: 'the time until all that had dropped were back, in the worst wave',
      isIn: ({ do: does }: Phase) => does === 'storm',
      value: ({ storm }: PhaseOutcome) => {
        const times = storm?.waves.map(({ allBack }) => allBack) ?? [];
        const known = times.filter((each) => each !== undefined);
        return times.length === 0 || known.length < times.length ? undefined : Math.max(...known);
      },
    },
  ],
  [
    'generatorLimits',
    {
      unit: 'number',
      description: 'reasons why the generator, and not the server, was the limit',
      isIn: always,
      value: ({ generator }: PhaseOutcome) => generator.limits.length,
    },
  ],
]);

export function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}
