import type { Command } from 'commander';
import { addManual } from './manual.ts';

// The flags of a service come from the schema of the configuration, which takes longer to load than all the rest of the command
// line. So a command that has them gets them when it is chosen.

/** Completes a command before it is parsed, or its help is shown. */
export type Completion = (command: Command) => Promise<void>;

export class LateCommands {
  readonly #completions = new Map<Command, Completion>();

  constructor(program: Command) {
    program.hook('preSubcommand', (_program, command) => this.complete(command));
    program.helpCommand(false);
  }

  add(command: Command, completion: Completion): void {
    this.#completions.set(command, completion);
  }

  /** Commander's own `help` knows nothing of completions. Also says in the list that such commands have options. */
  addHelp(program: Command): void {
    const help = program
      .command('help')
      .summary('show the help of a command')
      .argument('[command]')
      .action(async (name: string | undefined) => {
        const command = program.commands.find((each) => each.name() === name);
        if (command === undefined) program.help({ error: name !== undefined });
        await this.complete(command);
        command.help();
      });
    addManual(help, { examples: [{ says: 'of one command', command: 'tidewire help serve' }] });
    program.configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}`.trim() });
  }

  /** Gives the command its flags, if they are not there yet. */
  async complete(command: Command): Promise<void> {
    const completion = this.#completions.get(command);
    this.#completions.delete(command);
    await completion?.(command);
  }
}
