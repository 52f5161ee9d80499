import { type Browser, chromium } from 'playwright-core';
import { inject } from 'vitest';

/** The path of a Chromium, or the empty string: see test/setup.ts. */
export const chromiumPath = inject('chromium');

export function launch(): Promise<Browser> {
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  // As root, Chromium runs without its sandbox or not at all.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args: [...quiet, ...asRoot] });
}
