import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisServer } from '../../../test/servers/redis.ts';
import { infoOf, publicationOf, retentionOf } from '../../hub/test/engine-contract/harness.ts';
import { path, startNode, startReplica, startServer, synchronised } from './support.ts';

const retention = retentionOf();

/** Watches a master, and makes a replica master a second after it has gone. */
async function startSentinel(master: RedisServer): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-sentinel-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'sentinel.conf');
  writeFileSync(
    file,
    `sentinel monitor main 127.0.0.1 ${master.port} 1\n` +
      'sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n',
  );
  return startServer({ file });
}

describe.skipIf(path === '')('Behind Sentinel', () => {
  it('an engine finds the master, and the new one after a failover, where no old position is good', async () => {
    const master = await startServer({ args: ['--repl-diskless-sync-delay', '0'] });
    const replica = await startReplica(master);
    const sentinel = await startSentinel(master);
    const options = {
      sentinel: {
        name: 'main',
        nodes: [
          { host: '127.0.0.1', port: 1 },
          { host: '127.0.0.1', port: sentinel.port },
        ],
      },
    };
    const [node, other] = [await startNode(1, options), await startNode(1, options)];
    await node.engine.subscribe('room');
    await other.engine.enter('room', infoOf('a', 'ada'));
    const { position } = await other.engine.publish('room', publicationOf('one'), { retention });
    await synchronised(master);
    // Sentinel asks a master for its replicas every ten seconds.
    while (!JSON.stringify(await sentinel.command('SENTINEL', 'REPLICAS', 'main')).includes(`:${replica.port}`))
      await new Promise((resolve) => setTimeout(resolve, 100));
    await master.kill();
    await Promise.all([node, other].map((each) => each.untilTold('interrupted')));
    await Promise.all([node, other].map((each) => each.untilTold('resumed')));
    expect(await replica.info('replication', 'role')).toBe('master');
    const history = await node.engine.history('room', retention, { since: position });
    expect(history.isComplete).toBe(false);
    await other.engine.publish('room', publicationOf('two'), { retention });
    await node.until('two', () => node.data('room').includes('two'));
    expect(await node.engine.members('room')).toEqual([{ info: infoOf('a', 'ada'), node: other.id }]);
  }, 60_000);

  it('an engine does not start where no Sentinel knows the master', async () => {
    const master = await startServer();
    const sentinel = await startSentinel(master);
    const nodes = [{ host: '127.0.0.1', port: sentinel.port }];
    await expect(startNode(1, { sentinel: { name: 'other', nodes } })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'UNAVAILABLE',
    });
  });
});
