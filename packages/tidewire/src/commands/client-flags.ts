import { type Command, Option } from 'commander';
import { collect, collectHeader, parseSize, parseTime } from './values.ts';

// What every command that connects to a server can be told about how.

/** The flags as commander gives them. */
export interface ClientFlags {
  readonly header?: readonly (readonly [string, string])[];
  readonly subprotocol?: readonly string[];
  readonly origin?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly deflate?: boolean;
  readonly timeout: number;
  readonly maxMessage: number;
}

const MiB = 1024 * 1024;

export function addClientFlags(command: Command): Command {
  return command
    .option('-H, --header <header>', "header of the handshake, 'name: value'; may be repeated", collectHeader)
    .option('-s, --subprotocol <name>', 'subprotocol to ask for; may be repeated, best first', collect)
    .option('-o, --origin <origin>', 'the Origin header')
    .option('--ca <file>', 'trust this certificate authority, in PEM, in place of the usual ones')
    .option('--insecure', 'do not verify the certificate of the server')
    .option('--deflate', 'offer compression')
    .addOption(new Option('--timeout <time>', 'for the connection to open').argParser(parseTime).default(30_000, '30s'))
    .addOption(
      new Option('--max-message <size>', 'largest message to take').argParser(parseSize).default(16 * MiB, '16MiB'),
    );
}
