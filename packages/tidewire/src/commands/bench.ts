import type { Command } from 'commander';
import type { BenchFlags } from '../bench/entries.ts';
import { addManual, type Manual } from './manual.ts';
import { collect, collectHeader } from './values.ts';

const manual: Manual = {
  details: `
What is done stands in a scenario, a file in YAML with one phase or several, or in flags, which say the same for one phase.
Messages go out by a fixed schedule, whatever the server does, and latency counts from when a message was to be sent: a server that
stalls cannot hide it. Each message has a sequence number, by which loss, duplicates and order are checked.

With flags and without --do it is an echo. The others are request (answers are found by an id), pubsub (fan-out from publishers to
subscribers), idle (connections only) and storm (connections drop at once and come back).

It uses worker threads, one less than there are cores, and says so if they, and not the server, were the limit.

A time is such as 500ms, 30s or 2m; a share such as 10%. Ctrl-C ends the run early, with a report of what there was until then; a
second Ctrl-C exits at once, without one.`,
  examples: [
    {
      says: '1000 connections, opened within 10 seconds, that each send 5 messages in a second, for half a minute',
      command: 'tidewire bench ws://127.0.0.1:8080/echo --connections 1000 --ramp 10s --rate 5 --duration 30s',
    },
    {
      says: 'fan-out of the hub: 2 publishers, 98 subscribers',
      command:
        'tidewire bench ws://127.0.0.1:8080/connection/websocket --protocol centrifugo --do pubsub --connections 100 --publishers 2 --channel try:news',
    },
    { says: 'a scenario to begin from', command: 'tidewire bench example > load.yaml' },
    {
      says: 'in CI: exit code 1 if it is too slow, or if anything is lost',
      command: "tidewire bench load.yaml --fail-if 'p99>50ms' --fail-if 'lost>0' --json load.json --html load.html",
    },
    {
      says: 'what is not there is one line',
      command: 'tidewire bench ws://127.0.0.1:1/',
      shows: 'tidewire: Could not connect to ws://127.0.0.1:1/: nobody listens there',
    },
    {
      says: 'and so is a mistake',
      command: 'tidewire bench ws://127.0.0.1:8080/echo --conections 10',
      shows: "tidewire: unknown option '--conections' (Did you mean --connections?)",
    },
  ],
  exits: [
    [1, 'a threshold (--fail-if) was crossed, or there was nothing to measure it by'],
    [2, 'a mistake in the command line or the scenario; or the server is not there. Nothing is written then'],
    [130, 'Ctrl-C or SIGTERM: the run was ended early'],
  ],
};

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .summary('load tests of any WebSocket server')
    .description(
      'Makes load on a WebSocket server, measures how it takes it, and checks that nothing is lost, doubled or out of order.',
    )
    .argument('[scenario]', 'a file in YAML, or a URL and flags')
    .option('--do <activity>', 'echo, request, pubsub, idle or storm (default: echo)')
    .option('-c, --connections <number>', 'how many (default: 1)')
    .option('--ramp <time>', 'how long opening them takes (default: 0s)')
    .option('--duration <time>', 'how long it goes on, once all are there (default: 10s)')
    .option('-r, --rate <number>', 'messages in a second, of each connection that sends (default: 1)')
    .option('--spacing <kind>', 'of messages: fixed, uniform or exponential (default: fixed)')
    .option('-m, --message <template>', "what is sent; needs a {{stamp}} (default: '{{stamp}} {{random:32}}')")
    .option('--binary', 'plain: send binary messages')
    .option('--grace <time>', 'how long to wait at the end for what is missing (default: 5s)')
    .option('--answer <path>', 'request: where in the JSON of an answer the id is (default: id)')
    .option('--publishers <number>', 'pubsub: how many of the connections publish (default: 1)')
    .option('--channels <number>', 'pubsub: how many channels (default: 1)')
    .option('--subscriptions <number>', 'pubsub: how many channels a subscriber has (default: 1)')
    .option('--channel <template>', 'pubsub: the name of a channel (default: bench-{{channel}})')
    .option('--subscribe <template>', 'pubsub: what subscribes, with plain and socket.io')
    .option('--slow <share>', 'echo and pubsub: this share of the receivers reads slowly')
    .option('--slow-rate <number>', 'messages that each of these reads in a second (default: 0)')
    .option('--share <share>', 'storm: how many drop (default: 100%)')
    .option('--waves <number>', 'storm: how often (default: 1)')
    .option('--within <time>', 'storm: over which time they come back (default: 0s)')
    .option('-p, --protocol <name>', 'plain, socket.io, pusher, stomp or centrifugo (default: plain)')
    .option('--url <url>', 'the server, in place of that of the scenario; may be repeated', collect)
    .option('-H, --header <header>', "header of the handshake, 'name: value'; may be repeated", collectHeader)
    .option('-s, --subprotocol <name>', 'subprotocol to ask for; may be repeated, best first', collect)
    .option('-o, --origin <origin>', 'the Origin header')
    .option('--token <token>', 'what says who each connection is with')
    .option('--user <name>', 'stomp: the login')
    .option('--namespace <name>', 'socket.io: the namespace; stomp: the host (default: /)')
    .option('--event <name>', 'socket.io and pusher: the event; centrifugo: the method of RPCs')
    .option('--ca <file>', 'trust this certificate authority, in PEM, in place of the usual ones')
    .option('--insecure', 'do not verify the certificate of the server')
    .option('--deflate', 'offer compression')
    .option('--timeout <time>', 'for a connection to be ready (default: 30s)')
    .option('--workers <number>', 'threads that make the load (default: one less than there are cores)')
    .option('--seed <number>', 'what all chance is made from (default: another one each time)')
    .option('--fail-if <condition>', "exit code 1 if this holds, such as 'p99>50ms'; may be repeated", collect)
    .option('--json <file>', 'write all that was found out as JSON; - for stdout')
    .option('--html <file>', 'write a report with plots, as one page')
    .option('-q, --quiet', 'do not show the progress')
    .action(async (what: string | undefined, flags: BenchFlags) => {
      // Whoever asks for something else loads nothing of this.
      const { bench: run } = await import('../bench/bench.ts');
      process.exitCode = await run(what, flags);
    });
  addManual(bench, manual);
  addSubcommand(bench, 'example', 'a scenario to begin from', 'Writes a scenario in YAML, with comments.', {
    command: 'tidewire bench example > load.yaml',
    write: async () => (await import('@tidewire/load')).exampleScenario,
  });
  addSubcommand(bench, 'schema', 'a JSON Schema of scenarios, for editors', 'Writes a JSON Schema of scenarios.', {
    command: 'tidewire bench schema > load.schema.json',
    write: async () => `${JSON.stringify((await import('@tidewire/load')).jsonSchema(), undefined, 2)}\n`,
  });
  addSubcommand(
    bench,
    'reference',
    'all keys of a scenario, in Markdown',
    'Writes all keys, placeholders and metrics.',
    {
      command: 'tidewire bench reference | less',
      write: async () => (await import('@tidewire/load')).scenarioReference(),
    },
  );
}

interface Written {
  readonly command: string;
  write(): Promise<string>;
}

function addSubcommand(
  bench: Command,
  name: string,
  says: string,
  description: string,
  { command, write }: Written,
): void {
  const added = bench
    .command(name)
    .summary(says)
    .description(description)
    .action(async () => {
      process.stdout.write(await write());
    });
  addManual(added, { examples: [{ says, command }] });
}
