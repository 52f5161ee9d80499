import type { Command } from 'commander';
import type { Entry } from '../config/layers.ts';
import type { Config } from '../config/schema.ts';
import { UsageError } from '../problem.ts';
import type { Service } from '../service/service.ts';
import type { LateCommands } from './late.ts';
import { addManual, type Manual } from './manual.ts';
import type { FlagValues } from './service-flags.ts';

const manual: Manual = {
  details: `
Where the service listens is said on stdout. What happens is logged to stderr: for people if that is a terminal, else a JSON object
in each line. Messages, names and queries are never logged.

Ctrl-C ends it: new connections are refused, and every client gets close code 1001, or 3001 if it is one of the hub, upon which it
comes back. A second Ctrl-C exits at once. SIGTERM sends the clients away one after the other, in ten seconds at most
(drain.window), and SIGHUP reads the configuration again.

What is said by a flag beats the environment (TIDEWIRE_LISTEN_PORT and so on), and that beats the file. All that can be
configured: tidewire config example. Whether a file is right: tidewire config check.`,
  examples: [
    {
      says: 'a service, and pages to try it with',
      command: 'tidewire serve',
      shows: `Tidewire is ready. Ctrl-C stops it.
  pages  http://127.0.0.1:8080/
  hub    ws://127.0.0.1:8080/connection/websocket
  lines  ws://127.0.0.1:8080/connection/lines
  echo   ws://127.0.0.1:8080/echo
  try    channels such as try:news are open to all: {"subscribe":"try:news"} to lines`,
    },
    {
      says: 'subscribe and publish, in another terminal',
      command: `printf '%s\\n' '{"subscribe":"try:news"}' '{"publish":"try:news","data":"hello"}' | tidewire connect ws://127.0.0.1:8080/connection/lines --count 4`,
      shows: `{"connected":"…"}
{"subscribed":"try:news","epoch":"…","offset":0}
{"published":"try:news"}
{"publication":"try:news","data":"hello","offset":1,"client":"…"}`,
    },
    { says: 'as a file says', command: 'tidewire serve --config tidewire.yaml' },
    { says: 'with a history that outlives a restart', command: 'tidewire serve --data /var/lib/tidewire' },
    {
      says: 'for others than this machine',
      command: 'tidewire serve --host 0.0.0.0 --port 8443 --cert cert.pem --key key.pem',
      shows: `Tidewire is ready. Ctrl-C stops it.
  pages  https://localhost:8443/
…`,
    },
  ],
  exits: [
    [1, 'the engine cannot be reached at the start, or its directory cannot be used'],
    [130, 'a second Ctrl-C'],
  ],
};

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
  addManual(serve, manual).action(async (values: FlagValues & { readonly config?: string }) => {
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

function announce({ urls }: Service, { namespaces, playground }: Config): string {
  const lines = Object.entries(urls.endpoints).map(([name, url]) => `  ${name.padEnd(6)} ${url}`);
  const pages = urls.pages === undefined ? [] : [`  pages  ${urls.pages}`];
  const isOpen = playground && namespaces.try === undefined;
  const open = isOpen ? ['  try    channels such as try:news are open to all: {"subscribe":"try:news"} to lines'] : [];
  return ['Tidewire is ready. Ctrl-C stops it.', ...pages, ...lines, ...open, ''].join('\n');
}
