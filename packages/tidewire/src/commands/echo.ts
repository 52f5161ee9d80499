import type { Command } from 'commander';
import type { Service } from '../service/service.ts';
import type { LateCommands } from './late.ts';
import type { FlagValues } from './service-flags.ts';

const examples = `
Examples:
  $ tidewire echo
  $ tidewire echo --port 0 --deflate --log-level warn`;

export function addEcho(program: Command, late: LateCommands): void {
  const echo = program
    .command('echo')
    .summary('the echo server alone')
    .description('Sends every message back, on every path, and has no pages but /health.');
  late.add(echo, async () => {
    const { addFlags, echoFlags } = await import('./service-flags.ts');
    addFlags(echo, echoFlags);
  });
  echo.addHelpText('after', examples).action(async (values: FlagValues) => {
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
