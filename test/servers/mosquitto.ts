import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { endProcess, untilSaid } from './programs.ts';

// A Mosquitto of a test's own, which lets anybody in.

export interface MosquittoOptions {
  /** Its certificate and key, in PEM: it then speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export class MosquittoServer {
  readonly port: number;
  readonly #path: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidewire-mosquitto-'));
  #process: ChildProcess | undefined;

  /** @param path of the program */
  static async start(path: string, options: MosquittoOptions = {}): Promise<MosquittoServer> {
    const server = new MosquittoServer(path, await freePort(), options);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(path: string, port: number, { tls }: MosquittoOptions) {
    this.#path = path;
    this.port = port;
    const place = (name: string) => join(this.#directory, name);
    // As root it becomes another user, who has to get at its files.
    chmodSync(this.#directory, 0o755);
    const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest stderr', 'set_tcp_nodelay true'];
    if (tls !== undefined) {
      writeFileSync(place('cert.pem'), tls.cert);
      writeFileSync(place('key.pem'), tls.key, { mode: 0o644 });
      lines.push(`certfile ${place('cert.pem')}`, `keyfile ${place('key.pem')}`);
    }
    writeFileSync(place('mosquitto.conf'), `${lines.join('\n')}\n`);
  }

  /** Starts it again, on the same port. */
  async start(): Promise<void> {
    const child = spawn(this.#path, ['-c', join(this.#directory, 'mosquitto.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    await untilSaid(child, /mosquitto version \S+ running/);
  }

  /** Resolves when the process is gone; its connections are cut. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
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
