import type { Command } from 'commander';
import { defaults } from '../service/options.ts';
import type { Service } from '../service/service.ts';
import { addServiceFlags, runService, size } from './service-command.ts';
import { parseCount } from './values.ts';

const examples = `
Examples:
  $ tidewire serve
  $ tidewire serve --host 0.0.0.0 --port 8443 --cert cert.pem --key key.pem
  $ tidewire serve --origin https://example.com --max-message 1MiB`;

export function addServe(program: Command): void {
  const serve = program
    .command('serve')
    .summary('an echo service, a chat room and a race of transports, with pages to try them')
    .description(
      'Serves the echo at /echo and the chat room at /chat, each with a page at the same path, and a race at /race.',
    );
  addServiceFlags(serve, 'pages from there may join the chat and the race, too; may be repeated')
    .addOption(size('--max-image <size>', 'largest image in the chat', defaults.maxImage, '2MiB'))
    .option('--max-members <number>', 'people in the chat', parseCount, defaults.maxMembers)
    .option('--rate <number>', 'messages per second of one member of the chat, on average', parseCount, defaults.rate)
    .addHelpText('after', examples)
    .action((flags) => runService(flags, undefined, announce));
}

function announce({ urls }: Service): string {
  const lines = Object.entries(urls.endpoints).map(([name, url]) => `  ${name.padEnd(6)} ${url}`);
  return ['Tidewire is ready. Ctrl-C stops it.', `  pages  ${urls.pages ?? ''}`, ...lines, ''].join('\n');
}
