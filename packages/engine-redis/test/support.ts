import { inject, onTestFinished } from 'vitest';
import { Gate } from '../../../test/servers/gate.ts';
import { RedisServer, type RedisServerOptions } from '../../../test/servers/redis.ts';
import { TestNode } from '../../hub/test/engine-contract/harness.ts';
import { RedisEngine, type RedisEngineOptions } from '../src/index.ts';

// Servers, gates and nodes that end with their test.

export const path = inject('redis-server');

export async function startServer(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(path, options);
  onTestFinished(() => server.close());
  return server;
}

export async function openGate(server: RedisServer): Promise<Gate> {
  const gate = await Gate.open(server.port);
  onTestFinished(() => gate.close());
  return gate;
}

/** With a lease and a timeout of 1500 ms, so that faults are noticed soon. */
export async function startNode(port: number, options: RedisEngineOptions = {}): Promise<TestNode> {
  const engine = new RedisEngine({ url: `redis://127.0.0.1:${port}`, lease: 1500, timeout: 1500, ...options });
  const node = new TestNode(engine);
  onTestFinished(() => engine.stop());
  await engine.start(node.id, node);
  return node;
}

/** A replica that has everything that its master has. */
export async function startReplica(master: RedisServer): Promise<RedisServer> {
  const replica = await startServer({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  await synchronised(master);
  return replica;
}

/** Resolves when a replica has got everything. */
export async function synchronised(master: RedisServer): Promise<void> {
  for (;;) {
    const state = await master.info('replication', 'slave0');
    const offset = await master.info('replication', 'master_repl_offset');
    if (state.includes('state=online') && state.includes(`offset=${offset},`)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
