import type { Command } from 'commander';
import type { Service } from '../service/service.ts';
import { addServiceFlags, runService } from './service-command.ts';

const examples = `
Examples:
  $ tidewire echo
  $ tidewire echo --port 0 --deflate --log-level warn`;

export function addEcho(program: Command): void {
  const echo = program
    .command('echo')
    .summary('the echo server alone')
    .description('Sends every message back, on every path, and has no pages but /health.');
  addServiceFlags(echo, 'only pages from there may connect, in place of all; may be repeated')
    .addHelpText('after', examples)
    .action((flags) => runService(flags, 'echo', announce));
}

function announce({ urls }: Service): string {
  return `Tidewire echoes at ${urls.endpoints.echo ?? ''}. Ctrl-C stops it.\n`;
}
