import type { Metric, Sample } from '../job.ts';
import type { Peer, PeerName } from '../peers.ts';
import type { Scenario } from '../scenarios.ts';

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface PeerResult {
  readonly name: PeerName;
  readonly label: string;
  readonly version: string;
  /** The median of what counts in this scenario, divided by that of the one it is compared with. */
  readonly ratio: number | undefined;
  readonly metrics: Readonly<Partial<Record<Metric, Summary>>>;
}

/** What a scenario came to: what is printed, drawn, and kept under `results/`. */
export interface ScenarioResult {
  readonly id: string;
  readonly title: string;
  readonly metric: Metric;
  readonly goal: number | undefined;
  /** Whom the ratios are to, and whose ratio counts: `ws` and `tidewire`, where nothing else is said. */
  readonly beside?: PeerName | undefined;
  readonly own?: PeerName | undefined;
  readonly peers: readonly PeerResult[];
  readonly leftOut: readonly { readonly label: string; readonly reason: string }[];
}

const metrics: readonly Metric[] = [
  'perCpuSecond',
  'perSecond',
  'p50',
  'p99',
  'p999',
  'residentMiB',
  'bytesPerConnection',
  'seconds',
  'cpuSeconds',
  'peakMiB',
  'cpuMsPerThousand',
  'answerMs',
  'answerKiB',
  'answerCpuMs',
  'blockedMs',
  'changeCpuMs',
];

export function metricOf({ kind }: Scenario): Metric {
  if (kind === 'memory' || kind === 'hub-memory') return 'bytesPerConnection';
  if (kind === 'hub-recovery' || kind === 'hub-presence') return 'cpuSeconds';
  if (kind === 'hub-engines') return 'cpuMsPerThousand';
  return kind === 'latency' ? 'p50' : 'perCpuSecond';
}

/** Of times and of memory, less is better. */
export function isLessBetter(metric: Metric): boolean {
  return metric !== 'perCpuSecond' && metric !== 'perSecond';
}

export function resultOf(
  scenario: Scenario,
  measured: readonly { readonly peer: Peer; readonly samples: readonly Sample[] }[],
  leftOut: ScenarioResult['leftOut'],
): ScenarioResult {
  const metric = metricOf(scenario);
  const summaries = measured.map(({ peer, samples }) => ({ peer, metrics: summarizeAll(samples) }));
  const reference = summaries.find(({ peer }) => peer.name === (scenario.beside ?? 'ws'))?.metrics[metric]?.median;
  const peers = summaries.map(({ peer: { name, label, version }, metrics }): PeerResult => {
    const own = metrics[metric]?.median;
    const ratio = own === undefined || reference === undefined ? undefined : own / reference;
    return { name, label, version, ratio, metrics };
  });
  const { id, title, goal, beside, own: whose } = scenario;
  return { id, title, metric, goal, beside, own: whose, peers, leftOut };
}

function summarizeAll(samples: readonly Sample[]): Partial<Record<Metric, Summary>> {
  const result: Partial<Record<Metric, Summary>> = {};
  for (const metric of metrics) {
    const values = samples.flatMap((sample) => sample[metric] ?? []);
    if (values.length > 0) result[metric] = summarize(values);
  }
  return result;
}

function summarize(values: number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? 0;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

export function isOwn({ own = 'tidewire' }: Pick<ScenarioResult, 'own'>, { name }: Pick<PeerResult, 'name'>): boolean {
  return name === own;
}
