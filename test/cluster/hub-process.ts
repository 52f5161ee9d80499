import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// A node as an operator runs it: the built command line in a process of its own, with a configuration file, started again as
// a supervisor would, and what it logs.

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));

/** Between two tries to start, in milliseconds. */
const PAUSE = 300;

export interface LogLine {
  /** As pino counts: 40 is a warning, 50 an error. */
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
  readonly line: string;
}

export class HubProcess {
  readonly name: string;
  readonly port: number;
  readonly log: LogLine[] = [];
  /** How often it has ended without being asked to, while the engine was there. */
  readonly failures: string[] = [];
  readonly #directory: string;
  #process: ChildProcess | undefined;

  constructor(name: string, port: number, config: object) {
    if (!existsSync(cli)) throw new Error(`${cli} is missing: npm run build makes it`);
    this.name = name;
    this.port = port;
    this.#directory = mkdtempSync(join(tmpdir(), 'tidewire-node-'));
    writeFileSync(this.#file, JSON.stringify({ listen: { host: '127.0.0.1', port }, ...config }));
  }

  get #file(): string {
    return join(this.#directory, 'tidewire.json');
  }

  /** Resolves when it listens. One that ends before that is started again, for so long. */
  async start(patience = 30_000): Promise<void> {
    const until = Date.now() + patience;
    while (!(await this.#startOnce())) {
      if (Date.now() > until) throw new Error(`${this.name} does not start: ${this.log.at(-1)?.line}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  kill(): Promise<number | null> {
    return this.#end('SIGKILL');
  }

  /** Resolves with the exit code, when it has sent everybody away. */
  drain(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startOnce(): Promise<boolean> {
    // Variables of who runs the tests are not for these nodes.
    const environment = Object.entries(process.env).filter(([key]) => !key.startsWith('TIDEWIRE_'));
    const child = spawn(process.execPath, [cli, 'serve', '--config', this.#file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: Object.fromEntries(environment),
    });
    this.#process = child;
    const exited = once(child, 'exit');
    const listening = new Promise<'listening'>((resolve) => {
      createInterface(child.stderr).on('line', (line) => {
        const entry = parse(line);
        this.log.push(entry);
        if (entry.text === 'listening') resolve('listening');
      });
    });
    const isUp = (await Promise.race([listening, exited])) === 'listening';
    if (isUp) {
      child.once('exit', (code, signal) => {
        if (this.#process === child) this.failures.push(`has ended by itself: ${code ?? signal}`);
      });
    }
    return isUp;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code]: unknown[] = await exited;
    return typeof code === 'number' ? code : null;
  }
}

/** What is no JSON comes from Node itself, or from before there is a log: nothing good. */
function parse(line: string): LogLine {
  try {
    const { level, time, msg }: { level: number; time: string; msg: string } = JSON.parse(line);
    return { level, time: Date.parse(time), text: msg, line };
  } catch {
    return { level: 50, time: Date.now(), text: line, line };
  }
}
