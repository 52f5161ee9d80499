import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { natsServers, redisServers } from './engine-servers.ts';
import { run } from './run.ts';
import { full, quick } from './schedule.ts';

// Nodes die and are drained, servers behind them break, networks are cut, and nobody misses anything without being told. README.md
// says how to run it at length.

const scale = process.env.CLUSTER === 'full' ? full : quick;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

describe.each([
  { engine: 'NATS', path: inject('nats-server'), start: natsServers },
  { engine: 'Redis', path: inject('redis-server'), start: redisServers },
])('three nodes over $engine', ({ engine, path, start }) => {
  it.skipIf(path === '')(
    `lose nothing, say nothing twice, and know who is there, whatever breaks (SEED=${seed})`,
    { timeout: scale.duration + 120_000 },
    async () => {
      const { lines, problems, log } = await run(await start(path), scale, seed);
      const text = [`Three nodes over ${engine}: ${lines[0]}`, ...lines.slice(1).map((line) => `  ${line}`)].join('\n');
      process.stdout.write(`${text}\n`);
      if (problems.length > 0) {
        const file = join(tmpdir(), `tidewire-cluster-${engine}-${seed}.log`);
        writeFileSync(file, [text, ...problems, ...log, ''].join('\n'));
        process.stdout.write(`All of it is in ${file}\n`);
      }
      expect(problems.slice(0, 10), `${problems.length} problems`).toEqual([]);
    },
  );
});
