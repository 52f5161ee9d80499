import type { KeyPath } from './outline.ts';

// The configuration comes in layers: the file, the environment, the command line. A later one beats an earlier one, key by key;
// lists are replaced as a whole. A key without a value is as if it were left out: so may a section be whose keys are all
// comments.

/** Where a key, or its value, stands, for people; `undefined` if this layer does not have it. */
export type PlaceOf = (path: KeyPath, what: 'key' | 'value') => string | undefined;

export interface Layer {
  readonly value: unknown;
  readonly placeOf: PlaceOf;
  /** What relative paths of files are relative to. */
  readonly folder: string;
}

/** One value of a layer that has no file. */
export interface Entry {
  readonly path: KeyPath;
  /** What the operator has written: the name of a variable, or a flag. */
  readonly name: string;
  readonly value: unknown;
}

/** A layer of single values. */
export function layerOf(entries: readonly Entry[]): Layer {
  let value: unknown = {};
  for (const entry of entries) value = merge(value, nest(entry.path, entry.value));
  return {
    value,
    folder: '.',
    // An entry has the keys below its own, and those above it in part.
    placeOf: (path) => {
      if (path.length === 0) return undefined;
      return entries.findLast((entry) => startsWith(entry.path, path) || startsWith(path, entry.path))?.name;
    },
  };
}

/** All layers as one. */
export class Layers {
  readonly value: unknown;
  readonly #layers: readonly Layer[];

  /** @param layers the later ones beat the earlier ones */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
    let value: unknown = {};
    for (const layer of layers) value = merge(value, layer.value);
    this.value = value;
  }

  /** Where a key stands, or what it is missing from; `undefined` if that is nowhere. */
  placeOf(path: KeyPath, what: 'key' | 'value'): string | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const outer = path.slice(0, length);
      const layer = this.#layers.findLast(({ placeOf }) => placeOf(outer, what) !== undefined);
      if (layer !== undefined) return layer.placeOf(outer, length < path.length ? 'key' : what);
    }
    return undefined;
  }

  /** What the path of a file under this key is relative to. */
  folderOf(path: KeyPath): string {
    return this.#layers.findLast(({ placeOf }) => placeOf(path, 'value') !== undefined)?.folder ?? '.';
  }
}

function merge(below: unknown, above: unknown): unknown {
  if (!isObject(above)) return above;
  const merged = new Map(isObject(below) ? Object.entries(below) : []);
  for (const [key, value] of Object.entries(above)) {
    if (value !== null) merged.set(key, merge(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function nest(path: KeyPath, value: unknown): unknown {
  return path.reduceRight((inner, part) => Object.fromEntries([[part, inner]]), value);
}

function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.length <= path.length && start.every((part, index) => path[index] === part);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
