import { EngineError } from '@tidewire/hub';
import type { Logger } from 'pino';
import { compare } from '../config/changes.ts';
import { ConfigError, loadConfig, type Sources } from '../config/load.ts';
import { resolveConfig, type Settings } from '../config/resolve.ts';
import type { Config } from '../config/schema.ts';
import { codeOf, describeSystemError, NotThereError, UsageError } from '../problem.ts';
import { createEngine, describeEngine, type EngineSettings } from '../service/engines.ts';
import { createLog } from '../service/log.ts';
import type { ServiceOptions } from '../service/options.ts';
import { type Service, startService } from '../service/service.ts';
import { untilStopped } from './signals.ts';

// What `serve` and `echo` have in common.

/** How long the peers have for the closing handshake when the service stops at once, in milliseconds. */
const STOP_TIMEOUT = 1000;

/** What is said on stdout once it listens. */
export type Announce = (service: Service, config: Config) => string;

/** Runs a service until a signal ends the process. */
export async function runService(sources: Sources, only: 'echo' | undefined, announce: Announce) {
  const loaded = loadConfig(sources);
  const settings = resolveConfig(loaded);
  const log = createLog(settings.level);
  const engine = only === undefined ? await createEngine(settings.engine) : undefined;
  const { service: options } = settings;
  const service = await start({ ...options, only, log, hub: { ...options.hub, engine } }, settings.engine);
  const reloading = new Reloading(sources, settings, service, log);
  const stopped = untilStopped(log, {
    drain: () => service.drain(reloading.current.config.drain.window, reloading.current.config.drain.timeout),
    stop: () => service.stop(STOP_TIMEOUT),
    // Without a file there is nothing new to read, and who closes the terminal means the process.
    reload: loaded.file === undefined ? undefined : () => reloading.reload(),
  });
  process.stdout.write(announce(service, settings.config));
  log.info({ port: service.port }, 'listening');
  await stopped;
}

/** Reads the configuration again while the service runs, and takes over what can change. */
class Reloading {
  current: Settings;
  readonly #started: Settings;
  readonly #sources: Sources;
  readonly #service: Service;
  readonly #log: Logger;

  constructor(sources: Sources, started: Settings, service: Service, log: Logger) {
    this.current = started;
    this.#started = started;
    this.#sources = sources;
    this.#service = service;
    this.#log = log;
  }

  reload(): void {
    try {
      this.#take(resolveConfig(loadConfig(this.#sources)));
    } catch (error) {
      const problems =
        error instanceof ConfigError ? error.lines : [error instanceof Error ? error.message : String(error)];
      this.#log.error({ problems }, 'the configuration is wrong: all stays as it was');
    }
  }

  #take(next: Settings): void {
    const { live, restart } = compare(this.#started, this.current, next);
    this.#service.reconfigure(next.service);
    this.current = next;
    const say = () => {
      this.#log.info({ changed: live }, live.length === 0 ? 'nothing has changed' : 'the configuration has changed');
    };
    // A log that is to say less from now on still says why.
    const isSaid = this.#log.isLevelEnabled('info');
    if (isSaid) say();
    this.#log.level = next.level;
    if (!isSaid) say();
    if (restart.length > 0)
      this.#log.warn({ keys: restart }, 'these keys take effect when the service is started again');
  }
}

async function start(options: ServiceOptions, engine: EngineSettings): Promise<Service> {
  const { host, port } = options;
  try {
    return await startService(options);
  } catch (error) {
    if (error instanceof EngineError) {
      throw new NotThereError(`The engine (${describeEngine(engine)}) does not start: ${error.message}`);
    }
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
