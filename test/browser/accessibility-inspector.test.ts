import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cli, Peer } from '../../packages/tidewire/test/support.ts';
import { axePath, check, violationsOf } from './axe.ts';
import { serve } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

describe.skipIf(chromiumPath === '')('nothing keeps anybody out of', { timeout: 120_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('the inspector', async () => {
    const { port } = await serve();
    const flags = ['--listen', '0', '--console', '0', '--no-open'];
    const cli = new Cli(['inspect', `ws://127.0.0.1:${port}`, ...flags]);
    const [, listens, link = ''] = await cli.shows(/clients connect to {2}(\S+)\n {2}console +(\S+)\n/);
    const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } });
    onTestFinished(() => context.close());
    await context.addInitScript({ path: axePath });
    const page = await context.newPage();
    const id = (name: string) => page.getByTestId(name);
    await page.goto(link);
    await id('target').waitFor();
    await check(page, 'inspector without messages');

    const peer = await Peer.open(`${listens}/echo`);
    for (const message of ['{"hello":["tide",1,null]}', 'Hello', Uint8Array.of(0, 255, 65)]) {
      peer.socket.send(message);
      await peer.next();
    }
    const gone = await Peer.open(`${listens}/echo`);
    gone.socket.close(4001, 'enough');
    await gone.closed;
    const messages = page.locator('tr.message');
    await expect.poll(() => messages.count()).toBeGreaterThanOrEqual(6);
    await check(page, 'inspector with messages');
    await messages.first().click();
    await id('message-details').waitFor();
    await check(page, 'inspector with a message');
    await page.locator('tr.connection').nth(1).click();
    await check(page, 'inspector with a connection');
    for (const panel of ['rules', 'files', 'help']) {
      await id(panel).click();
      await id('dialog').waitFor();
      expect.soft(await violationsOf(page), panel).toEqual([]);
      await page.keyboard.press('Escape');
      await id('dialog').waitFor({ state: 'detached' });
      expect.soft(await id(panel).evaluate((button) => button === document.activeElement), panel).toBe(true);
    }
  });
});
