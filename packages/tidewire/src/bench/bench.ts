import { styleText } from 'node:util';
import {
  assertWritable,
  htmlReport,
  judge,
  LoadRun,
  lacksOf,
  type Outcome,
  outcomeTable,
  parseThreshold,
  readScenario,
  type Scenario,
  type ScenarioEntry,
  ScenarioError,
  scenarioOf,
  type Threshold,
  ThresholdError,
  UnreachableError,
  type Verdict,
  writeWhole,
} from '@tidewire/load';
import { readBounded } from '../bounded-file.ts';
import { INTERRUPTED, SAME_KEY } from '../commands/signals.ts';
import { describeFailure } from '../connect/failures.ts';
import { withoutCredentials } from '../connect/format.ts';
import { describeSystemError, describeWriteError, UsageError } from '../problem.ts';
import { readAuthorities } from '../service/tls.ts';
import { assertNoPhaseFlags, type BenchFlags, phaseEntries, targetEntries } from './entries.ts';
import { watch } from './views.ts';

// A load test from the command line: everything that can be wrong is found before anything is opened, and files are written last.

/** Larger than any scenario, in bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

/** One mistake in a line, of which there may be several. */
class MistakesError extends UsageError {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.#lines = lines;
  }

  override get lines(): readonly string[] {
    return this.#lines;
  }
}

/**
 * @param what the file of a scenario, or a URL
 * @returns the exit code
 * @throws UsageError
 */
export async function bench(what: string | undefined, flags: BenchFlags): Promise<number> {
  const scenario = scenarioFrom(what, flags);
  const thresholds = thresholdsOf(flags.failIf ?? [], scenario);
  assertFiles(flags);
  if (scenario.target.ca !== undefined) readAuthorities('ca', scenario.target.ca);
  const [lack] = lacksOf(scenario);
  if (lack !== undefined) throw new UsageError(lack);
  const { outcome, code } = await run(new LoadRun(scenario), flags);
  const verdicts = judge(thresholds, outcome, scenario);
  report(outcome, verdicts, flags);
  if (code !== 0) return code;
  return verdicts.some(({ hasFailed }) => hasFailed) ? 1 : 0;
}

function scenarioFrom(what: string | undefined, flags: BenchFlags): Scenario {
  const isUrl = what !== undefined && /^[a-z]+:\/\//i.test(what);
  const target = targetEntries(flags);
  try {
    if (what !== undefined && !isUrl) {
      assertNoPhaseFlags(flags, what);
      return readScenario(readText(what), what, target);
    }
    const url: readonly ScenarioEntry[] = isUrl ? [{ path: ['target', 'url'], name: 'the URL', value: what }] : [];
    if (url.length === 0 && flags.url === undefined)
      throw new UsageError(
        'a URL or the file of a scenario is missing, such as: tidewire bench ws://127.0.0.1:8080/echo',
      );
    return scenarioOf([...url, ...target, ...phaseEntries(flags)]);
  } catch (error) {
    if (error instanceof ScenarioError) throw new MistakesError(error.lines);
    throw error;
  }
}

function readText(file: string): string {
  let bytes: Buffer | undefined;
  try {
    bytes = readBounded(file, MAX_SIZE);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${describeSystemError(error)}`, { cause: error });
  }
  if (bytes === undefined) throw new UsageError(`${file}: is larger than ${MAX_SIZE} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${file}: is not text in UTF-8`, { cause: error });
  }
}

function thresholdsOf(texts: readonly string[], scenario: Scenario): readonly Threshold[] {
  try {
    return texts.map((text) => parseThreshold(text, scenario));
  } catch (error) {
    if (error instanceof ThresholdError) throw new UsageError(`--fail-if ${error.message}`, { cause: error });
    throw error;
  }
}

function assertFiles({ json, html }: BenchFlags): void {
  for (const [flag, file] of Object.entries({ '--json': json, '--html': html })) {
    if (file === undefined || (flag === '--json' && file === '-')) continue;
    try {
      assertWritable(file);
    } catch (error) {
      throw new UsageError(`${flag} ${file}: cannot be written: ${describeWriteError(error)}`, { cause: error });
    }
  }
}

/** Runs it, and shows how it goes. The first Ctrl-C ends it early, the second at once. */
async function run(load: LoadRun, { quiet = false }: BenchFlags): Promise<{ outcome: Outcome; code: number }> {
  let interruptedAt: number | undefined;
  const interrupt = () => {
    if (interruptedAt === undefined) {
      interruptedAt = performance.now();
      load.stop();
    } else if (performance.now() - interruptedAt > SAME_KEY) {
      process.exit(INTERRUPTED);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const phases = load.scenario.phases.length;
  const view = quiet ? undefined : watch(process.stderr, { phases, progress: () => load.progress() });
  try {
    const outcome = await load.run();
    return { outcome, code: interruptedAt === undefined ? 0 : INTERRUPTED };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const why = error.failure === undefined ? 'the server closed the connection' : describeFailure(error.failure);
    throw new UsageError(`Could not connect to ${withoutCredentials(error.url)}: ${why}`, { cause: error });
  } finally {
    view?.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function report(outcome: Outcome, verdicts: readonly Verdict[], { json, html }: BenchFlags): void {
  // The JSON on stdout is for a program; the table then goes to where the progress was.
  const stream = json === '-' ? process.stderr : process.stdout;
  const isColoured = stream.isTTY === true && stream.hasColors();
  stream.write(
    outcomeTable(outcome, verdicts, { paint: (colour, text) => (isColoured ? styleText(colour, text) : text) }),
  );
  const text = `${JSON.stringify({ ...outcome, thresholds: verdicts.map(verdictJson) }, undefined, 2)}\n`;
  if (json === '-') process.stdout.write(text);
  else if (json !== undefined) write('--json', json, text);
  if (html !== undefined) write('--html', html, htmlReport(outcome, verdicts));
}

function write(flag: string, file: string, text: string): void {
  try {
    writeWhole(file, text);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: cannot be written: ${describeWriteError(error)}`, { cause: error });
  }
}

function verdictJson({ threshold, phase, value, hasFailed }: Verdict) {
  return { failIf: threshold.text, phase, value, hasFailed };
}
