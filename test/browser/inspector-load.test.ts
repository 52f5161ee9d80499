import { WebSocket } from '@tidewire/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Inspected, inspect, opened } from './inspector-support.ts';
import { chromiumPath, launch } from './support.ts';

// What the inspector is for must not stop where it gets lively: ten thousand messages a second, half of them each way, for ten
// seconds, and a page that people can use meanwhile.

const RATE = 5000;
const SECONDS = 10;
const TOTAL = 2 * RATE * SECONDS;

let browser: Browser;
let inspected: Inspected;

beforeAll(async () => {
  if (chromiumPath === '') return;
  [browser, inspected] = await Promise.all([launch(), inspect()]);
});

afterAll(async () => {
  await browser?.close();
  await inspected?.close();
});

/** Sends at a steady rate, and returns when all has come back. */
async function converse(client: WebSocket): Promise<void> {
  let received = 0;
  const back = new Promise<void>((resolve) => {
    client.onmessage = () => {
      received += 1;
      if (received === RATE * SECONDS) resolve();
    };
  });
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - begun) / 1000) * RATE));
    for (; sent < due; sent += 1) client.send(`{"n":${sent},"ship":"Ada","cargo":["herring","coal"]}`);
  }, 5);
  await back;
  clearInterval(timer);
}

/** Runs in the page: how long it took from frame to frame, and the longest task. */
const watchFrames = () => {
  const seen = { gaps: [] as number[], longestTask: 0 };
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    seen.gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longestTask = Math.max(seen.longestTask, duration);
  }).observe({ type: 'longtask' });
  Object.assign(window, { seen });
};

const report = `(() => {
  const gaps = seen.gaps.toSorted((a, b) => a - b);
  const at = (share) => Math.round(gaps[Math.floor(gaps.length * share)] * 10) / 10;
  return { frames: gaps.length, median: at(0.5), p95: at(0.95), longest: at(0.9999), longestTask: seen.longestTask };
})()`;

describe.skipIf(chromiumPath === '')('ten thousand messages a second', () => {
  it('are all counted, none is missed, and the page goes on being drawn', { timeout: 120_000 }, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(inspected.page);
    await page.getByTestId('target').waitFor();
    await page.evaluate(watchFrames);
    const client = await opened(new WebSocket(`${inspected.listens}/echo`));
    const conversation = converse(client);
    // Somebody works with the page meanwhile.
    await page.getByTestId('find').fill('herring');
    await page.getByTestId('filter-direction').selectOption('toClient');
    await conversation;
    await expect
      .poll(() => page.getByTestId('received').textContent(), { timeout: 60_000 })
      .toBe(`${TOTAL.toLocaleString('en')} received`);
    console.log('frames, in milliseconds:', await page.evaluate(report));
    expect(await page.getByTestId('missed').textContent()).toBe('0 missed');
    await expect
      .poll(() => page.getByTestId('shown').textContent(), { timeout: 30_000 })
      .toBe(`${(TOTAL / 2).toLocaleString('en')} shown`);
    client.close();
  });
});
