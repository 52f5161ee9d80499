import type { Command } from 'commander';

// What there is to say of a command beside its flags: behind its --help, and in docs/cli.md, which is made of both.

export interface Example {
  /** What it is for, as a clause: `a server of yours, with its frames`. */
  readonly says: string;
  /** As it is typed, without `$`. */
  readonly command: string;
  /** What it shows, for the documentation; `…` for more lines, `"…"` for any text. A test runs those that have it. */
  readonly shows?: string | undefined;
}

export interface Manual {
  /**
   * Paragraphs without markup; a terminal breaks their lines where it must. Lines that begin with two blanks are shown as they are,
   * in the documentation, too.
   */
  readonly details?: string | undefined;
  readonly examples: readonly Example[];
  /** Exit codes beside 0, and 2 for a mistake in the command line. */
  readonly exits?: readonly (readonly [code: number, meaning: string])[] | undefined;
}

const manuals = new WeakMap<Command, Manual>();

/** Says this behind the help of the command, and keeps it for the documentation. */
export function addManual(command: Command, manual: Manual): Command {
  manuals.set(command, manual);
  return command.addHelpText('after', () => helpOf(manual, columnsOfHelp()));
}

export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command);
}

function helpOf({ details, examples, exits = [] }: Manual, width: number): string {
  const typed = examples.flatMap(({ says, command }) => [`  # ${says}`, `  $ ${command}`]).join('\n');
  const codes = exits
    .map(([code, meaning]) => `  ${String(code).padEnd(4)} ${wrap(meaning, width - 7).replaceAll('\n', '\n       ')}`)
    .join('\n');
  const parts = [
    details === undefined ? undefined : wrap(details.trim(), width),
    exits.length === 0 ? undefined : `Exit codes:\n${codes}`,
    `Examples:\n${typed}`,
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => `\n${part}`)
    .join('\n');
}

/** As wide as commander makes the flags above it, but not wider than one likes to read. */
function columnsOfHelp(): number {
  return process.stdout.isTTY ? Math.min(process.stdout.columns, 120) : 80;
}

/** Paragraphs in lines that fit; lines that begin with two blanks, and the ends of paragraphs, stay. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('  ')) {
      lines.push(line);
      isOpen = false;
      continue;
    }
    for (const word of line.split(' ')) {
      const last = lines.at(-1) ?? '';
      if (isOpen && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
      isOpen = true;
    }
  }
  return lines.join('\n');
}
