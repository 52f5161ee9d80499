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
  /** Paragraphs, in lines of at most 120 characters, without markup: a terminal shows them as they are. */
  readonly details?: string | undefined;
  readonly examples: readonly Example[];
}

const manuals = new WeakMap<Command, Manual>();

/** Says this behind the help of the command, and keeps it for the documentation. */
export function addManual(command: Command, manual: Manual): Command {
  manuals.set(command, manual);
  const examples = manual.examples.map(({ command: typed }) => `  $ ${typed}`).join('\n');
  return command.addHelpText(
    'after',
    [manual.details && `\n${manual.details}`, `\nExamples:\n${examples}`].filter(Boolean).join('\n'),
  );
}

export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command);
}
