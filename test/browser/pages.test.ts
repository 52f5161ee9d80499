import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from './support.ts';

let browser: Browser;
let service: Service;
let base: string;

beforeAll(async () => {
  if (chromiumPath === '') return;
  browser = await launch();
  service = await startService({ port: 0 });
  base = service.urls.pages ?? '';
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

/** A window on a page of the service, which must not complain of anything. */
async function visit(path: string, options: Parameters<Browser['newContext']>[0] = {}, from = base): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(new URL(path, from).href);
  return { context, page, complaints, id: (name) => page.getByTestId(name) };
}

interface Visit {
  context: BrowserContext;
  page: Page;
  complaints: string[];
  id: (name: string) => Locator;
}

/** Waits until `read` gives `wanted`. */
const eventually = <T>(read: () => Promise<T>, wanted: T) => expect.poll(read, { timeout: 10_000 }).toEqual(wanted);

const aPixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Drags a file over the page and lets it go. */
async function drop(page: Page, file: { name: string; type: string; bytes: number[] }): Promise<void> {
  const transfer = await page.evaluateHandle(({ name, type, bytes }) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    return data;
  }, file);
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', event, { dataTransfer: transfer });
}

describe.skipIf(chromiumPath === '')('the echo page', () => {
  it('sends text, binary and an image, shows the handshake, and says how it ended', async () => {
    const { context, complaints, id, page } = await visit('/echo');
    await eventually(() => id('state').textContent(), 'CLOSED');
    await id('protocols').fill('tide');
    await id('connect').click();
    await eventually(() => id('state').textContent(), 'OPEN');

    await id('message').fill('Hello <b>tide</b> 🌊');
    await id('send').click();
    await eventually(() => id('message-received').count(), 1);
    expect(await id('message-received').first().textContent()).toContain('Hello <b>tide</b> 🌊');
    expect(await id('message-received').first().textContent()).toMatch(/received[\s\S]*\d\d:\d\d:\d\d\.\d{3}/);
    expect(await id('message-sent').first().textContent()).toMatch(/sent[\s\S]*\d\d:\d\d:\d\d\.\d{3}/);

    await id('binary').check();
    await id('message').fill('00 ff 41');
    await id('send').click();
    await eventually(() => id('message-received').count(), 2);
    expect(await id('message-received').nth(1).textContent()).toMatch(/binary[\s\S]*3 B/);

    await id('file').setInputFiles({ name: 'pixel.png', mimeType: 'image/png', buffer: aPixel });
    await eventually(() => id('message-received').nth(2).locator('img').count(), 1);
    const drawn = () =>
      id('message-received')
        .nth(2)
        .locator('img')
        .evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await eventually(drawn, 1);

    await drop(page, { name: 'dropped.png', type: 'image/png', bytes: [...aPixel] });
    await eventually(() => id('message-received').nth(3).locator('img').count(), 1);
    await drop(page, { name: 'dropped.bin', type: 'application/octet-stream', bytes: [0xde, 0xad, 0xbe, 0xef] });
    await eventually(() => id('message-received').count(), 5);
    expect(await id('message-received').nth(4).textContent()).toContain('de ad be ef');

    const request = await id('handshake-request').textContent();
    expect(request).toMatch(/Sec-WebSocket-Version\s*13/i);
    expect(await id('handshake-response').textContent()).toMatch(/Sec-WebSocket-Protocol\s*tide/i);

    await id('close-with-code').fill('4001');
    await id('close-with-reason').fill('enough');
    await id('close').click();
    await eventually(() => id('close-code').textContent(), '4001');
    expect(await id('was-clean').textContent()).toBe('yes');
    expect(await id('state').textContent()).toBe('CLOSED');
    expect(await page.title()).toContain('Tidewire');
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.skipIf(chromiumPath === '')('the echo page over TLS', () => {
  it('connects over HTTP/2, and shows that handshake', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const secure = await startService({ port: 0, tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
    try {
      const { context, page, id } = await visit('/echo', { ignoreHTTPSErrors: true }, secure.urls.pages);
      await id('connect').click();
      await eventually(() => id('state').textContent(), 'OPEN');
      await id('message').fill('hello');
      await id('send').click();
      await eventually(() => id('message-received').count(), 1);
      const request = await id('handshake-request').textContent();
      expect(request).toMatch(/CONNECT \/echo\?handshake=[0-9a-f]+ HTTP\/2\.0/);
      expect(request).toMatch(/:protocol\s*websocket/);
      expect(await id('handshake-response').textContent()).toContain('Status 200');
      await id('close').click();
      await eventually(() => id('close-code').textContent(), '1000');
      await page.close();
      await context.close();
    } finally {
      await secure.stop();
    }
  });
});

describe.skipIf(chromiumPath === '')('the chat page', () => {
  const enter = async (name: string, options?: Parameters<Browser['newContext']>[0]) => {
    const window = await visit('/chat', options);
    await window.id('name').fill(name);
    await window.id('join').click();
    await eventually(() => window.id('state').textContent(), 'OPEN');
    await window.id('message').waitFor();
    return window;
  };

  it.each([
    ['light', 1280],
    ['light', 390],
    ['dark', 1280],
    ['dark', 390],
  ] as const)('fits its window: %s, %i pixels wide', async (colorScheme, width) => {
    const window = await enter('Ann', { colorScheme, viewport: { width, height: 800 } });
    const overflow = () => window.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    for (const path of ['/', '/echo']) {
      await window.page.goto(new URL(path, base).href);
      await window.page.getByRole('heading').first().waitFor();
      expect(await overflow()).toBeLessThanOrEqual(0);
    }
    await window.context.close();
  });
});
