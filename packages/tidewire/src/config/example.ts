import { stringify } from 'yaml';
import { variableOf } from './environment.ts';
import { type KeyNode, outline } from './outline.ts';

// A file with every key, made from the schema. What has a default stands there with it; what has none is commented out, by a `#`
// without a space behind it, with a value to begin from.

const WIDTH = 100;

const preface = `The configuration of tidewire serve, with every key and its default. Keep what you change.
Check it: tidewire config check FILE. Use it: tidewire serve --config FILE.
Every key has an environment variable, too: listen.port is ${variableOf(['listen', 'port'])}.
A time is such as 500ms, 30s, 2m, 1h or 30d; a size such as 65536, 64KiB or 16MiB.`;

export function exampleConfig(): string {
  const parts = [...(outline.keys ?? [])].map(([name, node]) => keyLines(name, node, '', false).join('\n'));
  return `${comment(preface.split('\n'), '')}\n\n${parts.join('\n\n')}\n`;
}

/** @param isOff whether all of it is commented out */
function keyLines(name: string, node: KeyNode, indent: string, isOff: boolean): readonly string[] {
  const described = node.description === '' ? [] : [comment(wrapped(node.description, WIDTH - indent.length), indent)];
  const off = isOff || !isSet(node);
  const start = `${indent}${off ? '#' : ''}${written(name)}:`;
  // A section without keys that are set is nothing, and so is a commented one.
  if (node.keys !== undefined && !hasPlainDefault(node)) {
    return [...described, start, ...inner([...node.keys], `${indent}  `, off)];
  }
  if (node.values?.keys !== undefined) {
    const children = keyLines(String(node.example ?? 'name'), node.values, `${indent}  `, true);
    return [...described, `${indent}${isOff ? '#' : ''}${name}:`, ...children];
  }
  const item = node.items;
  if (item?.keys !== undefined) {
    const [first = '', ...others] = inner([...item.keys], '', true).filter((line) => !line.startsWith('# '));
    const rest = others.map((line) => `${indent}#    ${line.slice(1)}`);
    return [...described, `${start} []`, `${indent}#${name}:`, `${indent}#  - ${first.slice(1)}`, ...rest];
  }
  const lines = [...described, `${start} ${value(off ? shownOff(name, node) : node.default)}`];
  if (hasPlainDefault(node)) {
    lines.push(`${indent}#${name}:`, ...inner([...(node.keys ?? [])], `${indent}  `, true));
  }
  return lines;
}

function inner(keys: readonly (readonly [string, KeyNode])[], indent: string, isOff: boolean): readonly string[] {
  return keys.flatMap(([name, node]) => keyLines(name, node, indent, isOff));
}

/** Whether a section may stand in one word as well, and does so by default. */
function hasPlainDefault(node: KeyNode): boolean {
  return node.keys !== undefined && typeof node.default === 'boolean';
}

function isSet(node: KeyNode): boolean {
  return node.default !== undefined || node.isRequired;
}

/** What stands behind a key that is commented out: something to begin from. */
function shownOff(name: string, node: KeyNode): unknown {
  const isEmpty = Array.isArray(node.default) && node.default.length === 0;
  if (node.default !== undefined && !isEmpty) return node.default;
  return node.example ?? (node.items === undefined ? plainExample(name, node) : [plainExample(name, node.items)]);
}

function plainExample(name: string, { isFile, kind }: KeyNode): unknown {
  if (isFile) return `/etc/tidewire/${name.replace(/Files?$/, '')}`;
  return kind === 'URL' ? 'https://app.example.com/' : 'change-me-change-me-change-me-change-me';
}

function written(name: string): string {
  return name === '' ? '""' : name;
}

/** In one line. */
function value(of: unknown): string {
  return stringify(of, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function comment(lines: readonly string[], indent: string): string {
  return lines.map((line) => `${indent}# ${line}`).join('\n');
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
