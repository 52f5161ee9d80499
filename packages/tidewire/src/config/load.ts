import { UsageError } from '../problem.ts';
import { readDocument } from './document.ts';
import { fileVariable, readEnvironment } from './environment.ts';
import { type Entry, Layers, layerOf } from './layers.ts';
import { problemLines, problemsOf } from './problems.ts';
import { type Config, configSchema } from './schema.ts';

/** Where the configuration comes from. */
export interface Sources {
  /** Default: the one that the environment names, if it names one. */
  readonly file?: string | undefined;
  /** Default: none. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** What the command line says, the flag as `name`. */
  readonly flags?: readonly Entry[] | undefined;
}

/** All that is wrong with a configuration: one line each, in the order of the layers. */
export class ConfigError extends UsageError {
  override readonly name = 'ConfigError';
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.#lines = lines;
  }

  override get lines(): readonly string[] {
    return this.#lines;
  }
}

export interface Loaded {
  readonly config: Config;
  readonly layers: Layers;
  /** `undefined` if there is none. */
  readonly file: string | undefined;
}

/**
 * Reads all layers and checks them.
 * @throws ConfigError
 */
export function loadConfig({ file: given, environment = {}, flags = [] }: Sources): Loaded {
  const file = given ?? (environment[fileVariable] || undefined);
  if (file?.trim() === '') throw new ConfigError(['The name of the configuration must not be empty']);
  const document = file === undefined ? undefined : readDocument(file);
  const variables = readEnvironment(environment);
  const lines: string[] = [];
  if (Array.isArray(document)) lines.push(...document);
  lines.push(...variables.problems);
  const fileLayer = document === undefined || !('value' in document) ? [] : [document];
  const layers = new Layers([...fileLayer, layerOf(variables.entries), layerOf(flags)]);
  const result = configSchema.safeParse(layers.value);
  if (!result.success) lines.push(...problemLines(layers, problemsOf(result.error.issues, layers.value)));
  if (lines.length > 0 || !result.success) throw new ConfigError(lines);
  return { config: result.data, layers, file };
}
