import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

test('for a browser the package is the native class, and loads nothing of Node', async () => {
  const [condition] = Object.keys(manifest.exports['.']['tidewire-source']);
  expect([condition, manifest.exports['.'].browser]).toEqual(['browser', './dist/browser.js']);
  const source = new URL('../src/browser.ts', import.meta.url);
  expect(readFileSync(source, 'utf8')).not.toMatch(/^import/m);
  const native = class {};
  Object.assign(globalThis, { WebSocket: native });
  const browser = await import(source.href);
  expect(browser.WebSocket).toBe(native);
  Reflect.deleteProperty(globalThis, 'WebSocket');
});
