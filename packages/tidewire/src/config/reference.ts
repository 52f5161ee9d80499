import { stringify } from 'yaml';
import { type KeyNode, outline } from './outline.ts';

// The tables of docs/configuration.md, made from the schema.

/**
 * Markdown: a heading for each key of the outermost level, with all that is below it.
 * @param of default: the configuration of the service
 */
export function reference(of: KeyNode = outline): string {
  const keys = [...(of.keys ?? [])];
  const [sections, single] = [keys.filter(isSection), keys.filter((entry) => !isSection(entry))];
  const parts = sections.map(([name, node]) =>
    [`### ${name}`, '', about(node), '', ...table(rows(name, node))].join('\n'),
  );
  const others = ['### Other keys', '', ...table(single.flatMap(([name, node]) => [row(name, node)]))].join('\n');
  return `${[...parts, others].join('\n\n')}\n`;
}

function isSection([, node]: readonly [string, KeyNode]): boolean {
  return node.keys !== undefined || node.values !== undefined || node.items?.keys !== undefined;
}

function about({ description, canReload }: KeyNode): string {
  return `${escaped(description)}${canReload ? ' SIGHUP changes it.' : ''}`.trim();
}

function rows(path: string, node: KeyNode): readonly string[] {
  const below = (name: string, child: KeyNode): readonly string[] => [row(name, child), ...rows(name, child)];
  const named = node.values === undefined ? [] : rows(`${path}.NAME`, node.values);
  const items = node.items?.keys === undefined ? [] : rows(`${path}[]`, node.items);
  return [...[...(node.keys ?? [])].flatMap(([name, child]) => below(`${path}.${name}`, child)), ...named, ...items];
}

function row(name: string, node: KeyNode): string {
  const flag = node.flag === undefined ? '' : ` \`${node.flag}\``;
  return `| \`${name}\` | ${node.kind} | ${defaultOf(node)} | ${escaped(node.description)}${flag} |`;
}

function defaultOf(node: KeyNode): string {
  if (node.isRequired) return 'required';
  const isNothing = node.default === undefined || (typeof node.default === 'object' && node.keys !== undefined);
  return isNothing ? '' : `\`${stringify(node.default, { collectionStyle: 'flow', lineWidth: 0 }).trim()}\``;
}

function table(lines: readonly string[]): readonly string[] {
  return ['| key | value | default | |', '| --- | --- | --- | --- |', ...lines];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
