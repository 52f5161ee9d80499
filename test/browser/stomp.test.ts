import { once } from 'node:events';
import { createServer } from 'node:http';
import { Gateway } from '@tidewire/gateway';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { RabbitServer } from '../servers/rabbitmq.ts';
import { bundle, chromiumPath, launch } from './support.ts';

// @stomp/stompjs in Chromium, over a gateway, to a real RabbitMQ.

const rabbitPath = inject('rabbitmq-server');
const isMissing = chromiumPath === '' || rabbitPath === '';
let browser: Browser;
let rabbit: RabbitServer;
let page: string;

beforeAll(async () => {
  if (isMissing) return;
  [browser, rabbit, page] = await Promise.all([launch(), RabbitServer.start(rabbitPath), bundle('stomp-entry.ts')]);
}, 120_000);

afterAll(async () => {
  await Promise.all([browser?.close(), rabbit?.close()]);
});

describe.skipIf(isMissing)('STOMP from a page', () => {
  async function open(origins: readonly string[]) {
    const gateway = new Gateway({ targets: [{ name: 'stomp', host: '127.0.0.1', port: rabbit.ports.stomp }], origins });
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><script type="module">${page}</script>`);
    });
    gateway.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    onTestFinished(async () => {
      await gateway.close({ timeout: 200 });
      server.close();
      server.closeAllConnections();
    });
    return { gateway, port };
  }

  test('goes both ways, with characters of all lengths, and a large message', async () => {
    const { port, gateway } = await open([]);
    const tab = await browser.newPage();
    onTestFinished(() => tab.close());
    await tab.goto(`http://127.0.0.1:${port}/`);
    const large = '€'.repeat(500_000);
    const bodies = ['one', 'zwölf €', '😀', large];
    const received = await tab.evaluate(([url, sent]) => window.roundTrip(url, sent), [
      `ws://127.0.0.1:${port}/stomp`,
      bodies,
    ] as const);
    expect(received).toEqual(bodies);
    expect([...gateway.connections].map(({ subprotocol }) => subprotocol)).toEqual(['v12.stomp']);
  });

  test('does not come about from a page of another origin', async () => {
    const [here, there] = await Promise.all([open([]), open([])]);
    const tab = await browser.newPage();
    onTestFinished(() => tab.close());
    await tab.goto(`http://127.0.0.1:${here.port}/`);
    const attempt = tab.evaluate(([url]) => window.roundTrip(url, ['never']), [
      `ws://127.0.0.1:${there.port}/stomp`,
    ] as const);
    await expect(attempt).rejects.toThrow('closed with 1006');
    expect(there.gateway.connectionCount).toBe(0);
  });
});
