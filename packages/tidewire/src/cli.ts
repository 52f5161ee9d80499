#!/usr/bin/env node
import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import { oneLine, UsageError } from './problem.ts';

/** What a mistake at the command line ends with. */
const USAGE = 2;

/** What ends with something that may be there the next time. */
const TEMPORARY = 1;

const { program } = createProgram();
// What a command inherits, it has had from its beginning: these two are for all of them.
for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
  command.configureOutput({ outputError: (text) => complain(text.replace(/^error: /, '')) }).exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else if (error instanceof UsageError) {
    for (const line of error.lines) complain(line);
    process.exitCode = error.isTemporary ? TEMPORARY : USAGE;
  } else {
    throw error;
  }
}
await Promise.all([process.stdout, process.stderr].map(written));
// What may be left, such as connections of clients that never say anything, is nobody's concern any more.
process.exit();

/** Pipes take what is written to them when their reader does. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

/** Commander repeats arguments that it does not know: a URL with a password may be among them. */
function complain(text: string): void {
  const shown = text.replace(/:\/\/[^\s/?#']*@/g, '://');
  process.stderr.write(`tidewire: ${oneLine(shown)}\n`);
}
