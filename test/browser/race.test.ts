import type { Browser, BrowserContext, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from './support.ts';

let browser: Browser;
let service: Service;
let secure: Service;
let base: string;

beforeAll(async () => {
  if (chromiumPath === '') return;
  browser = await launch();
  service = await startService({ port: 0 });
  base = service.urls.pages ?? '';
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  secure = await startService({ port: 0, tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await secure?.stop();
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  /** The number that stands in a column of a lane, in its base unit; `NaN` before there is one. */
  value(lane: string, column: string): Promise<number>;
}

async function visit(options: Parameters<Browser['newContext']>[0] = {}, from = base): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(new URL('/race', from).href);
  return {
    context,
    page,
    complaints,
    async value(lane, column) {
      const shown = await page.getByTestId(`lane-${lane}`).getByTestId(column).locator('.value').textContent();
      const [, digits = 'NaN', unit = ''] = /^([\d.,]+)(?: (\S+))?$/.exec(shown ?? '') ?? [];
      return Number(digits.replace(',', '')) * ({ s: 1000, kB: 1000, MB: 1e6 }[unit] ?? 1);
    },
  };
}

/** How many runs the service has open. */
async function runs(): Promise<number> {
  const response = await fetch(new URL('/health', base));
  return (await response.json()).connections.race;
}

const soon = { timeout: 15_000 };

describe.skipIf(chromiumPath === '')('the race page', () => {
  it('shows every lane that there can be, and why WebSockets exist', async () => {
    const { context, page, complaints, value } = await visit();
    const racing = ['polling', 'long-polling', 'events', 'stream', 'websocket'];
    for (const lane of racing) {
      await expect.poll(() => value(lane, 'latency'), { ...soon, message: lane }).toBeGreaterThan(0);
      await expect.poll(() => value(lane, 'bytes'), { ...soon, message: lane }).toBeGreaterThan(0);
    }
    await page.getByTestId('verdict').waitFor();
    // A request for each message, each second, or once.
    await expect.poll(() => value('long-polling', 'requests'), soon).toBeGreaterThan(12);
    for (const lane of ['events', 'stream', 'websocket']) expect(await value(lane, 'requests')).toBe(1);
    const polling = await value('polling', 'bytes');
    const longPolling = await value('long-polling', 'bytes');
    const socket = await value('websocket', 'bytes');
    expect(longPolling).toBeGreaterThan(3 * socket);
    expect(polling).toBeGreaterThan(1.5 * socket);
    expect(await page.getByTestId('lane-websocket-h2').textContent()).toContain('Needs HTTPS');
    expect(await page.locator('.plot canvas').count()).toBe(2);
    expect(complaints).toEqual([]);
    await context.close();
    await expect.poll(runs, soon).toBe(0);
  });

  it('has all lanes where the page came over HTTP/2', async () => {
    const { context, page, complaints, value } = await visit(
      { ignoreHTTPSErrors: true },
      `https://localhost:${secure.port}`,
    );
    for (const lane of ['polling', 'long-polling', 'events', 'stream', 'websocket', 'websocket-h2']) {
      await expect.poll(() => value(lane, 'latency'), { ...soon, message: lane }).toBeGreaterThan(0);
      await expect.poll(() => value(lane, 'bytes'), { ...soon, message: lane }).toBeGreaterThan(0);
    }
    await page.getByTestId('verdict').waitFor();
    await expect.poll(() => value('long-polling', 'requests'), soon).toBeGreaterThan(12);
    for (const lane of ['websocket', 'websocket-h2']) expect(await value(lane, 'requests')).toBe(1);
    expect(await value('long-polling', 'bytes')).toBeGreaterThan(1.5 * (await value('websocket-h2', 'bytes')));
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says why a lane is missing: an address has no second name', async () => {
    const { context, page, complaints, value } = await visit({ ignoreHTTPSErrors: true }, secure.urls.pages);
    await expect.poll(() => value('websocket-h2', 'bytes'), soon).toBeGreaterThan(0);
    expect(await page.getByTestId('lane-websocket').textContent()).toContain('Not here');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('follows its sliders, by keyboard too', async () => {
    const { context, page, value } = await visit();
    const rate = page.getByTestId('rate');
    const delay = page.getByTestId('delay');
    await rate.focus();
    await page.keyboard.press('End');
    expect(await rate.getAttribute('aria-valuetext')).toBe('50 per second');
    await delay.focus();
    await page.keyboard.press('End');
    expect(await delay.getAttribute('aria-valuetext')).toContain('500');
    // Half of the delay is on the way of a message, and a long poll takes more than one.
    await expect.poll(() => value('websocket', 'latency'), soon).toBeGreaterThan(249);
    await expect.poll(() => value('long-polling', 'latency'), soon).toBeGreaterThan(300);
    await context.close();
  });

  it('ends its run on the server when it is stopped, and begins another', async () => {
    const { context, page, value } = await visit();
    await expect.poll(() => value('websocket', 'bytes'), soon).toBeGreaterThan(0);
    await page.getByTestId('stop').click();
    await expect.poll(runs, soon).toBe(0);
    expect(await page.getByTestId('status').textContent()).toBe('Stopped.');
    await page.getByTestId('start').click();
    await expect.poll(runs, soon).toBe(1);
    await expect.poll(() => value('websocket', 'bytes'), soon).toBeGreaterThan(0);
    await context.close();
  });

  it('rests while it is hidden', async () => {
    const { context, page } = await visit();
    await expect.poll(runs, soon).toBe(1);
    const hide = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await hide(true);
    await expect.poll(runs, soon).toBe(0);
    await hide(false);
    await expect.poll(runs, soon).toBe(1);
    await context.close();
  });

  it.each([
    ['light', 1280],
    ['light', 360],
    ['dark', 1280],
    ['dark', 360],
  ] as const)('fits its window: %s, %i pixels wide', async (colorScheme, width) => {
    const { context, page } = await visit({ colorScheme, viewport: { width, height: 800 } });
    await page.getByTestId('verdict').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await context.close();
  });
});
