import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle, chromiumPath, launch, OTHER_HOST } from './support.ts';

describe.skipIf(chromiumPath === '')('a WebSocket that reconnects, in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  const endpoint = new WebSocketEndpoint({
    message: (socket: Socket, message) => void socket.send(message),
  });

  const stalling = new WebSocketEndpoint({ upgrade: () => new Promise<{ data: undefined }>(() => {}) });

  beforeAll(async () => {
    const script = await bundle('reconnecting-entry.ts');
    server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><title>page</title><script type="module">${script}</script>`);
    }).listen(0, '127.0.0.1');
    endpoint.attach(server, { path: '/socket' });
    stalling.attach(server, { path: '/stall' });
    await once(server, 'listening');
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    await endpoint.close({ timeout: 0 });
    await stalling.close({ timeout: 0 });
    server?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    await page.goto(`http://${OTHER_HOST}:${(server.address() as AddressInfo).port}/`);
  });

  afterEach(() => page.context().close());

  const state = (wanted: string) => page.waitForFunction((name) => window.heard.socket.state === name, wanted);
  const states = () => page.evaluate(() => window.heard.states);
  const lose = () => {
    for (const socket of endpoint.sockets) socket.terminate();
  };

  it('comes back, and brings what was sent meanwhile', async () => {
    await page.evaluate(() => window.begin({ whileHidden: 'reconnect' }));
    await state('open');
    await page.evaluate(() => {
      window.heard.socket.onreconnecting = () => window.heard.socket.send('meanwhile');
    });
    lose();
    await page.waitForFunction(() => window.heard.messages.length === 1);
    expect(await states()).toEqual(['open', 'waiting', 'connecting', 'open']);
    expect(await page.evaluate(() => window.heard.messages)).toEqual(['meanwhile']);
    await page.evaluate(() => window.heard.socket.close(1000));
    await state('closed');
  });

  it('waits while the device is offline, and comes back with the network', async () => {
    await page.evaluate(() => window.begin({ whileHidden: 'reconnect' }));
    await state('open');
    await page.context().setOffline(true);
    lose();
    await state('suspended');
    await page.context().setOffline(false);
    await state('open');
    expect(await states()).toEqual(['open', 'waiting', 'suspended', 'waiting', 'connecting', 'open']);
  });

  it('obeys the server even when the network is back', async () => {
    await page.evaluate(() => window.begin({ whileHidden: 'reconnect' }));
    await state('open');
    for (const socket of endpoint.sockets) socket.close(1001, 'restart; retry-after=30');
    await state('waiting');
    await page.evaluate(async () => {
      window.dispatchEvent(new Event('online'));
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(await states()).toEqual(['open', 'waiting']);
  });

  it('does not try again while the device is offline, when an attempt took too long', async () => {
    await page.evaluate(() => window.begin({ whileHidden: 'reconnect', path: '/stall', connectTimeout: 500 }));
    await page.context().setOffline(true);
    await state('suspended');
    expect(await states()).toEqual(['waiting', 'suspended']);
    await page.evaluate(() => window.heard.socket.close());
    await state('closed');
  });

  it('waits until it is looked at, where that is wanted', async () => {
    const show = (visibility: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, visibility);
    await page.evaluate(() => window.begin({ whileHidden: 'wait' }));
    await state('open');
    await show('hidden');
    lose();
    await state('suspended');
    await show('visible');
    await state('open');
    await page.evaluate(() => window.heard.socket.close());
    await state('closed');

    await page.evaluate(() => window.begin({ whileHidden: 'reconnect' }));
    await state('open');
    await show('hidden');
    lose();
    await page.waitForFunction(() => window.heard.states.length === 4);
    expect(await states()).toEqual(['open', 'waiting', 'connecting', 'open']);
  });
});
