import type { Argument, Command, Option } from 'commander';
import type { LateCommands } from './late.ts';
import { type Example, manualOf } from './manual.ts';

// The manual in Markdown, of what the commands themselves say: docs/cli.md.

const opening = `# The command line

This page is what \`tidewire manual\` writes: all that \`tidewire --help\` and the \`--help\` of each command say, in one place. How the service is
used is in [service.md](service.md), and all that it can be told in [configuration.md](configuration.md).

In this repository the command is \`node packages/tidewire/dist/cli.js\` after \`npm run build\`; \`npm start\` runs \`tidewire serve\`.

A time is such as \`500ms\`, \`30s\`, \`2m\` or \`1h\`; a number alone is seconds. A size is such as \`65536\`, \`64KiB\` or \`16MiB\`.

Every command ends with 0 when all went well, and with 2 after a mistake in the command line, a file or an address: that is one line on
stderr for each, and nothing has been begun.
`;

/** The page, whole. */
export async function reference(program: Command, late: LateCommands): Promise<string> {
  const commands = visible(program);
  for (const command of commands) await late.complete(command);
  const list = commands.map(
    (command) => `| [\`tidewire ${command.name()}\`](#${anchorOf(pathOf(command))}) | ${command.summary()} |`,
  );
  const contents = ['| command | |', '|---|---|', ...list].join('\n');
  return `${[opening, contents, ...commands.flatMap((command) => sections(command, 2))].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

/** What a heading is called in a link, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}

function sections(command: Command, level: number): string[] {
  const manual = manualOf(command);
  const parts = [
    `${'#'.repeat(level)} ${pathOf(command)}`,
    codeIn(command.description()),
    fence('text', usageOf(command)),
    table(['argument', ''], command.registeredArguments.map(rowOfArgument)),
    table(['flag', 'default', ''], flagsOf(command).map(rowOfFlag)),
    manual?.details === undefined ? '' : textOf(manual.details),
    table(
      ['exit code', ''],
      (manual?.exits ?? []).map(([code, meaning]) => [String(code), codeIn(meaning)]),
    ),
    ...(manual?.examples ?? []).map(exampleOf),
  ];
  return [...parts.filter((part) => part !== ''), ...visible(command).flatMap((each) => sections(each, level + 1))];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function usageOf(command: Command): string {
  return `${pathOf(command)} ${command.usage()}`.trim();
}

function visible(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

/** All but --help, which every command has. */
function flagsOf(command: Command): readonly Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');
}

function rowOfArgument(argument: Argument): readonly string[] {
  const name = argument.variadic ? `${argument.name()}…` : argument.name();
  return [`\`${argument.required ? `<${name}>` : `[${name}]`}\``, codeIn(argument.description)];
}

function rowOfFlag(option: Option): readonly string[] {
  const { description, default: stated } = splitDefault(option);
  const choices =
    option.argChoices === undefined ? '' : `: ${option.argChoices.map((each) => `\`${each}\``).join(', ')}`;
  const names = option.flags.split(', ').map((each) => `\`${each}\``);
  return [names.join(', '), stated === '' ? '' : `\`${stated}\``, `${codeIn(description)}${choices}`];
}

/** A default is said by commander's own means, or at the end of the description. */
function splitDefault({ description, defaultValue, defaultValueDescription }: Option): {
  readonly description: string;
  readonly default: string;
} {
  const [, rest = description, stated = ''] = /^(.*?) ?\(default: ([^()]*)\)$/.exec(description) ?? [];
  if (stated !== '') return { description: rest, default: stated };
  if (defaultValueDescription !== undefined) return { description, default: defaultValueDescription };
  const isSaid = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return { description, default: isSaid ? String(defaultValue) : '' };
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function exampleOf({ says, command, shows }: Example): string {
  // The colon is no part of an address in front of it.
  const sentence = `${codeIn(`${says[0]?.toUpperCase() ?? ''}${says.slice(1)}`)}:`;
  const typed = command.replaceAll('\n', '\n> ');
  // What shows nothing is not run by the tests: it is about a machine that is not there.
  return shows === undefined
    ? `${sentence}\n\n${fence('sh', command)}`
    : `${sentence}\n\n${fence('console', `$ ${typed}\n${shows.replace(/\n$/, '')}`)}`;
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** Paragraphs, and blocks of lines that begin with two blanks as they are. */
function textOf(details: string): string {
  return details
    .trim()
    .split(/\n{2,}/)
    .map((part) => (/^ {2}/.test(part) ? fence('text', part.replace(/^ {2}/gm, '')) : withBlocks(part)))
    .join('\n\n');
}

/** A paragraph may have a block right behind its first lines. */
function withBlocks(paragraph: string): string {
  const lines = paragraph.split('\n');
  const at = lines.findIndex((line) => line.startsWith('  '));
  if (at === -1) return codeIn(paragraph);
  const block = lines.slice(at).map((line) => line.replace(/^ {2}/, ''));
  return `${codeIn(lines.slice(0, at).join('\n'))}\n\n${fence('text', block.join('\n'))}`;
}

/** Flags, variables and addresses as code; and nothing that Markdown or HTML would take for its own. */
function codeIn(text: string): string {
  return text.replace(
    /'[^'\n]* [^'\n]*'|--?[a-zA-Z][\w-]*(?:[ =][A-Z]{2,}\b)?|\b(?:wss?|https?|tcp|tls|xmpps?):\/\/[^\s,;)]*|\bTIDEWIRE_\w+|<[\w-]+>|\/[a-z][\w/…-]*|\b\w*\*\w*/g,
    (match, at: number) => (/[\w`]/.test(text[at - 1] ?? ' ') ? match : `\`${match}\``),
  );
}
