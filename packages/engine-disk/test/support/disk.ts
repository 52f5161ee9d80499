import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskEngine, type DiskEngineOptions } from '@tidewire/engine-disk';
import type { Retention } from '@tidewire/hub';
import { ClassicLevel } from 'classic-level';
import { onTestFinished } from 'vitest';
import { TestNode } from '../../../hub/test/engine-contract/harness.ts';

/** A directory that is gone when the test is. */
export async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-disk-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A node with its streams in `directory`, which stops when the test ends. */
export async function startIn(directory: string, options: Partial<DiskEngineOptions> = {}): Promise<TestNode> {
  const node = new TestNode(new DiskEngine({ directory, ...options }));
  onTestFinished(() => node.engine.stop());
  await node.engine.start(node.id, node);
  return node;
}

export const longRetention: Retention = { name: 'test', size: 1_000_000, ttl: 3_600_000, positionTtl: 3_600_000 };

/** Looks into a store that no engine has open. */
export async function inStore<Result>(directory: string, work: (level: ClassicLevel) => Promise<Result>) {
  const level = new ClassicLevel(directory);
  await level.open();
  try {
    return await work(level);
  } finally {
    await level.close();
  }
}

export async function bytesIn(directory: string): Promise<number> {
  // A file may go after it was listed.
  const sizeOf = (name: string) =>
    stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    );
  const sizes = (await readdir(directory)).map(sizeOf);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
