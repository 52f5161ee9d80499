import { type Command, Option } from 'commander';
import type { LateCommands } from './late.ts';
import { addManual } from './manual.ts';
import { shells } from './shells.ts';

export function addCompletion(program: Command, late: LateCommands): void {
  const completion = program
    .command('completion')
    .summary('what has a shell complete commands and flags')
    .description('Writes a script by which a shell completes commands, flags, their values and files at the Tab key.')
    .addArgument(program.createArgument('<shell>', 'whose script').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => {
      process.stdout.write(shells[shell]);
    });
  addManual(completion, {
    examples: [
      { says: 'bash, in ~/.bashrc', command: 'source <(tidewire completion bash)' },
      { says: 'zsh, in ~/.zshrc behind compinit', command: 'source <(tidewire completion zsh)' },
      { says: 'fish', command: 'tidewire completion fish > ~/.config/fish/completions/tidewire.fish' },
    ],
  });
  // What the scripts ask: the words behind `tidewire`, of which the last is to be completed.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .addOption(new Option('--shell <shell>').hideHelp())
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const { complete } = await import('./complete.ts');
      const lines = (await complete(program, late, words)).map(({ value, says }) => `${value}\t${says}\n`);
      process.stdout.write(lines.join(''));
    });
}
