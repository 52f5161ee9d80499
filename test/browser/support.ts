import { type Browser, chromium } from 'playwright-core';
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
