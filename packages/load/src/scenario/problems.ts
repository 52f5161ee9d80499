import type { z } from 'zod';
import { jsonSchema } from './schema.ts';
import { nearest } from './suggestion.ts';

// A problem is one line: where, which key, what is wrong, and what would be right.

export type KeyPath = readonly (string | number)[];

export interface Problem {
  readonly path: KeyPath;
  readonly text: string;
  /** Whether the key itself is wrong, and not its value. */
  readonly isAboutKey?: boolean | undefined;
}

/** Where a key, or its value, stands, for people; `undefined` if that is nowhere. */
export type PlaceOf = (path: KeyPath, what: 'key' | 'value') => string | undefined;

/** A scenario that cannot be run: a line for each thing that is wrong. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** `phases[0].rate` */
export function showPath(path: KeyPath): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`));
  return parts.join('').replace(/^\./, '');
}

export function problemLine({ path, text, isAboutKey = false }: Problem, placeOf: PlaceOf): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = placeOf(path.slice(0, length), isAboutKey || length < path.length ? 'key' : 'value');
    if (place === undefined) continue;
    // What is wrong with a flag is said of the flag.
    if (place.startsWith('--')) return `${place} ${text}`;
    return [place, showPath(path), text].filter((part) => part !== '').join(': ');
  }
  return [showPath(path), text].filter((part) => part !== '').join(': ');
}

/** What zod has found, each in words of its own. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], root: unknown): readonly Problem[] {
  return issues.flatMap((issue): readonly Problem[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, root));
    const value = valueAt(root, path);
    const nested = nestedOf(issue, value);
    if (nested !== undefined) {
      const deeper = nested.map((each) => ({ ...each, path: [...path, ...each.path] }));
      return problemsOf(deeper, root);
    }
    if (value === undefined) return [{ path, text: `is missing: it ${issue.message}` }];
    const said = issue.message.startsWith('must be ') ? `, not ${shown(value, path)}` : '';
    return [{ path, text: `${issue.message}${said}${meantValue(issue.message, value)}` }];
  });
}

/** If a value or a section would do and a section is there, what is wrong is in the section. */
function nestedOf(issue: z.core.$ZodIssue, value: unknown): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union' || typeof value !== 'object' || value === null) return undefined;
  return issue.errors.find(
    (errors) => errors.some(({ path }) => path.length > 0) || errors.some(({ code }) => code === 'unrecognized_keys'),
  );
}

function unknownKey(path: KeyPath, key: string, root: unknown): Problem {
  const known = keysAt(path, root);
  const near = nearest(key, known);
  const does = valueAt(root, [...path, 'do']);
  const where =
    path[0] === 'phases' && path.length === 2 && typeof does === 'string' ? ` in a phase that does ${does}` : '';
  const advice = near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`;
  return { path: [...path, key], text: `there is no such key${where}. ${advice}`, isAboutKey: true };
}

type Json = Readonly<Record<string, unknown>>;

/** The keys that a section can have, as the JSON Schema says it. */
function keysAt(path: KeyPath, root: unknown): readonly string[] {
  let nodes: readonly Json[] = [jsonSchema()];
  for (const [i, part] of path.entries()) {
    const does = valueAt(root, [...path.slice(0, i + 1), 'do']);
    nodes = nodes.flatMap((node) => below(node, part)).flatMap((node) => branches(node, does));
  }
  return nodes.flatMap(({ properties }) => (isJson(properties) ? Object.keys(properties) : []));
}

function below(node: Json, part: string | number): readonly Json[] {
  const next = typeof part === 'number' ? node.items : isJson(node.properties) ? node.properties[part] : undefined;
  return isJson(next) ? [next] : [];
}

function branches(node: Json, does: unknown): readonly Json[] {
  const all = [node.oneOf, node.anyOf].filter(Array.isArray).flat().filter(isJson);
  const fitting = all.filter(
    ({ properties }) => isJson(properties) && isJson(properties.do) && properties.do.const === does,
  );
  return fitting.length > 0 ? fitting : [node, ...all];
}

/** A value for people; what may be a secret is not shown. */
function shown(value: unknown, path: KeyPath): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'keys with values';
  if (path.includes('token') || path.includes('headers'))
    return typeof value === 'string' ? 'text' : `a ${typeof value}`;
  const text = (JSON.stringify(value) ?? String(value)).replace(/:\/\/[^\s/?#']*@/g, '://');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function meantValue(message: string, value: unknown): string {
  const [, list = ''] = /^must be ([\w.]+(?:, [\w.]+)* or [\w.]+)$/.exec(message) ?? [];
  if (typeof value !== 'string' || list === '') return '';
  const near = nearest(value, list.split(/, | or /));
  return near === undefined ? '' : `. Did you mean ${near}?`;
}

export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(part))?.[1];
  }
  return value;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
