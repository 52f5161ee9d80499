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
   * Paragraphs, in lines of at most 120 characters, without markup: a terminal shows them as they are. Lines that begin with two
   * blanks are shown as they are in the documentation, too.
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
  return command.addHelpText('after', helpOf(manual));
}

export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command);
}

function helpOf({ details, examples, exits = [] }: Manual): string {
  const typed = examples.flatMap(({ says, command }) => [`  # ${says}`, `  $ ${command}`]).join('\n');
  const codes = exits.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n');
  const parts = [details?.trim(), exits.length === 0 ? undefined : `Exit codes:\n${codes}`, `Examples:\n${typed}`];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => `\n${part}`)
    .join('\n');
}
