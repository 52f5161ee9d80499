import type { z } from 'zod';
import { oneLine } from '../problem.ts';
import type { Layers } from './layers.ts';
import { type KeyNode, type KeyPath, nodeAt, outline, showPath } from './outline.ts';
import { nearest } from './suggestion.ts';

// A problem is one line: where, which key, what is wrong, and what would be right. No secret is ever in it.

export interface Problem {
  readonly path: KeyPath;
  readonly text: string;
  /** Whether the key itself is wrong, and not its value. */
  readonly isAboutKey?: boolean | undefined;
  /** Whether nothing is there; the text then says what should be. */
  readonly isMissing?: boolean | undefined;
}

/**
 * Those of a file in the order in which they stand there.
 * @param keys of which configuration. Default: that of the service
 */
export function problemLines(layers: Layers, problems: readonly Problem[], keys: KeyNode = outline): readonly string[] {
  const lines = problems.map((problem) => problemLine(layers, problem, keys));
  const places = new Map(lines.map((line) => [line, /^.*?:(\d+):(\d+): /.exec(line)?.slice(1).map(Number) ?? []]));
  const of = (line: string, index: 0 | 1) => places.get(line)?.[index] ?? Number.POSITIVE_INFINITY;
  const order = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1);
  return lines.toSorted((one, other) => order(of(one, 0), of(other, 0)) || order(of(one, 1), of(other, 1)));
}

function problemLine(
  layers: Layers,
  { path, text, isAboutKey = false, isMissing = false }: Problem,
  keys: KeyNode,
): string {
  const place = layers.placeOf(path, isAboutKey ? 'key' : 'value');
  const flag = nodeAt(path, keys)?.flag;
  // What is wrong with a flag is said of the flag.
  if (place !== undefined && place === flag) return `${place} ${text}`;
  if (isMissing && flag !== undefined && place?.startsWith('--')) return `${place} needs ${flag}: it ${text}`;
  const what = isMissing ? `is missing: it ${text}` : text;
  return [place, showPath(path), what].filter((part) => part !== undefined && part !== '').join(': ');
}

/**
 * What zod has found, each in words of its own.
 * @param keys as with `problemLines`
 */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  root: unknown,
  keys: KeyNode = outline,
): readonly Problem[] {
  return issues.flatMap((issue): readonly Problem[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        text: `there is no such key${meant(key, path, keys)}`,
        isAboutKey: true,
      }));
    }
    if (issue.code === 'invalid_key') {
      return [{ path, text: issue.issues[0]?.message ?? 'is not a name', isAboutKey: true }];
    }
    const nested = nestedOf(issue, valueAt(root, path));
    if (nested !== undefined)
      return problemsOf(
        nested.map((each) => ({ ...each, path: [...path, ...each.path] })),
        root,
        keys,
      );
    const value = valueAt(root, path);
    // What has a default may be wrong beside something else, and is not missing.
    if (value === undefined) return [{ path, text: issue.message, isMissing: issue.code !== 'custom' }];
    return [{ path, text: textOf(issue.message, value, nodeAt(path, keys)) }];
  });
}

/** If a word or a section would do and a section is there, what is wrong is in the section. */
function nestedOf(issue: z.core.$ZodIssue, value: unknown): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union' || typeof value !== 'object' || value === null) return undefined;
  return issue.errors.find(
    (errors) => errors.some(({ path }) => path.length > 0) || errors.some(({ code }) => code === 'unrecognized_keys'),
  );
}

function textOf(message: string, value: unknown, node: KeyNode | undefined): string {
  return message.startsWith('must be ') ? `${message}, not ${shown(value, node)}${meantValue(value, node)}` : message;
}

/** A value for people: what it is, and itself only where that can be no secret. */
function shown(value: unknown, node: KeyNode | undefined): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'keys with values';
  const isPlain =
    node !== undefined &&
    !node.isSecret &&
    !node.isFile &&
    node.keys === undefined &&
    node.items === undefined &&
    node.values === undefined;
  if (!isPlain) return typeof value === 'string' ? 'text' : `a ${typeof value}`;
  const text = oneLine(JSON.stringify(value) ?? String(value)).replace(/:\/\/[^\s/?#']*@/g, '://');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function meant(key: string, path: KeyPath, keys: KeyNode): string {
  const here = nodeAt(path, keys)?.keys;
  const near = nearest(key, here?.keys() ?? []);
  const found = near ?? elsewhere(key, keys);
  if (found !== undefined) return `. Did you mean ${found}?`;
  return here === undefined || here.size > 12 ? '' : `. There are ${[...here.keys()].join(', ')}.`;
}

function elsewhere(key: string, keys: KeyNode): string | undefined {
  const all = everywhere([], keys);
  const name = nearest(
    key,
    all.map((path) => String(path.at(-1))),
  );
  const path = all.find((known) => known.at(-1) === name);
  return path && showPath(path);
}

function everywhere(path: KeyPath, node: KeyNode): readonly KeyPath[] {
  return [...(node.keys ?? [])].flatMap(([name, child]) => [[...path, name], ...everywhere([...path, name], child)]);
}

function meantValue(value: unknown, node: KeyNode | undefined): string {
  if (typeof value !== 'string' || node === undefined || !/, | or /.test(node.kind)) return '';
  const near = nearest(value, node.kind.split(/, | or /));
  return near === undefined || near === value ? '' : `. Did you mean ${near}?`;
}

function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(part))?.[1];
  }
  return value;
}
