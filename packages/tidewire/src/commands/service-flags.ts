import { type Command, Option } from 'commander';
import type { Entry } from '../config/layers.ts';
import { type KeyPath, nodeAt } from '../config/outline.ts';
import { logLevels } from '../service/log-levels.ts';
import { collectOrigin, parseCount, parseHost, parsePort, parseSize, parseTimeOrNone } from './values.ts';

// The flags of a service. Each says what a key of the configuration says, which also has its name and its default. A flag that is
// left out says nothing, so that it beats neither the environment nor the file.

interface ServiceFlag {
  readonly path: KeyPath;
  readonly short?: string;
  /** What stands behind it, in words. */
  readonly value?: string;
  /** @throws InvalidArgumentError */
  readonly parse?: (text: string, before: readonly string[] | undefined) => unknown;
  readonly choices?: readonly string[];
  /** Default: what the key is for. */
  readonly description?: string;
  /** Whether the default holds only beside something else. */
  readonly hidesDefault?: boolean;
}

/** Checks the text with `parse`, and leaves it as it is. */
const checked = (parse: (text: string) => unknown) => (text: string) => {
  parse(text);
  return text;
};

const size = { value: 'size', parse: checked(parseSize) };
const time = { value: 'time', parse: checked(parseTimeOrNone) };
const count = { value: 'number', parse: parseCount };
const file = { value: 'file' };

const commonFlags: readonly ServiceFlag[] = [
  { path: ['listen', 'host'], value: 'address', parse: parseHost },
  { path: ['listen', 'port'], short: '-p', value: 'port', parse: parsePort },
  { path: ['listen', 'tls', 'cert'], ...file, description: 'TLS certificate with its chain, in PEM; needs --key' },
  { path: ['listen', 'tls', 'key'], ...file },
  {
    path: ['origins'],
    value: 'origin',
    parse: collectOrigin,
    description: 'pages from there may connect, too; may be repeated',
  },
  { path: ['deflate'] },
  { path: ['heartbeat'], ...time, description: 'ping a client that has been silent for so long, or none' },
  { path: ['idleTimeout'], ...time, description: 'close a client that stays silent for so long, or none' },
  { path: ['echo', 'maxMessage'], ...size, description: 'largest message of the echo' },
  { path: ['maxConnections'], ...count, description: 'connections of each endpoint' },
  { path: ['log', 'level'], value: 'level', choices: logLevels },
];

const hubFlags: readonly ServiceFlag[] = [
  {
    path: ['engine', 'type'],
    value: 'type',
    choices: ['memory', 'disk', 'nats', 'redis'],
    description: 'what carries the hub; nats and redis are for many nodes',
  },
  {
    path: ['engine', 'disk', 'directory'],
    value: 'directory',
    description: 'keep the history there, so that it outlives a restart: --engine disk',
    hidesDefault: true,
  },
];

const playgroundFlags: readonly ServiceFlag[] = [
  { path: ['chat', 'maxImage'], ...size },
  { path: ['chat', 'maxRooms'], ...count },
  { path: ['chat', 'rate'], ...count },
];

export const serveFlags: readonly ServiceFlag[] = [...commonFlags, ...hubFlags, ...playgroundFlags];

export const echoFlags: readonly ServiceFlag[] = commonFlags.map((flag) =>
  flag.path[0] === 'origins'
    ? { ...flag, description: 'only pages from there may connect, in place of all; may be repeated' }
    : flag,
);

/** What commander gives: each flag under its name without dashes. */
export type FlagValues = Readonly<Record<string, unknown>>;

export function addFlags(command: Command, flags: readonly ServiceFlag[]): Command {
  for (const flag of flags) command.addOption(optionOf(flag));
  return command;
}

/** What the flags say, for the configuration. */
export function entriesOf(values: FlagValues, flags: readonly ServiceFlag[]): readonly Entry[] {
  return flags.flatMap((flag) => {
    const option = optionOf(flag);
    const value = values[option.attributeName()];
    return value === undefined ? [] : [{ path: flag.path, name: option.long ?? '', value }];
  });
}

function optionOf({ path, short, value, parse, choices, description, hidesDefault = false }: ServiceFlag): Option {
  const node = nodeAt(path);
  if (node?.flag === undefined) throw new Error(`There is no flag for ${path.join('.')}`);
  const names = [short, value === undefined ? node.flag : `${node.flag} <${value}>`].filter(
    (part) => part !== undefined,
  );
  const shown =
    /^(?:string|number)$/.test(typeof node.default) && !hidesDefault ? ` (default: ${String(node.default)})` : '';
  const option = new Option(names.join(', '), `${description ?? plain(node.description)}${shown}`);
  if (choices !== undefined) return option.choices(choices);
  return parse === undefined
    ? option
    : option.argParser<unknown>((text, before) => parse(text, isList(before) ? before : undefined));
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** A sentence of the reference as help has it. */
function plain(sentence: string): string {
  return sentence.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}
