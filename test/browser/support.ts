import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { inject } from 'vitest';

/** The path of a Chromium, or the empty string: see test/setup.ts. */
export const chromiumPath = inject('chromium');

/** A host that is no loopback to a browser that was launched here, and is this machine. */
export const OTHER_HOST = 'tidewire.test';

export function launch(): Promise<Browser> {
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`,
  ];
  // As root, Chromium runs without its sandbox or not at all.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args: [...quiet, ...asRoot] });
}

/** The script of a page, as a bundler makes it of what stands beside this file. */
export async function bundle(name: string): Promise<string> {
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['tidewire-source', 'browser'] },
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'page' } },
  });
  const [output] = [result].flat();
  if (output === undefined || !('output' in output)) throw new Error('Nothing was built');
  return output.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}
