import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Keeps all threads of Node's pool waiting for somebody to write to a file, until what it returns is called. */
export function occupyThreads(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-'));
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const opened = Array.from({ length: Number(process.env.UV_THREADPOOL_SIZE ?? 4) }, () => open(fifo, 'r'));
  const goOn = () => closeSync(openSync(fifo, 'r+'));
  onTestFinished(async () => {
    goOn();
    for (const handle of await Promise.all(opened)) await handle.close();
    rmSync(folder, { recursive: true });
  });
  return goOn;
}
