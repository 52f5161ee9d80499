import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, test } from 'vitest';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(entry: string): Promise<string> {
  const result = await build({
    root: pathOf('.'),
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['tidewire-source', 'browser'] },
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'out' } },
  });
  const [output] = [result].flat();
  if (output === undefined || !('output' in output)) throw new Error('Nothing was built');
  return output.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}

test('for a browser the package is the native class, and brings nothing of Node along', async () => {
  const code = await bundle(pathOf('support/browser-entry.ts'));
  expect(code).not.toContain('node:');
  expect(code.length).toBeLessThan(1000);
  const native = class {};
  Object.assign(globalThis, { WebSocket: native });
  const exported = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  Reflect.deleteProperty(globalThis, 'WebSocket');
  expect([exported.WebSocket, exported.WebSocketStream]).toEqual([native, undefined]);
});
