import { type Command, Option } from 'commander';
import type { Logger } from 'pino';
import { codeOf, describeSystemError, UsageError } from '../problem.ts';
import { createLog, type LogLevel, logLevels } from '../service/log.ts';
import { defaults, type ServiceOptions } from '../service/options.ts';
import { type Service, startService } from '../service/service.ts';
import { loadTls } from '../service/tls.ts';
import { untilStopped } from './signals.ts';
import { collectOrigin, parseCount, parseHost, parsePort, parseSize, parseTimeOrNone } from './values.ts';

// What `serve` and `echo` have in common.

/** The flags as commander gives them. */
interface Flags {
  readonly host: string;
  readonly port: number;
  readonly cert?: string;
  readonly key?: string;
  readonly origin?: readonly string[];
  readonly deflate?: boolean;
  readonly heartbeat: number | false;
  readonly idleTimeout: number | false;
  readonly maxMessage: number;
  readonly maxConnections: number;
  readonly maxImage?: number;
  readonly maxMembers?: number;
  readonly rate?: number;
  readonly logLevel: LogLevel;
}

/** How long the peers have for the closing handshake when the service stops, in milliseconds. */
const STOP_TIMEOUT = 1000;

/** Over which clients are sent away on SIGTERM, if there are many, in milliseconds. */
const DRAIN_WINDOW = 10_000;

/** Adds the flags of a service. @param whose what --origin opens to pages from elsewhere */
export function addServiceFlags(command: Command, origin: string): Command {
  return command
    .option('--host <address>', 'address to listen on; 0.0.0.0 or :: for all', parseHost, defaults.host)
    .addOption(new Option('-p, --port <port>', '0 for a free one').argParser(parsePort).default(defaults.port))
    .option('--cert <file>', 'TLS certificate with its chain, in PEM; needs --key')
    .option('--key <file>', 'its key, in PEM')
    .option('--origin <origin>', origin, collectOrigin)
    .option('--deflate', 'compress messages where the client offers it')
    .addOption(time('--heartbeat <time>', 'ping a client that has been silent for so long, or none', 30_000, '30s'))
    .addOption(time('--idle-timeout <time>', 'close a client that stays silent for so long, or none', 120_000, '2m'))
    .addOption(size('--max-message <size>', 'largest message of the echo', defaults.maxMessage, '16MiB'))
    .option('--max-connections <number>', 'connections of each endpoint', parseCount, defaults.maxConnections)
    .addOption(new Option('--log-level <level>', 'what to log to stderr').choices(logLevels).default('info'));
}

export function size(flags: string, description: string, byDefault: number, shown: string): Option {
  return new Option(flags, description).argParser(parseSize).default(byDefault, shown);
}

function time(flags: string, description: string, byDefault: number, shown: string): Option {
  return new Option(flags, description).argParser(parseTimeOrNone).default(byDefault, shown);
}

/** Runs a service until a signal ends the process. */
export async function runService(flags: Flags, only: 'echo' | undefined, announce: (service: Service) => string) {
  const log = createLog(flags.logLevel);
  const service = await start({ ...optionsOf(flags), only, log }, flags);
  process.stdout.write(announce(service));
  log.info({ port: service.port }, 'listening');
  await untilStopped(log, {
    drain: () => service.drain(DRAIN_WINDOW, STOP_TIMEOUT),
    stop: () => service.stop(STOP_TIMEOUT),
  });
}

function optionsOf(flags: Flags): ServiceOptions {
  const { cert, key, origin, heartbeat, idleTimeout } = flags;
  if (heartbeat !== false && idleTimeout !== false && idleTimeout <= heartbeat) {
    throw new UsageError('--idle-timeout must be longer than --heartbeat, or one of them none');
  }
  return {
    ...flags,
    tls: loadTls(cert, key),
    origins: origin,
    heartbeat: heartbeat === false ? false : { interval: heartbeat },
  };
}

async function start(options: ServiceOptions & { readonly log: Logger }, { host, port }: Flags): Promise<Service> {
  try {
    return await startService(options);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new UsageError(`Port ${port} of ${host} is in use: choose another with --port, or 0 for a free one`);
    }
    if (codeOf(error) === 'EACCES') {
      throw new UsageError(`Port ${port} of ${host} is not allowed to this user: choose another with --port`);
    }
    if (codeOf(error) !== undefined) {
      throw new UsageError(
        `Nothing can listen on ${host}, port ${port}: ${describeSystemError(error)} (--host, --port)`,
      );
    }
    throw error;
  }
}
