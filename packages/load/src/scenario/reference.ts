import { placeholderDocs } from '../message/template.ts';
import { metrics } from '../threshold/metrics.ts';
import { jsonSchema } from './schema.ts';

// The tables of docs/load-testing.md, made of the schema.

type Json = Readonly<Record<string, unknown>>;

/** Markdown: all keys of a scenario, the placeholders, and the metrics of thresholds. */
export function scenarioReference(): string {
  const root = propertiesOf(jsonSchema());
  const target = objectOf(root.target);
  const phases = objectOf(objectOf(root.phases).items);
  const activities = Array.isArray(phases.oneOf) ? phases.oneOf.filter(isJson) : [];
  const whole = Object.entries(root).filter(([name]) => name !== 'target' && name !== 'phases');
  return `${[
    '### The whole',
    keyTable([
      ...whole.map((entry) => row('', entry)),
      row('', ['target', target]),
      row('', ['phases', objectOf(root.phases)]),
    ]),
    '### `target`',
    keyTable(rows('target.', target)),
    ...activities.flatMap((activity) => activitySection(activity, activities)),
    '### Placeholders of messages',
    [
      '| placeholder | what stands in its place |',
      '| --- | --- |',
      ...placeholderDocs.map(([name, text]) => `| \`{{${escaped(name)}}}\` | ${text} |`),
    ].join('\n'),
    '### Metrics of thresholds',
    [
      '| metric | limit | what it is |',
      '| --- | --- | --- |',
      ...Object.entries(metrics).map(([name, { unit, description }]) => `| \`${name}\` | ${unit} | ${description} |`),
    ].join('\n'),
    '',
  ]
    .join('\n\n')
    .trimEnd()}\n`;
}

/** Keys that all phases have stand with the first. */
function activitySection(activity: Json, all: readonly Json[]): readonly string[] {
  const properties = propertiesOf(activity);
  const does = String(objectOf(properties.do).const);
  const isFirst = all[0] === activity;
  const first = propertiesOf(all[0] ?? {});
  const own = Object.entries(properties).filter(
    ([name, value]) => name !== 'do' && (isFirst || JSON.stringify(first[name]) !== JSON.stringify(value)),
  );
  const shared = Object.keys(properties).filter((name) => name !== 'do' && !own.some(([each]) => each === name));
  const also = shared.length === 0 ? '' : ` Also, as with \`echo\`: ${shared.map((name) => `\`${name}\``).join(', ')}.`;
  const table = own.length === 0 ? [] : [keyTable(own.flatMap((entry) => [row('', entry), ...below(entry)]))];
  return [`### \`do: ${does}\``, `${String(activity.description ?? '')}${also}`, ...table];
}

function rows(prefix: string, section: Json): readonly string[] {
  return Object.entries(propertiesOf(section)).flatMap((entry) => [row(prefix, entry), ...below(entry, prefix)]);
}

/** The keys of a value that may have some. */
function below([name, value]: readonly [string, unknown], prefix = ''): readonly string[] {
  const { anyOf } = objectOf(value);
  const sections = [objectOf(value), ...(Array.isArray(anyOf) ? anyOf.filter(isJson) : [])];
  return sections.flatMap((section) => (isJson(section.properties) ? rows(`${prefix}${name}.`, section) : []));
}

function row(prefix: string, [name, value]: readonly [string, unknown]): string {
  const { 'x-kind': kind, default: standard, description = '', minItems } = objectOf(value);
  const isRequired = (prefix === 'target.' && name === 'url') || name === 'target' || minItems !== undefined;
  const shown = isRequired
    ? 'required'
    : standard === undefined
      ? ''
      : `\`${escaped(typeof standard === 'string' ? standard : JSON.stringify(standard))}\``;
  return `| \`${prefix}${name}\` | ${escaped(String(kind ?? 'keys'))} | ${shown} | ${escaped(String(description))} |`;
}

function keyTable(lines: readonly string[]): string {
  return ['| key | value | default | |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function propertiesOf(schema: Json): Json {
  return objectOf(schema.properties);
}

function objectOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
