import { describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath, launch } from '../browser/support.ts';
import { type StartProxy, startHaproxy, startNginx } from './support/documented.ts';
import { serve } from './support/endpoint.ts';
import { haproxyPath, nginxPath } from './support/run-proxy.ts';

/** What a page that came over HTTP/2 is answered by its WebSocket, and the status of the handshake. */
async function visit(start: StartProxy): Promise<{ page: string; answer: string; status: number }> {
  const backend = await serve();
  const { origin, url } = await start([backend.port]);
  const browser = await launch();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Network.enable');
  const handshake = new Promise<number>((resolve) => {
    inspector.on('Network.webSocketHandshakeResponseReceived', ({ response }) => resolve(response.status));
  });
  await page.goto(origin);
  const { protocol, answer } = await page.evaluate(async (endpoint) => {
    const socket = new WebSocket(endpoint);
    socket.onopen = () => socket.send('from a page');
    const answer = await new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = ({ code }) => reject(new Error(`It has closed with ${code}`));
    });
    const [navigation] = performance.getEntriesByType('navigation');
    return { protocol: (navigation as PerformanceResourceTiming).nextHopProtocol, answer };
  }, url);
  return { page: protocol, answer, status: await handshake };
}

describe.skipIf(chromiumPath === '')('a page that comes over HTTP/2', () => {
  it.skipIf(nginxPath === '')('has its WebSocket over a connection of HTTP/1.1 through nginx', async () => {
    expect(await visit(startNginx)).toEqual({ page: 'h2', answer: 'from a page', status: 101 });
  });

  it.skipIf(haproxyPath === '')('has its WebSocket over the same connection through HAProxy', async () => {
    expect(await visit(startHaproxy)).toEqual({ page: 'h2', answer: 'from a page', status: 200 });
  });
});
