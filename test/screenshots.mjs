// Takes the pictures of the pages for the documentation, docs/images/*.png, with a service of its own on which something goes on:
//
//   npm run build && node test/screenshots.mjs            all of them
//   node test/screenshots.mjs chat race                   these
//
// CHROMIUM is the path of a Chromium; default /usr/bin/chromium.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startService } from 'tidewire';
import { liven } from './screenshots/life.mjs';
import { shots } from './screenshots/shots.mjs';
import { smaller } from './screenshots/smaller.mjs';

const KEY = 'a-key-for-the-pictures';
const SECRET = 'a secret that signs the tokens of users';

/** In bytes: people load them with the page. */
const LARGEST = 150_000;

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
const asked = process.argv.slice(2);
const wanted = shots.filter(({ name }) => asked.length === 0 || asked.includes(name));

const service = await startService({
  port: 0,
  api: { keys: [{ name: 'ops', key: KEY }] },
  hub: {
    permissions: { isAnonymousAllowed: true, tokens: { secrets: [SECRET] } },
    namespaces: {
      order: { subscribe: 'everyone', publish: 'subscribers', presence: true, history: { size: 50, ttl: 3_600_000 } },
      ticker: { subscribe: 'everyone', publish: 'subscribers', slowConsumer: 'conflate' },
      support: {
        subscribe: 'everyone',
        publish: 'subscribers',
        presence: true,
        history: { size: 100, ttl: 3_600_000 },
      },
    },
  },
});
const base = `http://localhost:${service.port}`;
const life = wanted.some(({ needsLife }) => needsLife) ? await liven(service.port, KEY, SECRET) : undefined;
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: asRoot });

mkdirSync(folder, { recursive: true });
let isTooLarge = false;
for (const shot of wanted) {
  const { name, path, colorScheme = 'light', viewport = { width: 1280, height: 800 } } = shot;
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce', locale: 'en-GB' });
  const page = await context.newPage();
  if (path.startsWith('/console') && path !== '/console/login') {
    await page.goto(`${base}/console/login?to=${encodeURIComponent(path)}#key=${KEY}`);
    await page.waitForURL(base + path);
  } else await page.goto(base + path);
  await page.locator('.page-links').first().waitFor({ state: 'attached' });
  await shot.prepare?.(page, { browser });
  const png = smaller(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  writeFileSync(`${folder}${name}.png`, png);
  isTooLarge ||= png.length > LARGEST;
  process.stdout.write(`${name}.png ${png.length} B${png.length > LARGEST ? ': too large' : ''}\n`);
  for (const each of browser.contexts()) await each.close();
}
await browser.close();
life?.stop();
await service.stop(0);
process.exitCode = isTooLarge ? 1 : 0;
