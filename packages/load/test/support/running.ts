import { LoadRun, type Outcome, type PhaseOutcome, parseScenario } from '@tidewire/load';

type Keys = Readonly<Record<string, unknown>>;

/** Runs phases against a server, with one worker and a seed that is the same each time. */
export async function run(target: Keys, ...phases: Keys[]): Promise<Outcome> {
  return new LoadRun(parseScenario({ target, seed: 1, workers: 1, phases })).run();
}

/** The same with one phase. */
export async function runPhase(target: Keys, phase: Keys): Promise<PhaseOutcome> {
  const [outcome] = (await run(target, { duration: '1s', ...phase })).phases;
  if (outcome === undefined) throw new Error('It has no phase');
  return outcome;
}

/** What was found to be wrong. */
export function wrongs({ counters }: PhaseOutcome) {
  const { lost, lostWithConnection, duplicates, outOfOrder, unexpected, unsent } = counters;
  return { lost, lostWithConnection, duplicates, outOfOrder, unexpected, unsent };
}

export const nothing = { lost: 0, lostWithConnection: 0, duplicates: 0, outOfOrder: 0, unexpected: 0, unsent: 0 };

/** The sequence number in a stamp. */
export function sequenceOf(text: string): number {
  return Number(/~\d+\.(\d+)\.\d+~/.exec(text)?.[1]);
}
