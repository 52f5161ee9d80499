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
  input.on('line', () => {
    if (typeof Bun !== 'undefined') Bun.gc(true);
    else globalThis.gc?.();
    console.log('collected');
  });
  input.on('close', () => process.exit(0));
}
