import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { ServerJob } from '../job.ts';

// What every server of the benchmark has, on every runtime: its job comes as an argument, its port goes out as a line,
// each line that comes in asks for a garbage collection, and with the end of its input it ends.

export const job: ServerJob = JSON.parse(process.argv[2] ?? '{}');

export const tls = job.tls && { key: readFileSync(job.tls.keyFile), cert: readFileSync(job.tls.certFile) };

declare const Bun: { gc(synchronous: boolean): void } | undefined;

export function ready(port: number): void {
  console.log(port);
  const input = createInterface({ input: process.stdin });
  input.on('line', async () => {
    await collectGarbage();
    console.log('collected');
  });
  input.on('close', () => process.exit(0));
}

async function collectGarbage(): Promise<void> {
  if (typeof Bun !== 'undefined') {
    Bun.gc(true);
    return;
  }
  // `global.gc()` leaves the young generation as large as the load has made it, 16 to 32 MB whatever the connections take,
  // and V8 gives that back in quiet times only. The inspector's collection gives it back at once.
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
