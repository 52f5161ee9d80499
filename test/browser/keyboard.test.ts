import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { focused, logIn, serve, visit } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

/** One stop of the Tab key. */
interface Stop {
  readonly what: string;
  /** Whether one sees where the focus is. */
  readonly isMarked: boolean;
  readonly isOnScreen: boolean;
}

/** More stops than any page has. */
const MOST = 80;

/** Goes through the page by Tab, from its beginning until that comes again. */
async function walk(page: Page): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  while (stops.length < MOST) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const { activeElement: element } = document;
      if (element === null || element === document.body) return undefined;
      // Of a field in a label that looks like a button, the label is marked.
      const marked = [element, element.closest('label')].map((each) => each && getComputedStyle(each));
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return {
        isMarked: marked.some((style) => style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1),
        isOnScreen: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
      };
    });
    // The browser itself comes between the end and the beginning.
    if (stop === undefined) return stops;
    const what = await focused(page);
    if (stops.length > 0 && what === stops[0]?.what) return stops;
    stops.push({ what, ...stop });
  }
  throw new Error(`There is no way out of ${stops.at(-1)?.what}`);
}

describe.skipIf(chromiumPath === '')('by keyboard alone', { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('every page can be walked through, and one sees where one is', async () => {
    const window = await visit(browser, await serve());
    await logIn(window);
    const { page, go, complaints } = window;
    for (const path of ['/', '/echo', '/chat', '/race', '/console', '/console/channels', '/console/connections']) {
      await go(path);
      await page.locator('.page-links').nth(1).waitFor();
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      const stops = await walk(page);
      const inHeader = stops.slice(0, 9).map(({ what }) => what);
      const links = ['Echo', 'Chat', 'Race', 'Overview', 'Channels', 'Connections'].map((name) => `a ${name}`);
      expect(inHeader, path).toEqual(['button Skip to the content', 'a Tidewire', ...links, 'button Log out']);
      expect(
        stops.filter(({ isMarked, isOnScreen }) => !isMarked || !isOnScreen),
        path,
      ).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  it('one skips what all pages have, and sees which page this is', async () => {
    const { page, go } = await visit(browser, await serve());
    await go('/echo');
    await page.locator('.page-links').first().waitFor();
    await page.keyboard.press('Tab');
    const skip = page.getByRole('button', { name: 'Skip to the content' });
    expect(await skip.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    const current = page.locator('[aria-current=page]');
    expect(await current.allTextContents()).toEqual(['Echo']);
  });

  it('the menu of a phone opens, closes and leads on', async () => {
    const window = await visit(browser, await serve(), { viewport: { width: 360, height: 740 } });
    await logIn(window, '/');
    const { page, id, isAt } = window;
    const menu = id('menu');
    const links = page.getByRole('navigation', { name: 'Pages' });
    expect(await links.isVisible()).toBe(false);
    await menu.focus();
    await page.keyboard.press('Enter');
    expect(await menu.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('a Echo');
    await page.keyboard.press('Escape');
    expect(await links.isVisible()).toBe(false);
    expect(await focused(page)).toBe('button Menu');

    // It gets out of the way of who goes on.
    await page.keyboard.press('Space');
    for (let count = 0; count < 8; count++) await page.keyboard.press('Tab');
    expect(await links.isVisible()).toBe(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);

    await menu.focus();
    await page.keyboard.press('Enter');
    for (let count = 0; count < 5; count++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await isAt('/console/channels');
  });
});
