#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addConfig } from './commands/config.ts';
import { addConnect } from './commands/connect.ts';
import { addEcho } from './commands/echo.ts';
import { LateCommands } from './commands/late.ts';
import { addServe } from './commands/serve.ts';
import { oneLine, UsageError } from './problem.ts';

/** What a mistake at the command line ends with. */
const USAGE = 2;

/** What ends with something that may be there the next time. */
const TEMPORARY = 1;

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const program = new Command('tidewire')
  .description('WebSocket from the command line: a service to try clients with, and a client to try services with.')
  .version(version, '-V, --version', 'show the version')
  .helpOption('-h, --help', 'show this')
  .addHelpText('after', '\nExamples:\n  $ tidewire serve\n  $ tidewire connect ws://127.0.0.1:8080/echo')
  .configureOutput({ outputError: (text) => complain(text.replace(/^error: /, '')) })
  .exitOverride();
const late = new LateCommands(program);
for (const add of [addServe, addEcho, addConnect, addConfig]) add(program, late);
late.addHelp(program);

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
