import type { Command } from 'commander';
import type { Entry } from '../config/layers.ts';
import type { Config } from '../config/schema.ts';
import { UsageError } from '../problem.ts';
import type { Service } from '../service/service.ts';
import type { LateCommands } from './late.ts';
import type { FlagValues } from './service-flags.ts';

const examples = `
Examples:
  $ tidewire serve
  $ tidewire serve --config tidewire.yaml
  $ tidewire serve --data /var/lib/tidewire
  $ tidewire serve --host 0.0.0.0 --port 8443 --cert cert.pem --key key.pem

To try it, in another terminal:
  $ tidewire connect ws://127.0.0.1:8080/connection/lines
  {"subscribe":"try:news"}
  {"publish":"try:news","data":"hello"}

The exit code is 2 for a mistake in the configuration, and 1 if the engine cannot be reached at the start.

All that can be configured: tidewire config example`;

export function addServe(program: Command, late: LateCommands): void {
  const serve = program
    .command('serve')
    .summary('the service: a hub of channels, and pages to try it with')
    .description(
      'Serves the hub at /connection/websocket, and to try WebSockets with an echo at /echo, a chat at /chat and a race at ' +
        '/race, each with a page at the same path.',
    )
    .option('-c, --config <file>', 'YAML or JSON; flags and TIDEWIRE_… variables beat it (default: TIDEWIRE_CONFIG)');
  late.add(serve, async () => {
    const { addFlags, serveFlags } = await import('./service-flags.ts');
    addFlags(serve, serveFlags);
  });
  serve.addHelpText('after', examples).action(async (values: FlagValues & { readonly config?: string }) => {
    const [{ runService }, { entriesOf, serveFlags }] = await Promise.all([
      import('./service-command.ts'),
      import('./service-flags.ts'),
    ]);
    const flags = withEngine(entriesOf(values, serveFlags));
    return runService({ file: values.config, environment: process.env, flags }, undefined, announce);
  });
}

/** Who names a directory for the history wants it there. */
function withEngine(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(({ name }) => name === '--data')) return entries;
  const engine = entries.find(({ name }) => name === '--engine');
  if (engine?.value === 'disk') return entries;
  if (engine !== undefined) throw new UsageError(`--data is for --engine disk: ${engine.value} keeps nothing there`);
  return [...entries, { path: ['engine', 'type'], name: '--data', value: 'disk' }];
}

function announce({ urls }: Service, { namespaces }: Config): string {
  const lines = Object.entries(urls.endpoints).map(([name, url]) => `  ${name.padEnd(6)} ${url}`);
  const pages = urls.pages === undefined ? [] : [`  pages  ${urls.pages}`];
  const isOpen = urls.pages !== undefined && namespaces.try === undefined;
  const open = isOpen ? ['  try    channels such as try:news are open to all: {"subscribe":"try:news"} to lines'] : [];
  return ['Tidewire is ready. Ctrl-C stops it.', ...pages, ...lines, ...open, ''].join('\n');
}
