import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

// axe-core finds what a program can find of WCAG 2.1, levels A and AA, in a page as it is: light and dark, wide and as narrow as a phone.

/** For the pages of a context: their Content-Security-Policy lets nothing else in. */
export const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

const looks = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 360 },
] as const;

interface Violation {
  readonly rule: string;
  readonly at: string;
  readonly why: string;
}

/** What axe finds wrong with the page as it is. */
export async function violationsOf(page: Page): Promise<readonly Violation[]> {
  return page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => ({ rule: id, at: html.slice(0, 200), why: failureSummary ?? '' })),
    );
  }, tags);
}

/** Holds the page in this state to the rules, in all looks. */
export async function check(page: Page, state: string): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    const where = `${state}, ${colorScheme}, ${width}`;
    expect.soft(await violationsOf(page), where).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect.soft(overflow, `${where}: sideways`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
