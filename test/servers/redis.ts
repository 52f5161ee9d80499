import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { freePort } from './free-port.ts';

// Servers of Redis for tests, each with a port and a directory of its own.

export interface RedisServerOptions {
  /** As on the command line: `['--appendonly', 'yes']`. Without, nothing is kept on disk. */
  readonly args?: readonly string[];
  /** A configuration of Sentinel, which it is then. The program writes to it. */
  readonly file?: string;
  /** How often another port is tried, if somebody was faster. */
  readonly attempts?: number;
}

export class RedisServer {
  readonly port: number;
  readonly #path: string;
  readonly #args: readonly string[];
  readonly #directory: string;
  #process: ChildProcess | undefined;

  /** @param path of the program */
  static async start(path: string, { args = [], file, attempts = 5 }: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const server = new RedisServer(path, await freePort(), file === undefined ? args : [file, '--sentinel', ...args]);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.close();
        if (attempt >= attempts) throw error;
      }
    }
  }

  private constructor(path: string, port: number, args: readonly string[]) {
    this.#path = path;
    this.port = port;
    this.#args = args;
    this.#directory = mkdtempSync(join(tmpdir(), 'tidewire-redis-'));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again, on the same port and with what it has on disk. */
  async start(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#directory];
    const isSentinel = this.#args.includes('--sentinel');
    // A configuration file comes first, and Sentinel knows fewer options.
    const words = isSentinel
      ? [...this.#args, ...place]
      : [...place, '--save', '', '--enable-debug-command', 'yes', ...this.#args];
    const child = spawn(this.#path, words);
    this.#process = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server has ended with ${code}: ${output}`)));
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-5000);
        if (/ready to accept connections|sentinel id is/i.test(output)) resolve();
      });
    });
  }

  /** Resolves when the process is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** SIGSTOP and SIGCONT: connections stay, and nothing is answered. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  async command(...words: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand<unknown>(words);
    } finally {
      client.destroy();
    }
  }

  /** A line of INFO. */
  async info(section: string, name: string): Promise<string> {
    const text = String(await this.command('INFO', section));
    return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  }

  /** Ends it and removes what it has on disk. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
