import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';

// NATS servers of the tests' own, with JetStream and a store that goes with them: one alone, or three as a cluster. A server
// keeps its ports when it is started again, since its clients and the others of its cluster know it by them.

export interface NatsServerOptions {
  /** Of the program `nats-server`. */
  readonly path: string;
}

interface ServerPlace {
  readonly name: string;
  readonly port: number;
  readonly store: string;
  /** For a cluster: its own port, and those of all. */
  readonly route: { readonly port: number; readonly all: readonly number[] } | undefined;
}

export class NatsServer {
  readonly #path: string;
  readonly #place: ServerPlace;
  #process: ChildProcess | undefined;
  #said = '';

  constructor(path: string, place: ServerPlace) {
    this.#path = path;
    this.#place = place;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#place.port}`;
  }

  get port(): number {
    return this.#place.port;
  }

  get name(): string {
    return this.#place.name;
  }

  /** What the server has written, for a test that fails. */
  get said(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Resolves when it takes connections. @throws if it ends instead, with what it has said */
  async start(): Promise<void> {
    const { name, port, store, route } = this.#place;
    const config = join(store, 'nats.conf');
    writeFileSync(config, 'max_payload: 8MB\n');
    const words = ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-n', name, '-js', '-sd', store];
    if (route !== undefined) {
      const others = route.all.filter((other) => other !== route.port).map((other) => `nats://127.0.0.1:${other}`);
      words.push(
        '--cluster_name',
        'tests',
        '--cluster',
        `nats://127.0.0.1:${route.port}`,
        '--routes',
        others.join(','),
      );
    }
    const child = spawn(this.#path, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-20_000);
        if (text.includes('Server is ready')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => {
        if (this.#process === child) this.#process = undefined;
        reject(new Error(`nats-server has ended: ${this.#said}`));
      });
    });
  }

  /** `SIGKILL` is what a crash is like. `SIGSTOP` and `SIGCONT` make it hang, and are not awaited. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const isEnd = signal === 'SIGKILL' || signal === 'SIGTERM';
    const ended = isEnd ? once(child, 'exit') : undefined;
    child.kill(signal);
    await ended;
  }

  /** Its disk is empty when it starts again. */
  forgetStore(): void {
    rmSync(join(this.#place.store, 'jetstream'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.#place.store, { recursive: true, force: true });
  }
}

export async function startNatsServer({ path }: NatsServerOptions): Promise<NatsServer> {
  return retried(async () => {
    const [port] = await freePorts(1);
    const server = new NatsServer(path, { name: 'alone', port: port ?? 0, store: newStore(), route: undefined });
    await startedOrClosed([server]);
    return server;
  });
}

/** Three servers that replicate. Resolves when they have a leader, so that streams can be made. */
export async function startNatsCluster({ path }: NatsServerOptions): Promise<readonly NatsServer[]> {
  return retried(async () => {
    const ports = await freePorts(6);
    const all = ports.slice(3);
    const servers = all.map(
      (routePort, i) =>
        new NatsServer(path, {
          name: `server-${i + 1}`,
          port: ports[i] ?? 0,
          store: newStore(),
          route: { port: routePort, all },
        }),
    );
    await startedOrClosed(servers);
    return servers;
  });
}

/** Until the servers at `urls` answer questions about their streams. */
export async function whenJetStreamAnswers(urls: readonly string[]): Promise<void> {
  const connection = await connect({ servers: [...urls], timeout: 5000, waitOnFirstConnect: true });
  try {
    for (let attempt = 0; attempt < 150; attempt++) {
      try {
        const answer = await connection.request('$JS.API.STREAM.NAMES', '', { timeout: 1000 });
        if (!answer.string().includes('"error"')) return;
      } catch {
        // No leader yet: nobody listens, or nobody answers.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('JetStream does not answer');
  } finally {
    await connection.close();
  }
}

/** Until the leader of a cluster knows so many servers to keep replicas on. */
async function whenStreamsAreKept(urls: readonly string[], replicas: number): Promise<void> {
  const connection = await connect({ servers: [...urls], timeout: 5000 });
  const config = JSON.stringify({ name: 'tried', subjects: ['tried'], num_replicas: replicas, storage: 'memory' });
  try {
    for (let attempt = 0; attempt < 150; attempt++) {
      const made = await connection
        .request('$JS.API.STREAM.CREATE.tried', config, { timeout: 5000 })
        .catch(() => undefined);
      if (made !== undefined && !made.string().includes('"error"')) {
        await connection.request('$JS.API.STREAM.DELETE.tried', '', { timeout: 5000 });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('JetStream cannot keep replicas');
  } finally {
    await connection.close();
  }
}

async function startedOrClosed(servers: readonly NatsServer[]): Promise<void> {
  try {
    await Promise.all(servers.map((server) => server.start()));
    const urls = servers.map((server) => server.url);
    await whenJetStreamAnswers(urls);
    if (servers.length > 1) await whenStreamsAreKept(urls, servers.length);
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
}

/** Somebody else may take a port between its choice and its use. */
async function retried<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

function newStore(): string {
  return mkdtempSync(join(tmpdir(), 'tidewire-nats-'));
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
