import { access, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf, unopened } from './errors.ts';
import { beginGeneration, endGeneration } from './generations.ts';

// LevelDB in a directory: opened so that its epochs can be trusted, and closed so that everything is safe.

export interface OpenStore {
  readonly level: ClassicLevel;
  /** What is behind all epochs that are told. */
  readonly generation: number;
}

export interface StoreOptions {
  readonly directory: string;
  readonly isSynced: boolean;
  readonly hasLostData: boolean;
}

/** @throws EngineError `UNAVAILABLE`: in use, damaged, not readable */
export async function openStore({ directory, isSynced, hasLostData }: StoreOptions): Promise<OpenStore> {
  await makeDirectory(resolve(directory)).catch((error: unknown) => {
    throw unopened(directory, error);
  });
  // It begins to open as soon as it is made.
  const level = new ClassicLevel(directory);
  try {
    await level.open();
    return { level, generation: await beginGeneration(level, isSynced, hasLostData) };
  } catch (error) {
    await level.close().catch(() => {});
    throw unopened(directory, error);
  }
}

/** Node's own way to make those above it, too, never ends in a place such as /proc, where nothing can be made. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    // What is there and no directory is told by who opens it.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Never rejects: what was acknowledged is stored, whether or not this succeeds. */
export async function closeStore({ level, generation }: OpenStore, isSynced: boolean): Promise<void> {
  try {
    if (!isSynced) await syncLogs(level.location);
    await endGeneration(level, generation);
  } catch {
    // The next start finds out that something may be missing.
  }
  await level.close().catch(() => {});
}

/** What was written without `sync` is in logs that the system has yet to write to the disk. */
async function syncLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.log')) continue;
    const file = await open(join(directory, name), 'r+').catch(() => undefined);
    // One that is gone was compacted meanwhile, and that is synced.
    await file?.sync().finally(() => file.close());
  }
}
