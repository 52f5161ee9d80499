import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseCommand } from '../connect/commands.ts';
import { Conversation, type ConversationOptions, type Ending } from '../connect/conversation.ts';
import { withoutCredentials } from '../connect/format.ts';
import { PipeSession } from '../connect/pipe-session.ts';
import { PipeView } from '../connect/pipe-view.ts';
import { TerminalView } from '../connect/terminal-view.ts';
import type { View } from '../connect/view.ts';
import { describeSystemError, UsageError } from '../problem.ts';
import { readAuthorities } from '../service/tls.ts';
import { INTERRUPTED } from './signals.ts';
import { collect, collectHeader, parseCount, parseSize, parseTime } from './values.ts';

/** The flags as commander gives them. */
interface Flags {
  readonly header?: readonly (readonly [string, string])[];
  readonly subprotocol?: readonly string[];
  readonly origin?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly deflate?: boolean;
  readonly timeout: number;
  readonly maxMessage: number;
  readonly ping?: number;
  readonly timestamps?: boolean;
  readonly hex?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly commands?: boolean;
  readonly count?: number;
  readonly wait?: number;
}

const MiB = 1024 * 1024;

/** How long no message has to have come, after the end of the input, in milliseconds. */
const WAIT = 1000;

const details = `
In a terminal, a line that you type is sent as a text message, and /help lists the commands.

With input from a pipe or a file, each line is sent as a text message; with output to one, each message is a line of
stdout, binary ones in hexadecimal, and all else goes to stderr. At the end of the input the connection is closed once
no message has come for a second (--wait), or when --count messages have come.

The exit code is 0 after a closing handshake, 1 if the connection failed or --count was not reached, 2 for a mistake in
the command line.

Examples:
  $ tidewire connect ws://127.0.0.1:8080/echo
  $ tidewire connect wss://example.com/feed -H 'Authorization: Bearer 1234' --subprotocol v2 --timestamps
  $ echo hello | tidewire connect ws://127.0.0.1:8080/echo --count 1`;

export function addConnect(program: Command): void {
  program
    .command('connect')
    .summary('talk to a WebSocket server from the terminal or a script')
    .description('Opens a WebSocket, sends what is typed or piped in, and shows what comes back.')
    .argument('<url>', 'ws://… or wss://…')
    .option('-H, --header <header>', "header of the handshake, 'name: value'; may be repeated", collectHeader)
    .option('-s, --subprotocol <name>', 'subprotocol to ask for; may be repeated, best first', collect)
    .option('-o, --origin <origin>', 'the Origin header')
    .option('--ca <file>', 'trust this certificate authority, in PEM, in place of the usual ones')
    .option('--insecure', 'do not verify the certificate of the server')
    .option('--deflate', 'offer compression')
    .addOption(new Option('--timeout <time>', 'for the connection to open').argParser(parseTime).default(30_000, '30s'))
    .addOption(
      new Option('--max-message <size>', 'largest message to take').argParser(parseSize).default(16 * MiB, '16MiB'),
    )
    .option('--ping <time>', 'send a ping so often, and show how long the pong takes', parseTime)
    .option('-t, --timestamps', 'show the time of each message')
    .option('--hex', 'show text messages as a hex dump, too')
    .option('-v, --verbose', "show the headers of the server's answer")
    .option('-q, --quiet', 'with a pipe: nothing on stderr but problems')
    .option('--commands', 'with a pipe: lines that begin with / are commands')
    .option('--count <number>', 'with a pipe: close after so many messages', parseCount)
    .option('--wait <time>', 'with a pipe: close when it was silent for so long, or forever (default: 1s)', parseWait)
    .addHelpText('after', details)
    .action(async (url: string, flags: Flags) => {
      process.exitCode = await connect(url, flags);
    });
}

function parseWait(text: string): number {
  if (text === 'forever') return Number.POSITIVE_INFINITY;
  try {
    return parseTime(text);
  } catch {
    throw new InvalidArgumentError('A time is such as 500ms, 30s, 2m or 1h; or it is forever.');
  }
}

function connect(url: string, flags: Flags): Promise<number> {
  assertUrl(url);
  const options: ConversationOptions = {
    url,
    subprotocols: flags.subprotocol ?? [],
    headers: flags.header,
    origin: flags.origin,
    tls: {
      ...(flags.ca === undefined ? {} : { ca: readAuthorities('--ca', flags.ca) }),
      rejectUnauthorized: flags.insecure !== true,
    },
    deflate: flags.deflate,
    handshakeTimeout: flags.timeout,
    limits: { maxMessageSize: flags.maxMessage },
    // The list is there to keep web pages away from other services. A person who types a port means it.
    allowBlockedPorts: true,
    pingEvery: flags.ping,
    showsHandshake: flags.verbose === true,
  };
  return process.stdin.isTTY && process.stdout.isTTY ? talk(options, flags) : pipe(options, flags);
}

/** With a person at the keyboard. */
async function talk(options: ConversationOptions, { timestamps = false, hex = false }: Flags): Promise<number> {
  const view = new TerminalView(process.stdin, process.stdout, { timestamps, hex });
  const conversation = start(options, view);
  const interrupt = interrupter(conversation);
  let queue = conversation.settled;
  view.listen({
    line: (line) => {
      // An empty line is a slip of the finger more often than a message.
      if (line !== '') queue = queue.then(() => conversation.execute(parseCommand(line)));
    },
    interrupt,
    end: () => conversation.close(),
  });
  const ending = await conversation.ended;
  view.stop();
  if (!ending.opened) return notOpened(options, ending, interrupt.wasCalled());
  return ending.wasClean ? 0 : 1;
}

/** With a script. */
async function pipe(options: ConversationOptions, flags: Flags): Promise<number> {
  const { timestamps = false, hex = false, quiet = false, count, commands = false } = flags;
  const wait = flags.wait ?? (count === undefined ? WAIT : Number.POSITIVE_INFINITY);
  const session = new PipeSession({ wait, count, commands });
  const isTerminal = process.stdout.isTTY === true;
  const view = new PipeView(
    process.stdout,
    process.stderr,
    { timestamps, hex, quiet, isTerminal },
    {
      takes: () => session.take(),
      overflows: () => conversation.drop(),
    },
  );
  const conversation = start(options, view);
  const interrupt = interrupter(conversation);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // Nobody reads what comes any more, as behind `| head -1`.
  process.stdout.on('error', () => conversation.close());
  await conversation.settled;
  if (conversation.isOpen) await session.run(conversation, process.stdin);
  const ending = await conversation.ended;
  if (!ending.opened) return notOpened(options, ending, interrupt.wasCalled());
  if (interrupt.wasCalled()) return INTERRUPTED;
  const { received, sentAll } = session;
  if (count !== undefined && received < count) {
    view.problem(`Only ${received} of ${count} messages came`);
    return 1;
  }
  if (!sentAll && !conversation.closesItself && ending.wasClean) {
    view.problem('The server closed before all of the input was sent');
    return 1;
  }
  return ending.wasClean ? 0 : 1;
}

function notOpened({ url }: ConversationOptions, { failure }: Ending, wasInterrupted: boolean): number {
  if (wasInterrupted) return INTERRUPTED;
  process.stderr.write(`tidewire: Could not connect to ${withoutCredentials(url)}: ${failure}\n`);
  return 1;
}

function start(options: ConversationOptions, view: View): Conversation {
  try {
    return new Conversation(options, view);
  } catch (error) {
    throw new UsageError(describeSystemError(error), { cause: error });
  }
}

/** The first Ctrl-C closes the connection, the second does not wait for that. */
function interrupter(conversation: Conversation): { (): void; wasCalled(): boolean } {
  let wasCalled = false;
  const interrupt = () => {
    if (wasCalled) process.exit(INTERRUPTED);
    wasCalled = true;
    conversation.close();
  };
  return Object.assign(interrupt, { wasCalled: () => wasCalled });
}

function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:wss?|https?):$/.test(url.protocol) || !/^[a-z]+:\/\//i.test(text)) {
    throw new UsageError(
      `${withoutCredentials(text)} is not the URL of a WebSocket: it must begin with ws:// or wss://`,
    );
  }
  if (text.includes('#'))
    throw new UsageError(`${withoutCredentials(text)} has a fragment (#), which the URL of a WebSocket must not have`);
}
