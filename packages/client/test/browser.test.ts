import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** What a bundler makes of a page's script that uses the WebSocket and nothing else. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['tidewire-source', 'browser'] },
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('support/browser-entry.ts', import.meta.url)),
        formats: ['iife'],
        name: 'page',
        fileName: 'out',
      },
    },
  });
  const [output] = [result].flat();
  if (output === undefined || !('output' in output)) throw new Error('Nothing was built');
  return output.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}

test('for a browser the WebSocket is 12 KiB or less, minified and compressed, and brings nothing of Node along', async () => {
  const code = await bundle();
  expect([code.includes('node:'), /\bBuffer\b/.test(code)]).toEqual([false, false]);
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(12 * 1024);
});
