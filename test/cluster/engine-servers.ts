import { type NatsServer, startNatsCluster } from '../servers/nats.ts';
import { RedisServer } from '../servers/redis.ts';

// The servers behind the engines of a run, and what goes wrong with them.

export interface EngineServers {
  /** The section `engine` of the configuration. @param lease milliseconds */
  config(lease: number): object;
  /**
   * Resolves when it is over.
   * @param downTime milliseconds
   * @param which of several servers
   */
  breakFor(downTime: number, which: number): Promise<void>;
  /** What `breakFor` does, for people. */
  describe(which: number): string;
  close(): Promise<void>;
}

/** Three servers that replicate; one of them dies. */
export async function natsServers(path: string): Promise<EngineServers> {
  const servers = await startNatsCluster({ path });
  const of = (which: number): NatsServer | undefined => servers[which % servers.length];
  return {
    config: (lease) => ({ type: 'nats', nats: { servers: servers.map(({ url }) => url), lease: `${lease}ms` } }),
    async breakFor(downTime, which) {
      await of(which)?.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, downTime));
      await of(which)?.start();
    },
    describe: (which) => `kill -9 of NATS ${of(which)?.name}`,
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/**
 * One server, which kills all connections of the nodes and then stands still. It is not started anew: the engine promises
 * that no position outlives that, so all would be told that they cannot recover.
 */
export async function redisServers(path: string): Promise<EngineServers> {
  const server = await RedisServer.start(path);
  return {
    config: (lease) => ({ type: 'redis', redis: { url: server.url, lease: `${lease}ms`, timeout: '2s' } }),
    async breakFor(downTime) {
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
      await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      server.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, downTime));
      server.signal('SIGCONT');
    },
    describe: () => 'all connections of Redis killed, and it is stopped',
    close: () => server.close(),
  };
}
