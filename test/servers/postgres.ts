import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { endProcess, untilSaid } from './programs.ts';

// A PostgreSQL of a test's own, which lets its user `tidewire` in without a password. It refuses to run as root, so there it
// runs as somebody else.

function idOf(user: string, flag: '-u' | '-g'): number | undefined {
  try {
    return Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}

function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = [idOf(user, '-u'), idOf(user, '-g')];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('There is no user that PostgreSQL could run as');
}

export class PostgresServer {
  readonly port: number;
  readonly user = 'tidewire';
  readonly #path: string;
  readonly #as = otherUser();
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidewire-postgres-'));
  #process: ChildProcess | undefined;

  /** @param path of the program `postgres`; `initdb` is beside it */
  static async start(path: string): Promise<PostgresServer> {
    const server = new PostgresServer(path, await freePort());
    try {
      server.#prepare();
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(path: string, port: number) {
    this.#path = path;
    this.port = port;
    if (this.#as !== undefined) chownSync(this.#directory, this.#as.uid, this.#as.gid);
  }

  #prepare(): void {
    const words = ['-D', join(this.#directory, 'data'), '-U', this.user, '--auth=trust', '--no-sync', '-E', 'UTF8'];
    execFileSync(join(dirname(this.#path), 'initdb'), [...words, '--locale=C'], {
      ...this.#as,
      cwd: this.#directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${this.#directory}`, 'fsync=off'];
    const words = ['-D', join(this.#directory, 'data'), '-p', String(this.port)];
    const child = spawn(this.#path, [...words, ...settings.flatMap((setting) => ['-c', setting])], {
      ...this.#as,
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    await untilSaid(child, /database system is ready to accept connections/);
  }

  /** Resolves when the process is gone. SIGINT is its fast shutdown: it disconnects everybody. */
  async kill(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await endProcess(child, signal);
  }

  /** Ends it and removes what it has on disk. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
