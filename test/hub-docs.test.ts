import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cli } from '../packages/tidewire/test/support.ts';
import { chromiumPath, launch } from './browser/support.ts';

// What docs/hub.md shows beside its `ts` blocks is run, too: its page in a browser, and its requests against a service with its
// configuration. Port 8080 stands for the one of that service; `…` for what is not the same each time.

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('docs/hub.md', root), 'utf8');

/** The blocks in a language. */
function blocks(language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code);
}

/** A service until the test has finished. Returns its port. */
async function serve(...words: string[]): Promise<number> {
  const cli = new Cli(['serve', '--port', '0', '--log-level', 'warn', ...words]);
  const [, port] = await cli.shows(/^ +hub +ws:\/\/127\.0\.0\.1:(\d+)\//m);
  return Number(port);
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

it.skipIf(!hasCurl)('the requests of docs/hub.md are answered as it says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tidewire.yaml');
  writeFileSync(file, blocks('yaml').find((code) => code.startsWith('# tidewire.yaml')) ?? '');
  const port = await serve('--config', file);
  const examples = blocks('console').flatMap((code) => code.split(/^\$ /m).slice(1));
  expect(examples.length).toBeGreaterThan(5);
  for (const example of examples) {
    const [command = '', ...output] = example.replaceAll('8080', String(port)).split('\n');
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { timeout: 10_000 });
    const pattern = output
      .join('\n')
      .trim()
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('…', '.*');
    expect.soft(stdout.trim(), command).toMatch(new RegExp(`^${pattern}$`));
  }
});

describe.skipIf(chromiumPath === '')('the page of docs/hub.md', () => {
  /** A window on the page. */
  async function open(browser: Browser, origin: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    // What a CDN would give.
    await page.route('https://unpkg.com/centrifuge@5/**', (route) =>
      route.fulfill({
        path: new URL(`node_modules/centrifuge/${route.request().url().split('centrifuge@5/')[1]}`, root).pathname,
      }),
    );
    await page.goto(origin);
    return page;
  }

  const lines = (page: Page) => page.locator('li').allTextContents();
  const say = async (page: Page, words: string) => {
    await page.getByPlaceholder('Say something').fill(words);
    await page.keyboard.press('Enter');
  };

  it('shows in one window what another one says, and after a reload what was said', { timeout: 60_000 }, async () => {
    let html = '';
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(html);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    html = (blocks('html')[0] ?? '').replaceAll('8080', String(await serve('--origin', origin)));
    const browser = await launch();
    onTestFinished(async () => {
      await browser.close();
      server.close();
    });
    const [ann, bob] = [await open(browser, origin), await open(browser, origin)];
    await expect
      .poll(
        async () => {
          await say(ann, 'hello');
          return (await lines(bob))[0];
        },
        { timeout: 15_000 },
      )
      .toBe('hello');
    await say(bob, '<b>hi</b>');
    await expect.poll(async () => (await lines(ann))[0], { timeout: 15_000 }).toBe('<b>hi</b>');
    const before = await lines(ann);
    await ann.reload();
    await expect.poll(() => lines(ann), { timeout: 15_000 }).toEqual(before);
    await bob.context().setOffline(true);
    await say(ann, 'are you there?');
    await bob.context().setOffline(false);
    await expect.poll(() => lines(bob), { timeout: 15_000 }).toEqual(['are you there?', ...before]);
  });
});
