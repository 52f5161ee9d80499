import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pinned } from './server-process.ts';

// What carries a hub from node to node: the servers of Redis and NATS as Debian's packages have them, started for one
// measurement. They run on the core of the load, so that the node's CPU time is its own.

export type BackendName = 'disk' | 'redis' | 'nats' | 'nats-3';

/** The program that a backend needs, if it needs one. */
export function programOf(name: BackendName): string | undefined {
  if (name === 'disk') return undefined;
  return name === 'redis' ? 'redis-server' : 'nats-server';
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

export class Backend {
  /** Where the node finds it: URLs, or a directory. */
  readonly addresses: string[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
  readonly #children: ChildProcess[] = [];
  readonly #core: number | undefined;

  private constructor(core: number | undefined) {
    this.#core = core;
    process.once('exit', () => this.#end());
  }

  /** @param core where its processes run */
  static async start(name: BackendName, core: number | undefined): Promise<Backend> {
    const backend = new Backend(core);
    if (name === 'disk') backend.addresses.push(backend.#directory);
    else if (name === 'redis') await backend.#startRedis();
    else await backend.#startNats(name === 'nats' ? 1 : 3);
    return backend;
  }

  async stop(): Promise<void> {
    const exits = this.#children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined));
    this.#end();
    await Promise.all(exits);
  }

  async #startRedis(): Promise<void> {
    const [port] = await freePorts(1);
    const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#directory, '--save', ''];
    await this.#spawn('redis-server', words, /ready to accept connections/i);
    this.addresses.push(`redis://127.0.0.1:${port}`);
  }

  async #startNats(count: number): Promise<void> {
    const ports = await freePorts(2 * count);
    const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
    const starting = routes.map((route, i) => {
      const place = ['-a', '127.0.0.1', '-p', String(ports[i]), '-n', `bench-${i}`, '-js'];
      const store = ['-sd', join(this.#directory, String(i))];
      const others = routes.filter((other) => other !== route).join(',');
      const cluster = count === 1 ? [] : ['--cluster_name', 'bench', '--cluster', route, '--routes', others];
      this.addresses.push(`nats://127.0.0.1:${ports[i]}`);
      return this.#spawn('nats-server', [...place, ...store, ...cluster], /Server is ready/);
    });
    await Promise.all(starting);
    // Time to elect a leader of the cluster.
    if (count > 1) await wait(5000);
  }

  async #spawn(program: string, words: readonly string[], ready: RegExp): Promise<void> {
    const [command = '', ...rest] = [...pinned(this.#core), program, ...words];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-5000);
          if (ready.test(said)) resolve();
        });
      }
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`${program} has ended: ${said}`)));
    });
  }

  #end(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
