import type { Command } from 'commander';
import type { LateCommands } from './late.ts';
import { addManual } from './manual.ts';

export function addManualCommand(program: Command, late: LateCommands): void {
  const manual = program
    .command('manual')
    .summary('the manual of all commands, in Markdown')
    .description(
      'Writes what there is to say of each command: what it does, its flags with their defaults, and examples.',
    )
    .action(async () => {
      const { reference } = await import('./reference.ts');
      process.stdout.write(await reference(program, late));
    });
  addManual(manual, { examples: [{ says: 'read it', command: 'tidewire manual | less' }] });
}
