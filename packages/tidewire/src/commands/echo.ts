import type { Command } from 'commander';
import type { Service } from '../service/service.ts';
import { addFlags, commonFlags, entriesOf, type FlagValues } from './service-flags.ts';

const examples = `
Examples:
  $ tidewire echo
  $ tidewire echo --port 0 --deflate --log-level warn`;

const flags = commonFlags.map((flag) =>
  flag.path[0] === 'origins'
    ? { ...flag, description: 'only pages from there may connect, in place of all; may be repeated' }
    : flag,
);

export function addEcho(program: Command): void {
  const echo = program
    .command('echo')
    .summary('the echo server alone')
    .description('Sends every message back, on every path, and has no pages but /health.');
  addFlags(echo, flags)
    .addHelpText('after', examples)
    .action(async (values: FlagValues) => {
      const { runService } = await import('./service-command.ts');
      return runService({ flags: entriesOf(values, flags) }, 'echo', announce);
    });
}

function announce({ urls }: Service): string {
  return `Tidewire echoes at ${urls.endpoints.echo ?? ''}. Ctrl-C stops it.\n`;
}
