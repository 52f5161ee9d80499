import { type Command, InvalidArgumentError } from 'commander';
import { addManual, type Manual } from './manual.ts';
import { collectOrigin, type ListenAddress, parseListenAddress, parseSize } from './values.ts';

/** The flags as commander gives them. */
export interface InspectFlags {
  readonly listen?: ListenAddress;
  readonly console?: ListenAddress;
  readonly open?: boolean;
  readonly print?: boolean;
  readonly record?: string;
  readonly keep?: number;
  readonly showSecrets?: boolean;
  readonly origin?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
}

const manual: Manual = {
  details: `
Stands in front of a WebSocket server, which may be any. Clients connect to the URL that it prints in place of the server's, and all
goes through as it came: headers but for Host, masks, fragments, compression. Plain HTTP requests go through as well, so that a page
of the server, or a library that begins with polling, can be opened at the same place.

The console shows the connections, and of each the handshake, the messages and how it ended, and can hold, change, delay, drop and
put in messages. It opens in a browser where the output is a terminal. The URL that is printed has a key that is good until the end of
the process; the browser gets a link that is good once, because everybody on a machine sees with what a program was started.

What is kept in memory is bounded (--keep); what had to make room is counted. A file (--record) gets everything, as lines of JSON
that tidewire replay sends again; it must not be there yet.

Passwords, tokens and cookies are masked in the console, in files and in what is printed. A recording that is to be sent again to a
server that asks for them needs --show-secrets.

It listens on this machine alone unless told otherwise. Whoever reaches the proxy reaches the server through it, and nothing else.
An Origin that is the proxy's own becomes that of the server, as if the page had come from there; others stay as they are.`,
  examples: [
    { says: 'a server of yours, in the browser', command: 'tidewire inspect ws://localhost:3000' },
    { says: 'in the terminal alone', command: 'tidewire inspect ws://localhost:3000 --print --no-open' },
    {
      says: 'a file of all that went over a server with TLS, at a port that stays the same',
      command: 'tidewire inspect wss://example.com --listen 9000 --record today.jsonl',
    },
    {
      says: 'nobody is served by a proxy in front of nothing',
      command: 'tidewire inspect ws://127.0.0.1:1',
      shows: 'tidewire: ws://127.0.0.1:1 cannot be reached: nobody listens there',
    },
  ],
};

export function addInspect(program: Command): void {
  const inspect = program
    .command('inspect')
    .summary('see, record and change what goes over WebSockets')
    .description('Stands in front of a WebSocket server, and shows every message that goes through it.')
    .argument('<url>', 'of the server: ws://…, wss://…, http://… or https://…')
    .option(
      '-l, --listen <address>',
      'where clients connect: PORT, HOST:PORT, or :PORT on all addresses (default: 8400, or a free one)',
      parseListenAddress,
    )
    .option('--console <address>', 'where the console is, likewise (default: 8401, or a free one)', parseListenAddress)
    .option('--open', 'open the console in a browser (default: if the output is a terminal)')
    .option('--no-open', 'do not')
    .option('--print', 'show messages as lines, for who has no browser')
    .option('--record <file>', 'write everything to this file, which must not be there yet')
    .option('--keep <size>', 'memory for messages (default: 64MiB)', parseSize)
    .option('--show-secrets', 'do not mask passwords, tokens and cookies')
    .option('--origin <origin>', 'the Origin that the server is told, or keep: as it came', parseOriginOrKeep)
    .option('--cert <file>', 'TLS certificate for clients, with its chain, in PEM; needs --key')
    .option('--key <file>', 'its private key, in PEM')
    .option('--ca <file>', 'trust this certificate authority, in PEM, in place of the usual ones')
    .option('--insecure', 'do not verify the certificate of the server')
    .action(async (url: string, flags: InspectFlags) => {
      // Whoever asks for something else loads nothing of this.
      const { inspect: run } = await import('../inspect/inspecting.ts');
      await run(url, flags);
    });
  addManual(inspect, manual);
}

function parseOriginOrKeep(text: string): string {
  if (text === 'keep') return text;
  try {
    return collectOrigin(text, undefined).join();
  } catch {
    throw new InvalidArgumentError('This is an origin, such as https://example.com, or keep.');
  }
}
