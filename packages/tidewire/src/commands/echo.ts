import type { Command } from 'commander';
import type { Service } from '../service/service.ts';
import type { LateCommands } from './late.ts';
import { addManual, type Manual } from './manual.ts';
import type { FlagValues } from './service-flags.ts';

const manual: Manual = {
  examples: [
    {
      says: 'on another port than the service',
      command: 'tidewire echo --port 8081',
      shows: 'Tidewire echoes at ws://127.0.0.1:8081/. Ctrl-C stops it.',
    },
    { says: 'compressed, and with little to read', command: 'tidewire echo --port 0 --deflate --log-level warn' },
  ],
  exits: [[130, 'a second Ctrl-C']],
};

export function addEcho(program: Command, late: LateCommands): void {
  const echo = program
    .command('echo')
    .summary('the echo server alone')
    .description('Sends every message back, on every path, and has no pages but /health.');
  late.add(echo, async () => {
    const { addFlags, echoFlags } = await import('./service-flags.ts');
    addFlags(echo, echoFlags);
  });
  addManual(echo, manual).action(async (values: FlagValues) => {
    const [{ runService }, { echoFlags, entriesOf }] = await Promise.all([
      import('./service-command.ts'),
      import('./service-flags.ts'),
    ]);
    return runService({ flags: entriesOf(values, echoFlags) }, 'echo', announce);
  });
}

function announce({ urls }: Service): string {
  return `Tidewire echoes at ${urls.endpoints.echo ?? ''}. Ctrl-C stops it.\n`;
}
