import { readFile } from 'node:fs/promises';
import { WebSocket } from '@tidewire/client';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessible, axePath, type Inspected, inspect, opened } from './inspector-support.ts';
import { chromiumPath, launch } from './support.ts';

// The inspector's page as people have it: a real server, the proxy in front of it, a client, and Chromium.

let browser: Browser;
let inspected: Inspected;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let client: WebSocket;
let received: unknown[];

beforeAll(async () => {
  if (chromiumPath === '') return;
  [browser, inspected] = await Promise.all([launch(), inspect()]);
});

afterAll(async () => {
  await browser?.close();
  await inspected?.close();
});

beforeEach(async () => {
  if (chromiumPath === '') return;
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript({ path: axePath });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(inspected.page);
  await id('target').waitFor();
  expect(page.url()).not.toContain('key');
  // What the test before has left.
  await id('clear').click();
  await expect.poll(() => id('received').textContent(), soon).toBe('0 received');
  client = await opened(new WebSocket(`${inspected.listens}/echo?room=1`, ['echo.example']));
  received = [];
  client.onmessage = ({ data }) => received.push(data);
});

afterEach(async () => {
  if (chromiumPath === '') return;
  client.close();
  await context.close();
  expect(complaints).toEqual([]);
});

const id = (name: string): Locator => page.getByTestId(name);
const rows = () => id('message-list').locator('tbody tr');
const soon = { timeout: 10_000 };
const count = (wanted: number) => expect.poll(() => rows().count(), soon).toBe(wanted);
const texts = () => id('message-list').locator('tbody .cell-summary').allTextContents();
const connectionRow = () => id('connection-list').locator('tbody tr').nth(1);

describe.skipIf(chromiumPath === '')('the inspector', { timeout: 30_000 }, () => {
  it('shows connections and messages both ways, and all of the one that is chosen', async () => {
    client.send('{"ship":"Ada","cargo":["herring","coal"]}');
    client.send(Uint8Array.of(1, 2, 3, 255));
    await count(4);
    const all = await rows().allTextContents();
    expect(all[0]).toContain('server');
    expect(all.filter((row) => row.includes('client')).length).toBe(2);
    expect(await connectionRow().textContent()).toContain('/echo?room=1');
    expect(await connectionRow().textContent()).toContain('echo.example');
    await rows().first().click();
    const details = id('message-details');
    expect(await details.textContent()).toContain('From the client to the server');
    expect(await details.textContent()).toContain('in one frame, masked');
    expect(await id('json-tree').textContent()).toContain('"herring"');
    await page.getByRole('tab', { name: 'Hex' }).click();
    expect(await id('payload').textContent()).toContain('000000  7b 22 73 68 69 70');
    await page.getByRole('tab', { name: 'Hex' }).press('ArrowLeft');
    expect(await id('payload').textContent()).toBe('{"ship":"Ada","cargo":["herring","coal"]}');
  });

  it('shows the handshake, and how the connection ended', async () => {
    await connectionRow().click();
    const handshake = id('connection-handshake');
    await handshake.waitFor();
    expect(await handshake.textContent()).toContain('GET /echo?room=1 HTTP/1.1');
    expect(await handshake.textContent()).toContain('Status 101');
    client.close(4001, 'that was all');
    await expect.poll(() => id('connection-details').textContent(), soon).toContain('that was all');
    const details = await id('connection-details').textContent();
    expect(details).toContain('4001 Private to the application');
    expect(details).toContain('The client, with the closing handshake');
  });

  it('reads a long message whole when it is looked at', async () => {
    client.send('x'.repeat(9000).concat('END'));
    await count(2);
    await rows().first().click();
    await page.getByRole('tab', { name: 'Text' }).click();
    await expect.poll(() => id('payload').textContent(), soon).toMatch(/^x{9000}END$/);
  });

  it('finds what is far behind the beginning of a message that it has not read', async () => {
    for (const end of ['Ada', 'Grace', 'Linus']) client.send('x'.repeat(20_000).concat(end));
    client.send('Grace');
    await count(8);
    await id('find').fill('(Grace|Linus)$');
    await id('find-pattern').click();
    await expect.poll(() => id('hits').textContent(), soon).toBe('6');
    await id('filter').fill('grace');
    await count(4);
    await expect.poll(() => id('hits').textContent(), soon).toBe('4');
    await id('filter-pattern').click();
    await id('filter').fill('Gr(?=ace)');
    await expect.poll(() => id('filter-problem').textContent(), soon).toContain('Only the beginnings');
    await count(2);
  });

  it('filters by text, regular expression, direction, type and size', async () => {
    for (const text of ['tide 1', 'tide 22', 'ebb 3']) client.send(text);
    client.send(new Uint8Array(100));
    await count(8);
    await id('filter').fill('TIDE');
    await count(4);
    await id('filter-direction').selectOption('toClient');
    await count(2);
    await id('filter-pattern').click();
    // The pointer is still over it.
    const [colour, background] = await id('filter-pattern').evaluate((toggle) => {
      const { color, backgroundColor } = getComputedStyle(toggle);
      return [color, backgroundColor];
    });
    expect(colour).not.toBe(background);
    await id('filter').fill('^tide \\d$');
    await count(1);
    await id('filter').fill('(');
    await expect.poll(() => id('filter-problem').textContent(), soon).toContain('Unterminated group');
    await count(4);
    await id('filter').fill('');
    await id('more-filters').click();
    await page.getByLabel('Binary').check();
    await count(1);
    await page.getByLabel('At most', { exact: true }).fill('50');
    await count(0);
    await page.getByRole('button', { name: 'No filter' }).click();
    await count(8);
  });

  it('finds, marks, and goes from hit to hit', async () => {
    for (const text of ['ship Ada', 'buoy', 'ship Grace']) client.send(text);
    await count(6);
    await page.keyboard.press('/');
    await page.keyboard.type('SHIP');
    await expect.poll(() => id('hits').textContent(), soon).toBe('4');
    expect(await page.locator('mark').allTextContents()).toEqual(['ship', 'ship', 'ship', 'ship']);
    await page.keyboard.press('Enter');
    await expect.poll(() => id('hits').textContent(), soon).toBe('1 of 4');
    await page.keyboard.press('Shift+Enter');
    await expect.poll(() => id('hits').textContent(), soon).toBe('4 of 4');
    await page.keyboard.press('Escape');
    await expect.poll(() => id('message-details').count(), soon).toBe(0);
  });

  it('is walked through by keyboard, and stays at its end unless one leaves that', async () => {
    for (let n = 0; n < 100; n += 1) client.send(`number ${n}`);
    await expect.poll(() => id('received').textContent(), soon).toBe('200 received');
    await expect.poll(async () => (await texts()).at(-1), soon).toBe('number 99');
    await id('message-list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('[aria-selected="true"] .cell-summary').textContent(), soon).toBe('number 0');
    for (let n = 0; n < 2; n += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('PageDown');
    const active = await id('message-list').getAttribute('aria-activedescendant');
    expect(Number(active?.split('-').at(-1))).toBeGreaterThan(5);
    client.send('newest');
    await expect.poll(() => id('received').textContent(), soon).toBe('202 received');
    expect(await texts()).not.toContain('newest');
    await id('follow').click();
    await expect.poll(async () => (await texts()).at(-1), soon).toBe('newest');
  });

  it('stands still while it is paused, and misses nothing', async () => {
    await id('pause').click();
    for (let n = 0; n < 10; n += 1) client.send(`${n}`);
    await expect.poll(() => received.length, soon).toBe(10);
    expect(await rows().count()).toBe(0);
    await id('pause').click();
    await count(20);
    expect(await id('missed').textContent()).toBe('0 missed');
  });

  it('records or not, and clears', async () => {
    client.send('kept');
    await count(2);
    await id('clear').click();
    await count(0);
    await id('record').click();
    await expect.poll(() => id('record').textContent(), soon).toBe('Not recording');
    const other = await opened(new WebSocket(`${inspected.listens}/echo`));
    other.send('unseen');
    await new Promise((resolve) => (other.onmessage = resolve));
    other.close();
    expect(await rows().count()).toBe(0);
    await id('record').click();
    await expect.poll(() => id('record').textContent(), soon).toBe('Recording');
  });

  it('holds a message until it is edited and released, and shows what it was', async () => {
    await id('rules').click();
    await id('rule-direction').selectOption('toServer');
    await id('rule-text').fill('order');
    await id('save-rule').click();
    await expect.poll(() => id('rule-list').textContent(), soon).toContain('Hold messages to the server with “order”');
    await page.keyboard.press('Escape');
    client.send('order 1 herring');
    await id('show-held').click();
    await id('content').fill('order 2 herrings');
    await id('release').click();
    await expect.poll(() => received, soon).toEqual(['order 2 herrings']);
    await expect.poll(() => id('original').textContent(), soon).toContain('order 1 herring');
    client.send('order 3');
    await id('held-bar').waitFor();
    await id('show-held').click();
    await id('drop').click();
    await expect.poll(() => rows().filter({ hasText: 'dropped' }).count(), soon).toBe(1);
    expect(received.length).toBe(1);
    await id('rules').click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => id('rule-list').locator('li').count(), soon).toBe(0);
  });

  it('puts messages in either way, and closes with a code', async () => {
    await connectionRow().click();
    await id('open-inject').click();
    await id('content').fill('from nowhere');
    await id('inject-client').click();
    await expect.poll(() => received, soon).toEqual(['from nowhere']);
    await page.getByLabel('Format').selectOption('hex');
    await id('content').fill('00 ff');
    await id('inject-server').click();
    await expect.poll(() => received.length, soon).toBe(2);
    await expect.poll(() => rows().filter({ hasText: 'injected' }).count(), soon).toBe(2);
    await id('open-end').click();
    await id('end-code').fill('4010');
    const closed = new Promise<number>((resolve) => (client.onclose = ({ code }) => resolve(code)));
    await id('end-close').click();
    expect(await closed).toBe(4010);
    await expect.poll(() => id('connection-details').textContent(), soon).toContain('The inspector');
  });

  it('keeps what it has as a file, and takes it in again', async () => {
    client.send('to be kept');
    await count(2);
    await id('files').click();
    const downloading = page.waitForEvent('download');
    await id('export-all-jsonl').click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^tidewire-.*\.jsonl$/);
    const file = await readFile(await download.path(), 'utf8');
    expect(file).toContain('to be kept');
    await id('file').setInputFiles({ name: 'again.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(file) });
    await count(4);
    await expect.poll(() => id('notice').textContent(), soon).toContain('again.jsonl was added');
    await id('files').click();
    await id('file').setInputFiles({ name: 'broken.har', mimeType: 'application/json', buffer: Buffer.from('{') });
    await expect.poll(() => id('notice').getAttribute('class'), soon).toContain('error');
    await count(4);
  });

  it('leads from screen to screen on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    client.send('hello phone');
    await connectionRow().click();
    await rows().first().click();
    await id('message-details').waitFor();
    await page.getByRole('button', { name: '‹ Messages' }).click();
    await rows().first().waitFor();
    await page.getByRole('button', { name: '‹ Connections' }).click();
    await connectionRow().waitFor();
    const { scroll, client: width } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      client: document.documentElement.clientWidth,
    }));
    expect(scroll).toBe(width);
  });

  it('keeps nobody out, as far as axe can tell', { timeout: 60_000 }, async () => {
    client.send('{"ship":"Ada"}');
    await count(2);
    await accessible(page, 'all connections');
    await connectionRow().click();
    await id('open-inject').click();
    await accessible(page, 'a connection');
    await rows().first().click();
    await id('find').fill('ada');
    await accessible(page, 'a message');
    for (const dialog of ['rules', 'files', 'help']) {
      await id(dialog).click();
      await accessible(page, dialog);
      await page.keyboard.press('Escape');
    }
  });
});
