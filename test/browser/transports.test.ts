import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Meddling, type Middlebox, middlebox } from '../../packages/client/test/support/middlebox.ts';
import { bundle, chromiumPath, launch } from './support.ts';

describe.skipIf(chromiumPath === '')('the WebSocket for browsers, in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  const opened: unknown[] = [];
  const closed: unknown[] = [];
  const endpoint = new WebSocketEndpoint({
    subprotocols: ['chat'],
    upgrade(request) {
      opened.push([request.url.search, request.cookies.get('who')]);
      return { data: undefined };
    },
    message: (socket: Socket, message) => void socket.send(message),
    close: (_socket, code, reason) => void closed.push([code, reason]),
  });

  beforeAll(async () => {
    const script = await bundle('transports-entry.ts');
    server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Set-Cookie', 'who=somebody');
      response.end(`<!doctype html><title>page</title><script type="module">${script}</script>`);
    }).listen(0, '127.0.0.1');
    endpoint.attach(server, { path: '/socket' });
    await once(server, 'listening');
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    await endpoint.close({ timeout: 0 });
    server?.close();
  });

  afterEach(() => page.context().close());

  /** A page from behind a proxy that meddles. */
  async function visit(meddling: Meddling): Promise<Middlebox> {
    const box = await middlebox(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, meddling);
    page = await browser.newPage();
    await page.goto(box.url.replace('ws:', 'http:'));
    opened.length = closed.length = 0;
    return box;
  }

  const events = () => page.evaluate(() => window.conversation.events);
  const heard = (count: number) =>
    page.waitForFunction(
      (wanted) => window.conversation.events.filter((event) => event !== undefined).length >= wanted,
      count,
    );
  const carriedBy = (transport: string) =>
    page.waitForFunction((name) => window.conversation.socket.transport === name, transport);

  it.each<[string, Meddling]>([
    ['websocket', { upgrades: true }],
    ['stream', {}],
    ['poll', { buffers: true }],
  ])('says everything by %s', async (transport, meddling) => {
    await visit(meddling);
    await page.evaluate(() => window.connect(['other', 'chat'], Number.POSITIVE_INFINITY));
    await heard(1);
    await carriedBy(transport);
    await page.evaluate(() => {
      const { socket } = window.conversation;
      socket.send('text ü');
      socket.send(Uint8Array.of(1, 2));
    });
    await heard(3);
    await page.evaluate(() => {
      const { socket } = window.conversation;
      socket.binaryType = 'arraybuffer';
      socket.send(new Blob(['a']));
      socket.send('behind it');
    });
    await heard(5);
    await page.evaluate(() => window.conversation.socket.close(3000, 'done'));
    await heard(6);
    expect(await events()).toEqual([
      ['open', 'chat'],
      'text ü',
      ['blob', 1, 2],
      ['arraybuffer', 97],
      'behind it',
      [3000, '', true],
    ]);
    expect(opened.at(-1)).toEqual(['?room=7', 'somebody']);
    expect(closed).toEqual([[3000, 'done']]);
  });

  it('is closed by the server with its code and reason', async () => {
    await visit({});
    await page.evaluate(() => window.connect([]));
    await heard(1);
    for (const socket of endpoint.sockets) socket.close(4001, 'enough');
    await heard(2);
    expect(await events()).toEqual([
      ['open', ''],
      [4001, 'enough', true],
    ]);
  });

  it('goes back to a WebSocket of its own as soon as one gets through, and misses nothing', async () => {
    const box = await visit({});
    await page.evaluate(() => window.connect([], 50));
    await heard(1);
    await carriedBy('stream');
    await page.evaluate(() => {
      let sent = 0;
      const timer = setInterval(() => {
        window.conversation.socket.send(`message ${sent++}`);
        if (sent === 200) clearInterval(timer);
      }, 5);
    });
    await heard(20);
    box.meddling = { upgrades: true };
    await carriedBy('websocket');
    await heard(201);
    expect(await events()).toEqual([['open', ''], ...Array.from({ length: 200 }, (_, i) => `message ${i}`)]);
    expect(endpoint.sockets.size).toBe(1);
    await page.evaluate(() => window.conversation.socket.close());
    await heard(202);
  });
});
