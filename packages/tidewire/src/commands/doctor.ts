import { type Command, Option } from 'commander';
import { UsageError } from '../problem.ts';
import { addManual, type Manual } from './manual.ts';
import { collect, collectHeader, parseCount, parseSize, parseTimeOrNone } from './values.ts';

/** The flags as commander gives them. */
export interface DoctorFlags {
  readonly connections: number;
  readonly machine?: boolean;
  readonly idle: number | false;
  readonly echo?: boolean;
  readonly maxMessage: number;
  readonly header?: readonly (readonly [string, string])[];
  readonly subprotocol?: readonly string[];
  readonly ca?: string;
  readonly json?: boolean;
}

const MiB = 1024 * 1024;

const manual: Manual = {
  details: `
Without a URL it looks at this machine: open files, the queues of connections that come, the table of the firewall, ports, memory of
TCP, keepalive, cores; each against the number of connections that the server is to have. It reads settings of Linux, and changes none.

With a URL it looks at the way there as a client does: whether anybody answers, TLS and the certificate, whether proxies pass the
upgrade on, compression, the closing handshake, which pages may connect (Origin), HTTP/2 (RFC 8441), whether something holds answers
back that go on, and after how much silence a connection is cut. The last is found by being silent for as long as --idle says,
beside a connection that pings. The server is sent no messages, unless --echo says that it sends them back: then it is tried how
large one may be, and whether compressed ones survive.

Each finding has a mark: ✓ nothing stands in the way, · worth knowing, ! will stand in the way of some, ✗ does stand in the way,
? could not be found out. Below it stands why it matters, and what mends it.`,
  examples: [
    { says: 'is this machine fit for 100,000 connections', command: 'tidewire doctor --connections 100000' },
    { says: 'what is between here and there', command: 'tidewire doctor wss://example.com/connection/websocket' },
    {
      says: 'all of it, at a server that echoes',
      command: 'tidewire doctor ws://127.0.0.1:8080/echo --echo --idle 5s',
    },
    { says: 'for a program', command: 'tidewire doctor --json' },
  ],
  exits: [[1, 'something stands in the way (✗)']],
};

/** Flags that say nothing about a machine. */
const ofWays: ReadonlySet<string> = new Set(['idle', 'echo', 'maxMessage', 'header', 'subprotocol', 'ca']);

export function addDoctor(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('what limits a server on this machine, and what stands in front of it')
    .description(
      'Finds what limits a WebSocket server, on this machine or on the way to a URL, and says what mends it.',
    )
    .argument('[url]', 'ws://… or wss://…')
    .addOption(
      new Option('-n, --connections <number>', 'that the server is to have').argParser(parseCount).default(10_000),
    )
    .option('--machine', 'look at this machine, too, with a URL')
    .addOption(
      new Option('--idle <time>', 'be silent for so long at most, or none')
        .argParser(parseTimeOrNone)
        .default(75_000, '75s'),
    )
    .option('--echo', 'the server sends messages back: try large and compressed ones')
    .addOption(
      new Option('--max-message <size>', 'with --echo: the largest to try')
        .argParser(parseSize)
        .default(16 * MiB, '16MiB'),
    )
    .option('-H, --header <header>', "header of the handshake, 'name: value'; may be repeated", collectHeader)
    .option('-s, --subprotocol <name>', 'subprotocol to ask for; may be repeated, best first', collect)
    .option('--ca <file>', 'trust this certificate authority, in PEM, in place of the usual ones')
    .option('--json', 'write what was found as JSON')
    .action(async (url: string | undefined, flags: DoctorFlags, command: Command) => {
      if (url === undefined) assertOfMachine(command);
      const { doctor: run } = await import('../doctor/doctor.ts');
      process.exitCode = await run(url, flags);
    });
  addManual(doctor, manual);
}

/** @throws UsageError for a flag that would be without effect, as nobody said where to look */
function assertOfMachine(command: Command): void {
  const isGiven = (name: string) => ofWays.has(name) && command.getOptionValueSource(name) === 'cli';
  const flag = command.options.find((option) => isGiven(option.attributeName()));
  if (flag !== undefined) throw new UsageError(`${flag.long} is about the way to a server: its URL is missing`);
}
