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
export {
  bytes as formatBytes,
  number as formatNumber,
  percent as formatPercent,
  time as formatTime,
} from './report/format.ts';
export { html as htmlReport } from './report/html.ts';
export { table as outcomeTable } from './report/table.ts';
export { assertWritable, writeWhole } from './report/write-whole.ts';
export { LoadRun, type Progress } from './run/load-run.ts';
export { lacksOf } from './run/machine.ts';
export { UnreachableError } from './run/probe.ts';
export { exampleScenario } from './scenario/example.ts';
export { ScenarioError } from './scenario/problems.ts';
export { parseScenario, readScenario, type ScenarioEntry, scenarioOf } from './scenario/read.ts';
export { scenarioReference } from './scenario/reference.ts';
export { jsonSchema, type Phase, type Scenario } from './scenario/schema.ts';
export { judge, parseThreshold, type Threshold, ThresholdError, type Verdict } from './threshold/threshold.ts';
