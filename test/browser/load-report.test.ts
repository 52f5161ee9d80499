import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { htmlReport, judge, LoadRun, parseScenario, parseThreshold } from '@tidewire/load';
import type { Browser } from 'playwright-core';
import { startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launch } from './support.ts';

// The report of a load test, as a file in a browser.

const folder = mkdtempSync(join(tmpdir(), 'tidewire-report-'));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let browser: Browser;
let address = '';

describe.skipIf(chromiumPath === '')('the report of a load test', () => {
  beforeAll(async () => {
    const service = await startService({ port: 0, only: 'echo' });
    const scenario = parseScenario({
      name: 'Two phases </title><script>alert(1)</script>',
      target: { url: service.urls.endpoints.echo },
      seed: 1,
      phases: [
        { do: 'echo', connections: 5, rate: 20, duration: '2s' },
        { name: '<b>storm</b>', do: 'storm', connections: 5, duration: '500ms' },
      ],
    });
    const outcome = await new LoadRun(scenario).run();
    await service.stop();
    const verdicts = judge([parseThreshold('received>0', scenario)], outcome, scenario);
    const file = join(folder, 'report.html');
    writeFileSync(file, htmlReport(outcome, verdicts));
    address = pathToFileURL(file).href;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['light', 1200],
    ['dark', 360],
  ] as const)('draws its plots, %s, %i pixels wide, by nothing but what is in it', async (colorScheme, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, offline: true });
    const page = await context.newPage();
    const problems: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(address);
    await page.waitForSelector('canvas');
    // Four of the echo; of the storm, in which nothing was sent, the connections.
    expect(await page.locator('canvas').count()).toBe(5);
    expect(await page.locator('figcaption').allTextContents()).toContain('Latency by percentile');
    expect(await page.title()).toBe('Two phases </title><script>alert(1)</script>');
    expect(await page.locator('h2').allTextContents()).toEqual(['echo', '<b>storm</b>']);
    expect(await page.locator('[role=alert]').allTextContents()).toContain('Failed: received>0 in echo');
    expect(await page.locator('pre').first().textContent()).toMatch(/received +200 of 200/);
    // Something is drawn: the canvas has more than one colour.
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return new Set(Array.from({ length: pixels.length / 4 }, (_, i) => pixels.slice(i * 4, i * 4 + 4).join())).size;
    });
    expect(colours).toBeGreaterThan(5);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(problems).toEqual([]);
    expect(asked).toEqual([address]);
    await context.close();
  });

  test('has the contrast and the structure that everybody needs', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(address);
      await page.waitForSelector('canvas');
      await page.addScriptTag({ path: axe });
      const found: unknown = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
      );
      expect(found).toEqual([]);
      await context.close();
    }
  });
});
