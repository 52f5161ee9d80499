import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, collectHeader, parseCount, parseSize, parseTime } from './values.ts';

/** The flags as commander gives them. */
export interface ConnectFlags {
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
    .action(async (url: string, flags: ConnectFlags) => {
      // Whoever asks for something else loads nothing of this.
      const { connect } = await import('./connecting.ts');
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
