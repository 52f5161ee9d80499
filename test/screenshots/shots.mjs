// Which pictures there are, and what is done on a page before it is taken.

import { openHarbour } from './harbour.mjs';
import { openLoadReport } from './load-report.mjs';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {{ browser: import('playwright-core').Browser }} Place
 * @typedef {object} Shot
 * @property {string} name of the file
 * @property {string} path of the page
 * @property {'dark' | 'light'} [colorScheme]
 * @property {{ width: number, height: number }} [viewport]
 * @property {boolean} [needsLife] whether there have to be clients of the hub
 * @property {(page: Page, place: Place) => Promise<void>} [prepare]
 */

const phone = { width: 390, height: 800 };

/** For plots to have a shape, in milliseconds. */
const A_WHILE = 45_000;

/** @type {readonly Shot[]} */
export const shots = [
  { name: 'home', path: '/' },
  { name: 'login', path: '/console/login', prepare: (page) => page.getByTestId('key').fill('a-long-random-key') },
  { name: 'echo', path: '/echo', prepare: echo },
  { name: 'chat', path: '/chat', prepare: chat },
  { name: 'chat-phone', path: '/chat#harbour', viewport: phone, colorScheme: 'dark', prepare: chat },
  {
    name: 'race',
    path: '/race',
    viewport: { width: 1280, height: 870 },
    prepare: (page) => page.waitForTimeout(16_000),
  },
  { name: 'overview', path: '/console', needsLife: true, prepare: plot },
  { name: 'overview-phone', path: '/console', viewport: phone, colorScheme: 'dark', needsLife: true, prepare: plot },
  { name: 'channels', path: '/console/channels', needsLife: true, prepare: settle },
  { name: 'channel', path: '/console/channels?channel=order:4703', needsLife: true, prepare: settle },
  { name: 'connections', path: '/console/connections', needsLife: true, prepare: settle },
  { name: 'inspector', path: '/', prepare: inspector },
  { name: 'load-report', path: '/', viewport: { width: 1280, height: 1000 }, prepare: openLoadReport },
];

/**
 * The page of `tidewire inspect`, which has a server of its own.
 * @param {Page} page
 */
async function inspector(page) {
  const harbour = await openHarbour();
  await page.goto(harbour.page);
  page.once('close', () => void harbour.stop());
  await page.waitForTimeout(A_WHILE);
  await page.locator('#message-list tr', { hasText: 'chat message' }).last().click();
  await page.getByTestId('json-tree').waitFor();
}

/** @param {Page} page */
async function plot(page) {
  await page.waitForTimeout(A_WHILE);
}

/** @param {Page} page */
async function settle(page) {
  await page.waitForTimeout(3000);
}

/** @param {Page} page */
async function echo(page) {
  const id = page.getByTestId.bind(page);
  await id('protocols').fill('v1.chat');
  await id('connect').click();
  const said = ['Hello, tide', '{"subscribe":"lobby","since":42}'];
  for (const [index, text] of said.entries()) {
    await id('message').fill(text);
    await id('send').click();
    await id('message-received').nth(index).waitFor();
  }
  await id('binary').check();
  await id('message').fill('cafe babe 0000 0037 0a54 6964 6577 6972 65');
  await id('send').click();
  await id('message-received').nth(2).waitFor();
  await id('binary').uncheck();
}

/**
 * @param {Page} page
 * @param {Place} place
 */
async function chat(page, { browser }) {
  const join = async (/** @type {Page} */ window, /** @type {string} */ name) => {
    await window.getByTestId('name').fill(name);
    await window.getByTestId('join').click();
    await window.getByTestId('message').waitFor();
  };
  const say = async (/** @type {Page} */ window, /** @type {string} */ text) => {
    await window.getByTestId('message').fill(text);
    await window.getByTestId('send').click();
    await page.getByText(text, { exact: true }).waitFor();
  };
  const others = [];
  for (const name of ['Grace', 'Linus']) {
    const window = await (await browser.newContext()).newPage();
    await window.goto(page.url());
    await join(window, name);
    others.push(window);
  }
  const [grace = page, linus = page] = others;
  await join(page, 'Ada');
  await say(page, 'Good morning! Is anybody awake?');
  await say(grace, 'Just came in. The tide is higher than yesterday.');
  await grace.locator('input[type=file]').setInputFiles({
    name: 'sunrise.png',
    mimeType: 'image/png',
    buffer: await sunrise(grace),
  });
  await page.getByText('sunrise.png').waitFor();
  await say(grace, 'This is it, ten minutes ago.');
  await say(linus, 'I should get up earlier.');
  await say(page, 'Beautiful.');
  await grace.getByTestId('message').pressSequentially('Tomo');
  await page.getByText('Grace is typing…').waitFor();
}

/**
 * A picture in few colours, so that a picture of it is small.
 * @param {Page} page
 */
async function sunrise(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 260 });
    const draw = canvas.getContext('2d');
    if (draw === null) return '';
    for (const [index, colour] of ['#f7b267', '#f79d65', '#f4845f', '#f27059'].entries()) {
      draw.fillStyle = colour;
      draw.fillRect(0, index * 38, 480, 60);
    }
    draw.fillStyle = '#ffe8b8';
    draw.arc(330, 112, 36, 0, 7);
    draw.fill();
    for (const [index, colour] of ['#0b6b8a', '#095a75', '#074a60', '#06394a'].entries()) {
      draw.fillStyle = colour;
      draw.beginPath();
      draw.moveTo(0, 260);
      for (let x = 0; x <= 480; x += 4) draw.lineTo(x, 152 + index * 27 + 6 * Math.sin(x / 34 + index * 2));
      draw.lineTo(480, 260);
      draw.fill();
    }
    return canvas.toDataURL('image/png');
  });
  return Buffer.from(url.split(',')[1] ?? '', 'base64');
}
