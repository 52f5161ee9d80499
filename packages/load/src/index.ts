export type {
  Counters,
  Counts,
  GeneratorOutcome,
  Moment,
  Outcome,
  PhaseOutcome,
  SlowOutcome,
  StormOutcome,
  Times,
} from './outcome.ts';
export { LoadRun, type Progress } from './run/load-run.ts';
export { lacksOf } from './run/machine.ts';
export { UnreachableError } from './run/probe.ts';
export { ScenarioError } from './scenario/problems.ts';
export { parseScenario, readScenario, type ScenarioEntry, scenarioOf } from './scenario/read.ts';
export { jsonSchema, type Phase, type Scenario } from './scenario/schema.ts';
