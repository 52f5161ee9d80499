import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { checkScenario } from './check.ts';
import { type KeyPath, type PlaceOf, problemLine, problemsOf, ScenarioError } from './problems.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

// Scenarios from a file in YAML, or from flags that say the same.

/** How many values the aliases of a file may stand for: a small file could fill the memory with them. */
const MAX_ALIASES = 100;

/** One value that no file has. */
export interface ScenarioEntry {
  readonly path: KeyPath;
  /** What the person has written, such as a flag. */
  readonly name: string;
  readonly value: unknown;
}

/**
 * Reads a scenario in YAML 1.2, of which JSON is a part.
 * @param name of the file, for errors
 * @param overrides values that beat those of the file
 * @throws ScenarioError
 */
export function readScenario(text: string, name: string, overrides: readonly ScenarioEntry[] = []): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const what =
      error.code === 'DUPLICATE_KEY' ? 'the key is there twice' : `is no YAML: ${error.message.split('\n')[0]}`;
    throw new ScenarioError([`${at(error.pos[0])}: ${what}`]);
  }
  const { contents } = document;
  if (!isMap(contents)) throw new ScenarioError([`${name}:1:1: must be keys with values: target and phases`]);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new ScenarioError([`${name}:1:1: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
  const inFile: PlaceOf = (path, what) => {
    const offset = offsetOf(contents, path, what);
    return offset === undefined ? undefined : at(offset);
  };
  return validate(withEntries(value, overrides), (path, what) => placeOfEntry(overrides, path) ?? inFile(path, what));
}

/**
 * Makes a scenario of single values.
 * @throws ScenarioError
 */
export function scenarioOf(entries: readonly ScenarioEntry[]): Scenario {
  return validate(withEntries({}, entries), (path) => placeOfEntry(entries, path));
}

/**
 * Checks a scenario that a program has made.
 * @throws ScenarioError
 */
export function parseScenario(value: unknown): Scenario {
  return validate(value, () => undefined);
}

function validate(value: unknown, placeOf: PlaceOf): Scenario {
  const result = scenarioSchema.safeParse(value);
  const problems = result.success ? checkScenario(result.data) : problemsOf(result.error.issues, value);
  if (problems.length > 0) throw new ScenarioError(problems.map((problem) => problemLine(problem, placeOf)));
  if (!result.success) throw result.error;
  return result.data;
}

function placeOfEntry(entries: readonly ScenarioEntry[], path: KeyPath): string | undefined {
  const isSame = (entry: ScenarioEntry) =>
    entry.path.length === path.length && entry.path.every((part, i) => part === path[i]);
  return path.length === 0 ? undefined : entries.findLast(isSame)?.name;
}

function withEntries(value: unknown, entries: readonly ScenarioEntry[]): unknown {
  return entries.reduce((whole, entry) => withValue(whole, entry.path, entry.value), value);
}

function withValue(whole: unknown, path: KeyPath, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const list: readonly unknown[] = Array.isArray(whole) ? whole : [];
    const length = Math.max(list.length, part + 1);
    return Array.from({ length }, (_, i) => (i === part ? withValue(list[i], rest, value) : list[i]));
  }
  const known = typeof whole === 'object' && whole !== null ? Object.entries(whole) : [];
  const before = known.find(([name]) => name === part)?.[1];
  return Object.fromEntries([...known, [part, withValue(before, rest, value)]]);
}

/** Where a key or its value begins; `undefined` if it is not there. */
function offsetOf(root: unknown, path: KeyPath, what: 'key' | 'value'): number | undefined {
  let node: unknown = root;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (pair === undefined) return undefined;
      offset = startOf(what === 'value' ? pair.value : pair.key) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part];
      if (item === undefined) return undefined;
      offset = startOf(item) ?? offset;
      node = item;
    } else {
      return undefined;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start]: readonly unknown[] = node.range;
  return typeof start === 'number' ? start : undefined;
}
