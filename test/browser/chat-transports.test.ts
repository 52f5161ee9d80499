import type { Browser } from 'playwright-core';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Meddling, middlebox } from '../../packages/client/test/support/middlebox.ts';
import { chromiumPath, launch } from './support.ts';

const WAIT = { timeout: 20_000 };

describe.skipIf(chromiumPath === '')('the chat page behind a proxy', () => {
  let browser: Browser;
  let service: Service;

  beforeAll(async () => {
    browser = await launch();
    service = await startService({ port: 0 });
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  /** The page of a member who comes in through a proxy that meddles. */
  async function enter(name: string, meddling: Meddling) {
    const base = new URL(service.urls.pages ?? '');
    const box = await middlebox(`ws://${base.host}/`, meddling);
    const page = await browser.newPage();
    await page.goto(new URL('/chat', box.url.replace('ws:', 'http:')).href);
    await page.getByTestId('name').fill(name);
    await page.getByTestId('join').click();
    const says = async (text: string) => {
      await page.getByTestId('message').fill(text);
      await page.getByTestId('send').click();
    };
    const shows = (text: string) => page.getByText(text, { exact: true }).first().waitFor(WAIT);
    return { page, box, says, shows };
  }

  it.each<[string, Meddling]>([
    ['over WebSocket', { upgrades: true }],
    ['over HTTP streaming', {}],
    ['over long polling', { buffers: true }],
  ])('talks to everybody, and says that it does so %s', async (what, meddling) => {
    const near = await enter('Near', { upgrades: true });
    const far = await enter('Far', meddling);
    await expect.poll(() => far.page.getByTestId('transport').textContent(), WAIT).toBe(what);
    await far.says('Can you hear me?');
    await near.shows('Can you hear me?');
    await near.says('Loud and clear');
    await far.shows('Loud and clear');
    await far.page.getByText('Handshake as the server saw it').click();
    const handshake = await far.page.getByTestId('handshake').textContent();
    expect(handshake).toContain(meddling.upgrades ? 'Sec-WebSocket-Key' : 'There was none');
    await far.page.getByTestId('close').click();
    await expect.poll(() => far.page.getByTestId('state').textContent(), WAIT).toBe('CLOSED');
    expect(await far.page.getByTestId('transport').count()).toBe(0);
    await near.page.close();
    await far.page.close();
  });
});
