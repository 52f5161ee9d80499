import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type UpgradeRequest, WebSocketEndpoint } from '@tidewire/server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { chromiumPath, launch } from './support.ts';

describe.skipIf(chromiumPath === '')('Chromium over HTTP/2', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let server: Http2SecureServer;
  let base: string;
  let requests: UpgradeRequest[];
  let connections: TLSSocket[];
  let sessions: ServerHttp2Session[];
  let pages: string[];

  beforeEach(async () => {
    [requests, connections, sessions, pages] = [[], [], [], []];
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
      pages.push(`${request.httpVersion} ${request.socket.remotePort}`);
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>over HTTP/2</title>');
    });
    server.on('secureConnection', (socket: TLSSocket) => connections.push(socket));
    server.on('session', (session) => sessions.push(session));
    const endpoint = new WebSocketEndpoint<UpgradeRequest>({
      upgrade(request) {
        requests.push(request);
        return { data: request };
      },
      message: (socket, message) => socket.send(`${socket.url} ${String(message)}`),
    });
    endpoint.attach(server, { path: /^\/echo\// });
    server.listen(0);
    await once(server, 'listening');
    base = `localhost:${(server.address() as AddressInfo).port}`;
    browser = await launch();
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    await page.goto(`https://${base}/`);
  });

  afterEach(async () => {
    await browser?.close();
    server?.close();
    for (const socket of connections ?? []) socket.destroy();
  });

  /** What comes back on each of some WebSockets that a page has open at the same time, and how each is closed. */
  function converse(paths: string[]) {
    return page.evaluate(
      async ({ base, paths }) => {
        const sockets = paths.map((path) => new WebSocket(`wss://${base}${path}`));
        const heard = (socket: WebSocket, type: string) =>
          new Promise<Event>((resolve, reject) => {
            socket.addEventListener(type, resolve);
            socket.addEventListener('error', () => reject(new Error(`${socket.url} failed`)));
          });
        await Promise.all(sockets.map((socket) => heard(socket, 'open')));
        const answers = sockets.map((socket) => heard(socket, 'message') as Promise<MessageEvent>);
        for (const socket of sockets) socket.send('x'.repeat(100_000));
        const messages = (await Promise.all(answers)).map(({ data }) => `${data.slice(0, 12)} ${data.length}`);
        const ends = sockets.map((socket) => heard(socket, 'close') as Promise<CloseEvent>);
        for (const socket of sockets) socket.close(4000, 'done');
        const closes = (await Promise.all(ends)).map(({ code, wasClean }) => `${code} ${wasClean}`);
        return { messages, closes };
      },
      { base, paths },
    );
  }

  it('has two WebSockets and the page on one connection', async () => {
    const { messages, closes } = await converse(['/echo/one', '/echo/two']);
    expect(messages.sort()).toEqual(['/echo/one xx 100010', '/echo/two xx 100010']);
    expect(closes).toEqual(['4000 true', '4000 true']);
    // From the server's side: both came over HTTP/2, from the port that the page came from, and there is one session.
    expect(requests.map(({ incoming }) => incoming.httpVersion)).toEqual(['2.0', '2.0']);
    expect(sessions).toHaveLength(1);
    const port = requests[0]?.incoming.socket.remotePort;
    expect(port).toBeGreaterThan(0);
    expect(requests[1]?.incoming.socket.remotePort).toBe(port);
    expect(pages).toContain(`2.0 ${port}`);
    expect(connections.filter(({ alpnProtocol }) => alpnProtocol === 'http/1.1')).toEqual([]);
  });

  it('goes to another library on the same server over HTTP/1.1', async () => {
    const other = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/other') return;
      other.handleUpgrade(request, socket, head, (peer) => {
        peer.on('message', (data) => peer.send(`${request.httpVersion} ${data}`));
      });
    });
    const { messages } = await converse(['/other']);
    expect(messages).toEqual(['1.1 xxxxxxxx 100004']);
  });
});
