import { type Command, InvalidArgumentError, Option } from 'commander';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { addManual, type Manual } from './manual.ts';
import { parseCount, parseTime } from './values.ts';

/** The flags as commander gives them. */
export interface ReplayFlags extends ClientFlags {
  /** `Infinity` for as fast as it goes. */
  readonly speed: number;
  readonly connection?: readonly number[];
  readonly keepPath?: boolean;
  readonly compare?: boolean;
  readonly ignore?: readonly RegExp[];
  readonly wait: number;
  readonly record?: string;
  readonly showSecrets?: boolean;
}

const manual: Manual = {
  details: `
The recording is a file of JSON lines or a HAR: what tidewire inspect and its page have written, or what the developer tools of
Chrome export; - is the standard input. There is one connection for each that was recorded. It is opened, is spoken over and is
closed at the times of the recording, which are counted from one beginning: what is late makes nothing else late. Only what went to
the server is sent, as it went on: what was dropped on its way is not, and what was edited is sent as it was then. Pings and pongs
are the client's own.

What comes back is counted, and with --compare looked at. Before a connection is closed as it was, what had come by then is waited
for; when nothing has come for a second (--wait), it is not waited for any more. Where the server had closed, it is expected to. A
refusal that was recorded is expected, too.

The subprotocols are those that were asked for when it was recorded, unless --subprotocol names others. No other header is sent
again: those that the server wants are given with --header. Secrets that were masked in the recording are gone; messages that
had some are sent with the masks, and that is said.

With --speed max, nothing but the order counts.`,
  examples: [
    {
      says: 'what was recorded, against the server of today',
      command: 'tidewire replay session.jsonl ws://127.0.0.1:8080/echo',
    },
    {
      says: 'ten times faster, with all that comes back compared, but for times and ids',
      command: `tidewire replay session.har ws://127.0.0.1:3000/ --speed 10 --compare --ignore '"(time|id)":[^,}]*'`,
    },
    {
      says: 'one of its connections, as somebody else',
      command: "tidewire replay session.jsonl wss://example.com/feed --connection 3 -H 'Authorization: Bearer 1234'",
    },
    {
      says: 'what is no recording is one line',
      command: 'echo hello | tidewire replay - ws://127.0.0.1:8080/echo',
      shows:
        'tidewire: The input cannot be sent again: This is no recording: it must be a HAR, or lines of JSON, of which the first has "format":"tidewire-recording"',
    },
  ],
  exits: [
    [1, 'something was not as recorded: a connection failed, or something else, or not as much, came back'],
    [130, 'Ctrl-C or SIGTERM; all connections are closed first'],
  ],
};

export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .summary('send a recording again, and see whether the same comes back')
    .description('Sends what was recorded on WebSockets again, with its timing, and compares what comes back.')
    .argument('<file>', 'a recording: JSON lines or a HAR; - for the standard input')
    .argument('<url>', 'ws://… or wss://…, whatever was recorded')
    .addOption(
      new Option('--speed <factor>', 'so many times as fast as it was, or max').argParser(parseSpeed).default(1, '1'),
    )
    .option('--connection <number>', 'only this one of the recording; may be repeated', collectCount)
    .option('--keep-path', 'with the path and query of each connection of the recording')
    .option('--compare', 'compare the content of what comes back, in order')
    .option('--ignore <pattern>', 'a regular expression: what it finds may differ; may be repeated', collectPattern)
    .addOption(
      new Option('--wait <time>', 'nothing more is waited for after so long a silence')
        .argParser(parseTime)
        .default(1000, '1s'),
    )
    .option('--record <file>', 'write what happens now to this file, which must not be there yet, as JSON lines')
    .option('--show-secrets', 'with --record: mask nothing');
  addClientFlags(replay).action(async (file: string, url: string, flags: ReplayFlags) => {
    const { replay: run } = await import('../replay/replaying.ts');
    process.exitCode = await run(file, url, flags);
  });
  addManual(replay, manual);
}

function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && speed >= 0.001 && speed <= 1e6) return speed;
  throw new InvalidArgumentError('A speed is a number such as 0.5, 1 or 10, or it is max.');
}

function collectCount(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), parseCount(text)];
}

function collectPattern(text: string, before: readonly RegExp[] | undefined): readonly RegExp[] {
  try {
    return [...(before ?? []), new RegExp(text, 'gs')];
  } catch {
    throw new InvalidArgumentError('It must be a regular expression, as in JavaScript.');
  }
}
