import type { Command } from 'commander';
import type { Entry } from '../config/layers.ts';
import type { Service } from '../service/service.ts';
import { addFlags, commonFlags, entriesOf, type FlagValues, hubFlags, playgroundFlags } from './service-flags.ts';

const examples = `
Examples:
  $ tidewire serve
  $ tidewire serve --config tidewire.yaml
  $ tidewire serve --data /var/lib/tidewire
  $ tidewire serve --host 0.0.0.0 --port 8443 --cert cert.pem --key key.pem

All that can be configured: tidewire config example`;

const flags = [...commonFlags, ...hubFlags, ...playgroundFlags];

export function addServe(program: Command): void {
  const serve = program
    .command('serve')
    .summary('the service: a hub of channels, and pages to try it with')
    .description(
      'Serves the hub at /connection/websocket, and to try WebSockets with an echo at /echo, a chat at /chat and a race at ' +
        '/race, each with a page at the same path.',
    )
    .option('-c, --config <file>', 'YAML or JSON; flags and TIDEWIRE_… variables beat it (default: TIDEWIRE_CONFIG)');
  addFlags(serve, flags)
    .addHelpText('after', examples)
    .action(async (values: FlagValues & { readonly config?: string }) => {
      const sources = { file: values.config, environment: process.env, flags: withEngine(entriesOf(values, flags)) };
      // Who only wants to connect loads nothing of the service.
      const { runService } = await import('./service-command.ts');
      return runService(sources, undefined, announce);
    });
}

/** Who names a directory for the history wants it there. */
function withEngine(entries: readonly Entry[]): readonly Entry[] {
  const names = entries.map(({ name }) => name);
  if (!names.includes('--data') || names.includes('--engine')) return entries;
  return [...entries, { path: ['engine', 'type'], name: '--data', value: 'disk' }];
}

function announce({ urls }: Service): string {
  const lines = Object.entries(urls.endpoints).map(([name, url]) => `  ${name.padEnd(6)} ${url}`);
  const pages = urls.pages === undefined ? [] : [`  pages  ${urls.pages}`];
  return ['Tidewire is ready. Ctrl-C stops it.', ...pages, ...lines, ''].join('\n');
}
