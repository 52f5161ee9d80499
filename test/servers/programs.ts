import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends a process, and waits until it is gone: with SIGKILL, if it takes longer than `patience` milliseconds. */
export async function endProcess(
  child: ChildProcess | undefined,
  signal: NodeJS.Signals = 'SIGTERM',
  patience = 10_000,
): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await gone;
  clearTimeout(timer);
}

/**
 * Resolves when the program has said this. Rejects with what it said if it ends before, or takes longer than `patience`
 * milliseconds.
 */
export function untilSaid(child: ChildProcess, pattern: RegExp, patience = 30_000): Promise<void> {
  let said = '';
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It is not ready after ${patience} ms: ${said}`)), patience);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`It has ended with ${code}: ${said}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
        if (!pattern.test(said)) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
