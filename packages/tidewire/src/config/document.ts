import { dirname } from 'node:path';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import { readBounded } from '../bounded-file.ts';
import { describeSystemError } from '../problem.ts';
import type { Layer, PlaceOf } from './layers.ts';
import type { KeyPath } from './outline.ts';

// One file, YAML 1.2 or JSON, which is a part of it. Every key and value knows where it stands.

/** Larger than any configuration; what is larger is something else. In bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

/** How many values the aliases of a file may stand for: a small file could fill the memory with them. */
const MAX_ALIASES = 100;

/**
 * Reads a file.
 * @returns the layer, or lines that say what is wrong, each with its place
 */
export function readDocument(file: string): Layer | readonly string[] {
  let bytes: Buffer | undefined;
  try {
    bytes = readBounded(file, MAX_SIZE);
  } catch (error) {
    return [`${file}: cannot be read: ${describeSystemError(error)}`];
  }
  if (bytes === undefined) return [`${file}: is larger than ${MAX_SIZE} bytes`];
  try {
    return parse(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return [`${file}: is not text in UTF-8`];
    throw error;
  }
}

function parse(file: string, text: string): Layer | readonly string[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    // Of what goes wrong in one place, the first is the cause.
    const causes = new Map(document.errors.toReversed().map((error) => [error.pos[0], error]));
    return [...causes].toReversed().map(([offset, error]) => `${at(offset)}: ${describe(error)}`);
  }
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
    return [`${at(contents.range[0])}: must be keys with values, such as listen: { port: 8080 }`];
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    return [`${file}:1:1: ${error instanceof Error ? error.message : String(error)}`];
  }
  const resolve = (node: ParsedNode | null | undefined) => (isAlias(node) ? node.resolve(document) : node);
  const placeOf: PlaceOf = (path, what) => {
    const offset = offsetOf(contents, path, what, resolve);
    return offset === undefined ? undefined : at(offset);
  };
  return { value, placeOf, folder: dirname(file) };
}

function describe({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'there must be one document in a file';
  if (code === 'DUPLICATE_KEY') return 'the key is there twice';
  return `is neither YAML nor JSON: ${message.split('\n')[0]}`;
}

type Resolve = (node: ParsedNode | null | undefined) => unknown;

/** Where a key or its value begins; `undefined` if it is not there. */
function offsetOf(root: unknown, path: KeyPath, what: 'key' | 'value', resolve: Resolve): number | undefined {
  let node: unknown = root;
  let offset = 0;
  for (const part of path) {
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const pair: Pair<ParsedNode, ParsedNode | null> | undefined = node.items.find(({ key }) => nameOf(key) === part);
      if (pair === undefined) return undefined;
      offset = (what === 'value' ? pair.value?.range[0] : undefined) ?? pair.key.range[0];
      node = resolve(pair.value);
    } else if (isSeq<ParsedNode>(node) && typeof part === 'number') {
      const item: ParsedNode | undefined = node.items[part];
      if (item === undefined) return undefined;
      offset = item.range[0];
      node = resolve(item);
    } else {
      return undefined;
    }
  }
  return offset;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value ?? '') : String(key);
}
