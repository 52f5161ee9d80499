import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { endProcess, untilSaid } from './programs.ts';

// A RabbitMQ of a test's own, with STOMP and AMQP 1.0, everything of it in a directory of its own. It takes seconds to start.

/** What Debian's program is a wrapper of, which would change the user and leave the directory. */
const UNWRAPPED = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** On a machine that is busy with something else, in milliseconds. */
const PATIENCE = 100_000;

export interface RabbitPorts {
  /** Of AMQP, 0.9.1 and 1.0. */
  readonly amqp: number;
  readonly stomp: number;
}

export class RabbitServer {
  readonly ports: RabbitPorts;
  readonly #path: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidewire-rabbitmq-'));
  readonly #epmdPort: number;
  readonly #distributionPort: number;
  #epmd: ChildProcess | undefined;
  #process: ChildProcess | undefined;

  /** @param path of the program */
  static async start(path: string): Promise<RabbitServer> {
    const [amqp, stomp, epmd, distribution] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const server = new RabbitServer(path, { amqp, stomp }, epmd, distribution);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(path: string, ports: RabbitPorts, epmdPort: number, distributionPort: number) {
    this.#path = existsSync(UNWRAPPED) ? UNWRAPPED : path;
    this.ports = ports;
    this.#epmdPort = epmdPort;
    this.#distributionPort = distributionPort;
    const { amqp, stomp } = ports;
    const settings = [
      `listeners.tcp.1 = 127.0.0.1:${amqp}`,
      `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
      // It measures the machine, which others are on, too.
      'vm_memory_high_watermark.relative = 0.9',
      'disk_free_limit.absolute = 10MB',
      'log.console = true',
      'log.console.level = info',
      'log.file = false',
    ];
    writeFileSync(join(this.#directory, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
    writeFileSync(join(this.#directory, 'plugins'), '[rabbitmq_stomp,rabbitmq_amqp1_0].\n');
  }

  /** Starts it again, on the same ports and with what it has on disk. */
  async start(): Promise<void> {
    const directory = this.#directory;
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      HOME: directory,
      ERL_EPMD_PORT: String(this.#epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `tidewire-${this.ports.amqp}@localhost`,
      RABBITMQ_DIST_PORT: String(this.#distributionPort),
      RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
      RABBITMQ_LOG_BASE: join(directory, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      // Has the script become the program, so that a signal comes to it.
      detached: 'true',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput +S 2:2',
    };
    // Erlang would start one that outlives it.
    if (this.#epmd === undefined) {
      this.#epmd = spawn('epmd', ['-port', String(this.#epmdPort)], { env, stdio: 'ignore' });
      this.#epmd.on('error', () => {});
    }
    const child = spawn(this.#path, [], { env, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    await untilSaid(child, /Server startup complete|completed with \d+ plugins/, PATIENCE);
  }

  /** Resolves when the process is gone; its connections are cut. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await endProcess(child, signal, 30_000);
  }

  /** Ends it and removes what it has on disk. */
  async close(): Promise<void> {
    await this.kill();
    await endProcess(this.#epmd, 'SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
