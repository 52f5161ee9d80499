import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addBench } from './bench.ts';
import { addCompletion } from './completion.ts';
import { addConfig } from './config.ts';
import { addConnect } from './connect.ts';
import { addDoctor } from './doctor.ts';
import { addEcho } from './echo.ts';
import { addGateway } from './gateway.ts';
import { addInspect } from './inspect.ts';
import { LateCommands } from './late.ts';
import { addManual } from './manual.ts';
import { addManualCommand } from './manual-command.ts';
import { addReplay } from './replay.ts';
import { addServe } from './serve.ts';

// All commands, in the order in which help and the manual show them. What runs them, what completes them and what documents them
// ask here.

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string };

export interface Program {
  readonly program: Command;
  /** Commands whose flags come when they are asked for. */
  readonly late: LateCommands;
}

const commands = [
  addServe,
  addEcho,
  addConnect,
  addInspect,
  addReplay,
  addBench,
  addGateway,
  addConfig,
  addDoctor,
  addCompletion,
  addManualCommand,
];

export function createProgram(): Program {
  const program = new Command('tidewire')
    .description(
      'WebSocket from the command line: a service with channels, tools to look at what goes over connections, to load servers and to bridge to others, and a client.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this')
    // Beside long flags there is less room than what commander thinks worth breaking lines for.
    .configureHelp({ minWidthToWrap: 20 });
  addManual(program, {
    examples: [
      { says: 'a service to try clients with, and pages to try it with', command: 'tidewire serve' },
      { says: 'talk to it', command: 'tidewire connect ws://127.0.0.1:8080/echo' },
      { says: 'see what goes over its connections', command: 'tidewire inspect ws://127.0.0.1:8080' },
      { says: 'load it', command: 'tidewire bench ws://127.0.0.1:8080/echo --connections 100 --rate 10' },
      { says: 'what would limit it on this machine', command: 'tidewire doctor' },
    ],
  });
  const late = new LateCommands(program);
  for (const add of commands) add(program, late);
  late.addHelp(program);
  return { program, late };
}
