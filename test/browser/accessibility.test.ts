import type { Browser } from 'playwright-core';
import type { Service } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Peer } from '../../packages/tidewire/test/support.ts';
import { axePath, check, violationsOf } from './axe.ts';
import { KEY, logIn, serve, type Visit, visit } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

// Each page, in the states that it has.

describe.skipIf(chromiumPath === '')('nothing keeps anybody out of', { timeout: 120_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function enter(service?: Service): Promise<Visit> {
    const window = await visit(browser, service ?? (await serve()), { reducedMotion: 'reduce' });
    await window.page.context().addInitScript({ path: axePath });
    return window;
  }

  it('the pages to try a WebSocket with', async () => {
    const { page, id, go } = await enter();
    await go('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await check(page, 'home');
    await page.setViewportSize({ width: 360, height: 800 });
    await id('menu').click();
    expect.soft(await violationsOf(page), 'the open menu').toEqual([]);

    await go('/echo');
    await check(page, 'echo at first');
    await id('connect').click();
    await id('message').fill('{"hello": ["tide", 1, null]}');
    await id('send').click();
    await id('binary').check();
    await id('message').fill('00 ff 41');
    await id('send').click();
    await expect.poll(() => id('message-received').count()).toBe(2);
    await page.getByTestId('handshake-request').waitFor();
    await check(page, 'echo with messages');
    await id('close').click();
    await id('close-code').waitFor();
    await check(page, 'echo closed');

    await go('/chat');
    await check(page, 'chat at the door');
    await id('name').fill('Ann');
    await id('join').click();
    await id('message').fill('Hello');
    await id('send').click();
    await id('message-own').waitFor();
    await check(page, 'chat with messages');
  });

  it('the race', async () => {
    const { page, id, go } = await enter();
    await go('/race');
    await id('verdict').waitFor();
    await check(page, 'race running');
    await id('stop').click();
    await id('start').waitFor();
    await check(page, 'race ended');
    const [latency] = await page.getByRole('img', { name: 'latency' }).all();
    expect(await latency?.getAttribute('aria-label')).toMatch(/Median now: .*WebSocket [\d.]+ m?s/);
  });

  it('the login', async () => {
    const { page, id, go } = await enter();
    await go('/console/login');
    await id('key').fill(`${KEY}x`);
    await id('login').click();
    await expect.poll(() => id('login-error').textContent()).not.toBe('');
    await check(page, 'login with an error');
  });

  it('the pages for who runs the service', async () => {
    const service = await serve({
      hub: {
        namespaces: {
          room: {
            subscribe: 'everyone',
            publish: 'subscribers',
            presence: true,
            history: { size: 10, ttl: 60_000 },
          },
        },
      },
    });
    await clients(service.port);
    const window = await enter(service);
    await logIn(window);
    const { page, id, go } = window;
    await id('nodes').getByRole('row').nth(1).waitFor();
    await page.getByRole('img').first().waitFor();
    await check(page, 'overview');

    await go('/console/channels');
    await id('channels').getByText('room:a').waitFor();
    await check(page, 'channels');
    await go('/console/channels?channel=room:a');
    await id('members').getByRole('listitem').first().waitFor();
    await id('history').getByText('hello').first().waitFor();
    await check(page, 'a channel');

    await go('/console/connections');
    await id('connections').getByRole('button').first().click();
    await id('disconnect').click();
    await expect.poll(() => page.getByRole('dialog').count()).toBeGreaterThan(0);
    await check(page, 'connections with dialogs');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await check(page, 'connections');
  });
});

/** Some people in a room, of whom one says something. */
async function clients(port: number): Promise<void> {
  for (let count = 0; count < 3; count++) {
    const peer = await Peer.open(`ws://127.0.0.1:${port}/connection/lines`);
    peer.socket.send('{"subscribe":"room:a"}');
    if (count === 0) peer.socket.send('{"publish":"room:a","data":{"text":"hello"}}');
  }
}
