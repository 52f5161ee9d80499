import type { ScenarioEntry } from '@tidewire/load';
import { UsageError } from '../problem.ts';

// The flags of `bench` say the same as a scenario with one phase.

/** The flags as commander gives them. */
export interface BenchFlags {
  readonly do?: string;
  readonly connections?: string;
  readonly ramp?: string;
  readonly duration?: string;
  readonly rate?: string;
  readonly spacing?: string;
  readonly message?: string;
  readonly binary?: boolean;
  readonly grace?: string;
  readonly answer?: string;
  readonly publishers?: string;
  readonly channels?: string;
  readonly subscriptions?: string;
  readonly channel?: string;
  readonly subscribe?: string;
  readonly slow?: string;
  readonly slowRate?: string;
  readonly share?: string;
  readonly waves?: string;
  readonly within?: string;
  readonly protocol?: string;
  readonly url?: readonly string[];
  readonly header?: readonly (readonly [string, string])[];
  readonly subprotocol?: readonly string[];
  readonly origin?: string;
  readonly token?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly event?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly deflate?: boolean;
  readonly timeout?: string;
  readonly workers?: string;
  readonly seed?: string;
  readonly json?: string;
  readonly html?: string;
  readonly failIf?: readonly string[];
  readonly quiet?: boolean;
}

type Key = keyof BenchFlags;

/** What a flag of one phase stands for. */
const phaseKeys: Partial<Readonly<Record<Key, readonly string[]>>> = {
  do: ['do'],
  connections: ['connections'],
  ramp: ['ramp'],
  duration: ['duration'],
  rate: ['rate'],
  spacing: ['spacing'],
  message: ['message'],
  grace: ['grace'],
  answer: ['answer'],
  publishers: ['publishers'],
  channels: ['channels'],
  subscriptions: ['subscriptions'],
  channel: ['channel'],
  subscribe: ['subscribe'],
  slow: ['slow', 'share'],
  slowRate: ['slow', 'rate'],
  share: ['share'],
  waves: ['waves'],
  within: ['within'],
};

const targetKeys: Partial<Readonly<Record<Key, readonly string[]>>> = {
  protocol: ['protocol'],
  subprotocol: ['subprotocols'],
  origin: ['origin'],
  token: ['token'],
  user: ['user'],
  namespace: ['namespace'],
  event: ['event'],
  ca: ['ca'],
  insecure: ['insecure'],
  deflate: ['compression'],
  timeout: ['timeout'],
};

const numbers: ReadonlySet<Key> = new Set([
  ...([
    'connections',
    'rate',
    'publishers',
    'channels',
    'subscriptions',
    'slowRate',
    'waves',
    'workers',
    'seed',
  ] as const),
]);

/** What the flags say of the target and of the run, with or without a file. */
export function targetEntries(flags: BenchFlags): readonly ScenarioEntry[] {
  const headers =
    flags.header === undefined ? [] : [entry('header', ['target', 'headers'], Object.fromEntries(flags.header))];
  const url = flags.url === undefined ? [] : [entry('url', ['target', 'url'], flags.url)];
  return [
    ...url,
    ...entriesFor(flags, targetKeys, ['target']),
    ...headers,
    ...entriesFor(flags, { workers: ['workers'], seed: ['seed'] }, []),
  ];
}

/** What the flags say of the one phase that there is without a file. */
export function phaseEntries(flags: BenchFlags): readonly ScenarioEntry[] {
  const does = flags.do === undefined ? [entry('do', ['phases', 0, 'do'], 'echo')] : [];
  const binary = flags.binary === true ? [entry('binary', ['phases', 0, 'as'], 'binary')] : [];
  return [...does, ...entriesFor(flags, phaseKeys, ['phases', 0]), ...binary];
}

/** @throws UsageError for a flag that only a run without a file has */
export function assertNoPhaseFlags(flags: BenchFlags, file: string): void {
  const [first] = [...entriesFor(flags, phaseKeys, []), ...(flags.binary === true ? [{ name: '--binary' }] : [])];
  if (first !== undefined)
    throw new UsageError(`${first.name} is for a run without a scenario: ${file} says what is done`);
}

function entriesFor(
  flags: BenchFlags,
  keys: Partial<Readonly<Record<Key, readonly string[]>>>,
  before: readonly (string | number)[],
): readonly ScenarioEntry[] {
  const given = Object.entries(flags).filter((pair): pair is [Key, unknown] => Object.hasOwn(keys, pair[0]));
  return given.map(([key, value]) =>
    entry(key, [...before, ...(keys[key] ?? [])], numbers.has(key) ? numeric(value) : value),
  );
}

function entry(key: Key, path: readonly (string | number)[], value: unknown): ScenarioEntry {
  return { path, name: `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value };
}

/** A number where it is one; the schema says what is wrong with anything else. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}
