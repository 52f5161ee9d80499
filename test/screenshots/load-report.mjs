// The report of a load test of the service whose pages are pictured.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { htmlReport, LoadRun, parseScenario } from '@tidewire/load';

/**
 * Runs the load test, and opens the report of it in place of a page of the service.
 * @param {import('playwright-core').Page} page
 */
export async function openLoadReport(page) {
  const url = new URL('/echo', page.url()).href.replace(/^http/, 'ws');
  const scenario = parseScenario({
    target: { url },
    seed: 1,
    phases: [{ do: 'echo', connections: 100, ramp: '2s', rate: 10, duration: '20s' }],
  });
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-load-'));
  page.once('close', () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'load.html');
  writeFileSync(file, htmlReport(await new LoadRun(scenario).run(), []));
  await page.goto(pathToFileURL(file).href);
  await page.locator('canvas').first().waitFor();
}
