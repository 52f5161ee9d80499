import type { Browser, Locator, Page } from 'playwright-core';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { expect, onTestFinished } from 'vitest';

export const KEY = 'a-key-of-16-or-more';

/** A service with a key of all operations, until the end of the test. */
export async function serve(options: ServiceOptions = {}): Promise<Service> {
  const service = await startService({ port: 0, api: { keys: [{ name: 'ops', key: KEY }] }, ...options });
  onTestFinished(() => service.stop());
  return service;
}

export interface Visit {
  readonly page: Page;
  /** What the page complains of, which must be nothing. */
  readonly complaints: string[];
  id(name: string): Locator;
  go(path: string): Promise<void>;
  /** The path with all behind it, once it is this. */
  isAt(path: string): Promise<void>;
}

/** A window on a service, until the end of the test. */
export async function visit(
  browser: Browser,
  service: Service,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A refusal is what some tests want.
    if (message.type() === 'error' && !message.text().includes('status of 4')) complaints.push(message.text());
  });
  const base = `http://localhost:${service.port}`;
  return {
    page,
    complaints,
    id: (name) => page.getByTestId(name),
    go: async (path) => void (await page.goto(base + path)),
    isAt: (path) => expect.poll(() => page.url(), { timeout: 10_000 }).toBe(base + path),
  };
}

/** Logs in by a link that has the key, and is then at `path`. */
export async function logIn({ go, isAt, id }: Visit, path = '/console'): Promise<void> {
  await go(`/console/login?to=${encodeURIComponent(path)}#key=${KEY}`);
  await isAt(path);
  await id('logout').waitFor({ state: 'attached' });
}

/** What has the focus, in a few words: what it is called, or what it is. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    if (element === null) return '';
    const { labels } = element as HTMLInputElement;
    const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
    return `${element.tagName.toLowerCase()} ${name.trim().replace(/\s+/g, ' ').slice(0, 40)}`.trim();
  });
}
