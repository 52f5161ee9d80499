import type { Browser } from 'playwright-core';
import { startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { focused, KEY, logIn, serve, visit } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

describe.skipIf(chromiumPath === '')('the login', { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('stands before the pages for who runs the service, and leads back to them', async () => {
    const window = await visit(browser, await serve());
    const { page, id, go, isAt, complaints } = window;
    await go('/console/channels?pattern=a:*#here');
    await isAt('/console/login?to=%2Fconsole%2Fchannels%3Fpattern%3Da%3A*%23here');
    await id('key').waitFor();
    await expect.poll(() => focused(page)).toBe('input Key');

    await id('login').click();
    await expect.poll(() => id('login-error').textContent()).toBe('Type the key, or paste it.');
    await id('key').fill('not-the-right-key');
    await page.keyboard.press('Enter');
    await expect.poll(() => id('login-error').textContent()).toBe('This is not a key of this service.');
    await expect.poll(() => focused(page)).toBe('input Key');
    expect(await id('key').getAttribute('aria-invalid')).toBe('true');

    await id('key').fill(` ${KEY}\n`);
    await page.keyboard.press('Enter');
    await isAt('/console/channels?pattern=a:*#here');
    await page.locator('.account-name').getByText('ops').waitFor();
    // Scripts do not see what lets one in.
    expect(await page.evaluate(() => document.cookie + JSON.stringify(localStorage))).toBe('{}');
    // Who is in has no use for the login page.
    await go('/console/login?to=https://evil.example/');
    await isAt('/console');

    await id('logout').click();
    await isAt('/console/login?out');
    await page.getByText('You are logged out.').waitFor();
    await go('/console');
    await isAt('/console/login?to=%2Fconsole');
    expect(complaints).toEqual([]);
  });

  it('takes the key from a link, and leaves it nowhere', async () => {
    const window = await visit(browser, await serve());
    await logIn(window, '/console/connections');
    await window.page.goBack().catch(() => null);
    expect(window.page.url()).not.toContain(KEY);
    expect(window.complaints).toEqual([]);
  });

  it('says on the page that the session has ended, and takes away nothing', async () => {
    const service = await serve();
    const window = await visit(browser, service);
    await logIn(window);
    const { page, id, isAt } = window;
    await page.evaluate(() => document.querySelector('main')?.setAttribute('data-mark', 'still here'));
    service.reconfigure({ api: { keys: [{ name: 'ops', key: 'another-key-of-ops' }] } });
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByRole('alert').getByText('Your session as ops has ended').waitFor();
    expect(await page.locator('main[data-mark]').count()).toBe(1);
    await id('session-ended').getByRole('link').click();
    await isAt('/console/login?to=%2Fconsole');
    await id('key').fill('another-key-of-ops');
    await id('login').click();
    await isAt('/console');
    await page.locator('.account-name').getByText('ops').waitFor();
  });

  it('says how to make a key where there is none, by lines that work', async () => {
    const { page, id, go } = await visit(browser, await serve({ api: { keys: [] } }));
    await go('/console');
    const lines = await id('key-advice').locator('pre').textContent();
    const { api } = parse(lines ?? '');
    const named = await startService({ port: 0, api, playground: false });
    await named.stop();
    expect(api.keys[0].key).toMatch(/^[0-9a-f]{48}$/);
    await go('/console/login');
    await id('key-advice').waitFor();
    expect(await page.getByTestId('login-link').count()).toBe(0);
  });
});
