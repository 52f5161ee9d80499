import { parseDocument } from 'yaml';
import type { Entry } from './layers.ts';
import { type KeyNode, outline } from './outline.ts';
import { nearest } from './suggestion.ts';

// Every key has a variable: TIDEWIRE_ and the path in capitals, words apart by _ and keys by __. `listen.port` is
// TIDEWIRE_LISTEN__PORT, `limits.queueSize` is TIDEWIRE_LIMITS__QUEUE_SIZE. Where the operator chooses the name it is taken in
// small letters: TIDEWIRE_NAMESPACES__CHAT__PUBLISH. A value is written as in YAML; lists also with commas; text as it is.

const PREFIX = 'TIDEWIRE_';

/** Names the file; it is no key. */
export const fileVariable = 'TIDEWIRE_CONFIG';

/** What Kubernetes sets by itself, if there is a service that is called tidewire. */
const foreign = /^TIDEWIRE_(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT(?:_\d.*)?)$/;

/** @returns what the variables say, and a line for each that says nothing */
export function readEnvironment(variables: NodeJS.ProcessEnv): {
  readonly entries: readonly Entry[];
  readonly problems: readonly string[];
} {
  const entries: Entry[] = [];
  const problems: string[] = [];
  // The shorter first, so that a part of a section beats the section.
  for (const [name, text = ''] of Object.entries(variables).sort(([one], [other]) => one.length - other.length)) {
    if (!name.startsWith(PREFIX) || name === fileVariable || foreign.test(name)) continue;
    const found = find(name.slice(PREFIX.length).split('__'));
    if (found === undefined) {
      problems.push(`${name}: there is no such variable${meant(name)}`);
      continue;
    }
    const value = understand(text, found.node);
    if (value === undefined) problems.push(`${name}: cannot be understood: it must be written as in YAML`);
    else entries.push({ path: found.path, name, value: value.parsed });
  }
  return { entries, problems };
}

/** The variable of a key; a `*` in the path stays as it is. */
export function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((part) => part.replaceAll(/[A-Z]/g, '_$&').toUpperCase()).join('__');
}

function find(parts: readonly string[]): { readonly path: readonly string[]; readonly node: KeyNode } | undefined {
  let node = outline;
  const path: string[] = [];
  for (const part of parts) {
    const known = [...(node.keys ?? [])].find(([name]) => variableOf([name]) === PREFIX + part);
    const next = known?.[1] ?? node.values;
    if (next === undefined) return undefined;
    path.push(known?.[0] ?? part.toLowerCase());
    node = next;
  }
  return { path, node };
}

function meant(name: string): string {
  const near = nearest(name, [...variables([], outline)]);
  return near === undefined ? '' : `. Did you mean ${near}?`;
}

function* variables(path: readonly string[], node: KeyNode): Generator<string> {
  for (const [name, child] of node.keys ?? []) {
    yield variableOf([...path, name]);
    yield* variables([...path, name], child);
  }
}

function understand(text: string, node: KeyNode): { readonly parsed: unknown } | undefined {
  if (node.isText) return { parsed: text };
  const { items } = node;
  if (items?.isText && !text.trimStart().startsWith('[')) {
    return { parsed: text.split(',').flatMap((part) => part.trim() || []) };
  }
  const document = parseDocument(text, { prettyErrors: false });
  return document.errors.length > 0 ? undefined : { parsed: document.toJS({ maxAliasCount: 0 }) };
}
