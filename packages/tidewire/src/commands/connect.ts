import { type Command, InvalidArgumentError } from 'commander';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { addManual, type Manual } from './manual.ts';
import { parseCount, parseTime } from './values.ts';

/** The flags as commander gives them. */
export interface ConnectFlags extends ClientFlags {
  readonly ping?: number;
  readonly timestamps?: boolean;
  readonly hex?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly commands?: boolean;
  readonly count?: number;
  readonly wait?: number;
}

const manual: Manual = {
  details: `
In a terminal, a line that you type is sent as a text message. An empty line sends nothing. Lines that begin with a slash are
commands:
  /ping [text]           sends a ping, and shows how long the pong takes
  /binary <hex>          sends bytes: /binary 00 ff 7f
  /file <path>           sends a file as a binary message
  /close [code [reason]] closes the connection: 1000, or 3000 to 4999
  /help                  lists these
  //text                 sends /text

Ctrl-C and Ctrl-D close the connection with 1000; a second Ctrl-C does not wait for the server. The arrow keys bring earlier lines
back. Whatever a server sends is shown, not obeyed: control characters are spelled out. Of a long message only the beginning is
shown. Colours are left out if NO_COLOR is set.

With input from a pipe or a file, each line is sent as a text message; with output to one, each message is a line of stdout, binary
ones in hexadecimal, and all else goes to stderr. It ends when --count messages have come, whether or not the input has ended;
without that, when the input has ended and then no message has come for a second, or for --wait; or when the server closes. It
closes with 1000, after everything has been sent.

Proxies are taken from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. Redirects are not followed. User and password of the URL are
sent, and never shown.`,
  examples: [
    { says: 'a person', command: 'tidewire connect ws://127.0.0.1:8080/echo' },
    {
      says: 'a script',
      command: "printf 'one\\ntwo\\n' | tidewire connect ws://127.0.0.1:8080/echo --count 2",
      shows: 'one\ntwo',
    },
    {
      says: 'bytes, from a script',
      command: "echo '/binary 00ff' | tidewire connect ws://127.0.0.1:8080/echo --commands --count 1",
      shows: '00ff',
    },
    {
      says: 'who one is, and what one speaks',
      command: "tidewire connect wss://example.com/feed -H 'Authorization: Bearer 1234' --subprotocol v2 --timestamps",
    },
    {
      says: 'what does not open is one line',
      command: 'echo hello | tidewire connect ws://127.0.0.1:8080/nowhere',
      shows: 'tidewire: Could not connect to ws://127.0.0.1:8080/nowhere: the server refused with 404 Not Found',
    },
    {
      says: 'and so is a mistake',
      command: 'tidewire connect localhost:8080/echo',
      shows: 'tidewire: localhost:8080/echo is not the URL of a WebSocket: it must begin with ws:// or wss://',
    },
  ],
  exits: [
    [
      1,
      'it could not be opened, failed or was lost; --count was not reached; or the server closed before the end of the input',
    ],
    [130, 'Ctrl-C or SIGTERM, where input or output is no terminal'],
  ],
};

export function addConnect(program: Command): void {
  const connect = program
    .command('connect')
    .summary('talk to a WebSocket server from the terminal or a script')
    .description('Opens a WebSocket, sends what is typed or piped in, and shows what comes back.')
    .argument('<url>', 'ws://… or wss://…');
  addClientFlags(connect)
    .option('--ping <time>', 'send a ping so often, and show how long the pong takes', parseTime)
    .option('-t, --timestamps', 'show the time of each message')
    .option('--hex', 'show text messages as a hex dump, too')
    .option('-v, --verbose', "show the headers of the server's answer")
    .option('-q, --quiet', 'with a pipe: nothing on stderr but problems')
    .option('--commands', 'with a pipe: lines that begin with / are commands')
    .option('--count <number>', 'with a pipe: close after so many messages', parseCount)
    .option('--wait <time>', 'with a pipe: close when it was silent for so long, or forever (default: 1s)', parseWait)
    .action(async (url: string, flags: ConnectFlags) => {
      // Whoever asks for something else loads nothing of this.
      const { connect: run } = await import('./connecting.ts');
      process.exitCode = await run(url, flags);
    });
  addManual(connect, manual);
}

function parseWait(text: string): number {
  if (text === 'forever') return Number.POSITIVE_INFINITY;
  try {
    return parseTime(text);
  } catch {
    throw new InvalidArgumentError('A time is such as 500ms, 30s, 2m or 1h; or it is forever.');
  }
}
