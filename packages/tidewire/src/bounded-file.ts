import { closeSync, openSync, readSync } from 'node:fs';

// What an operator names may be anything: a device that never ends, or a file that is no configuration but a disk image. No more
// is read than what can be right.

const CHUNK = 64 * 1024;

/**
 * Reads a file.
 * @param limit bytes
 * @returns `undefined` if it is larger
 * @throws what Node says of a file that cannot be read
 */
export function readBounded(file: string, limit: number): Buffer | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; size <= limit; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const count = readSync(descriptor, chunk, 0, CHUNK, null);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      size += count;
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
