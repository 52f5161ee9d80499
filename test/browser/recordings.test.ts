import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecording, toHar } from '@tidewire/inspector/recording';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Peer, run } from '../../packages/tidewire/test/support.ts';
import { logIn, serve, visit } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

// What a real browser has recorded, and what a real service shows of itself.

describe.skipIf(chromiumPath === '')('in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('a HAR of its WebSockets is read, written again without loss, and sent again', async () => {
    const { port } = await serve();
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-har-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'session.har');
    const context = await browser.newContext({ recordHar: { path, content: 'embed' } });
    const page = await context.newPage();
    await page.goto(`http://localhost:${port}/echo`);
    await page.evaluate(async (url) => {
      const socket = new WebSocket(url, ['v1']);
      socket.binaryType = 'arraybuffer';
      const next = () => new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      for (const message of ['Grüße', Uint8Array.of(0, 1, 254)]) {
        const answer = next();
        socket.send(message);
        await answer;
      }
      socket.close(4000, 'bye');
      await new Promise((resolve) => socket.addEventListener('close', resolve));
    }, `ws://localhost:${port}/echo`);
    await context.close();

    const recording = readRecording(readFileSync(path, 'utf8'));
    expect(recording.skipped).toBeGreaterThan(0);
    const [connection, ...others] = recording.connections.filter(({ url }) => url.endsWith('/echo'));
    expect(others).toEqual([]);
    expect(connection).toMatchObject({ response: { status: 101 }, subprotocol: 'v1' });
    expect(Math.abs((connection?.openedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    const said = recording.messages.filter((message) => message.connection === connection?.id);
    expect(said.map(({ direction, data }) => [direction, data])).toEqual([
      ['toServer', 'Grüße'],
      ['toClient', 'Grüße'],
      ['toServer', Uint8Array.of(0, 1, 254)],
      ['toClient', Uint8Array.of(0, 1, 254)],
    ]);
    expect(Math.abs((said[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);

    const own = toHar(recording, '1.0.0');
    const { connections, messages } = readRecording(own);
    expect({ connections, messages }).toEqual({ connections: recording.connections, messages: recording.messages });
    writeFileSync(path, own);
    const only = ['--connection', String(connection?.id), '--compare', '--speed', 'max'];
    const { code, stdout } = await run(['replay', path, `ws://127.0.0.1:${port}/echo`, ...only]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('All was as recorded')]);
  });

  it('who has logged in to a service sees what goes over its WebSockets', async () => {
    const service = await serve({ inspector: {} });
    const window = await visit(browser, service);
    await logIn(window, '/console/inspector');
    const peer = await Peer.open(`ws://127.0.0.1:${service.port}/echo?token=abc`);
    peer.socket.send('{"token":"abc","say":"hello"}');
    await peer.next();
    const row = window.page.locator('tr.message').first();
    await row.waitFor();
    expect(await row.textContent()).toContain('"say":"hello"');
    expect(await window.page.locator('body').textContent()).not.toContain('abc');
    expect(window.complaints).toEqual([]);
  });
});
