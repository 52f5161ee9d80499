import { isDeepStrictEqual } from 'node:util';
import { type KeyNode, type KeyPath, nodeAt, outline, showPath } from './outline.ts';
import type { Settings } from './resolve.ts';

// What another configuration changes, by the paths of its keys. No value is named: it may be a secret.

export interface Changes {
  /** Keys that take effect while the service runs. */
  readonly live: readonly string[];
  /** Keys that take effect when it is started again. */
  readonly restart: readonly string[];
}

/**
 * @param started what the service was started with
 * @param current what it was told last
 */
export function compare(started: Settings, current: Settings, next: Settings): Changes {
  return {
    live: [...differences(current, next)].filter(({ node }) => node.canReload).map(({ path }) => showPath(path)),
    restart: [...differences(started, next)].filter(({ node }) => !node.canReload).map(({ path }) => showPath(path)),
  };
}

interface Difference {
  readonly path: KeyPath;
  readonly node: KeyNode;
}

function* differences(before: Settings, after: Settings): Generator<Difference> {
  const found = [...differencesOf(before.config, after.config, [], outline)];
  yield* found;
  const named = new Set(found.map(({ path }) => showPath(path)));
  for (const [name, { path, bytes }] of after.files) {
    const earlier = before.files.get(name);
    const node = nodeAt(path);
    const isChanged = earlier !== undefined && !earlier.bytes.equals(bytes);
    if (isChanged && node !== undefined && !named.has(name)) yield { path, node };
  }
}

/** The innermost keys that differ; a list counts as a whole, and so does a section that comes or goes. */
function* differencesOf(before: unknown, after: unknown, path: KeyPath, node: KeyNode): Generator<Difference> {
  if (isDeepStrictEqual(before, after)) return;
  const isInside = isObject(before) && isObject(after) && (node.keys ?? node.values) !== undefined;
  if (!isInside) {
    yield { path, node };
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const child = node.keys?.get(name) ?? node.values;
    if (child !== undefined) yield* differencesOf(before[name], after[name], [...path, name], child);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
