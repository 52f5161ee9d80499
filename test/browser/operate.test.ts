import { createHmac } from 'node:crypto';
import { WebSocket } from '@tidewire/client';
import { MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { Centrifuge } from 'centrifuge';
import type { Browser, Page } from 'playwright-core';
import type { Service } from 'tidewire';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { axePath, check } from './axe.ts';
import { KEY, logIn, serve, type Visit, visit } from './console-support.ts';
import { chromiumPath, launch } from './support.ts';

// What the pages for operators show of a service of two nodes, and what they do to real clients.

const WATCHER = 'a-key-that-may-only-watch';
const SECRET = 'a secret of thirty-two bytes or more';
const soon = { timeout: 15_000 };

interface Cluster {
  readonly one: Service;
  readonly other: Service;
  readonly network: MemoryNetwork;
  /** The names of the nodes. */
  readonly ids: { readonly one: string; readonly other: string };
  api(operation: string, request?: object): Promise<unknown>;
}

async function cluster(): Promise<Cluster> {
  const network = new MemoryNetwork();
  const start = () => {
    return serve({
      api: {
        keys: [
          { name: 'ops', key: KEY },
          { name: 'watcher', key: WATCHER, operations: ['stats', 'channels', 'history', 'presence', 'presence_stats'] },
        ],
      },
      hub: {
        engine: new MemoryEngine({ network }),
        permissions: { tokens: { secrets: [SECRET] }, isAnonymousAllowed: true },
        namespaces: {
          chat: { subscribe: 'everyone', history: { size: 100, ttl: 3_600_000 }, presence: true },
        },
      },
    });
  };
  const one = await start();
  const api = async (operation: string, request: object = {}) => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(request) };
    return (await fetch(`http://127.0.0.1:${one.port}/api/${operation}`, init)).json();
  };
  const idOfOne: string = Object(await api('info')).nodes[0].id;
  const other = await start();
  const nodes: readonly { readonly id: string }[] = Object(await api('info')).nodes;
  const idOfOther = nodes.find(({ id }) => id !== idOfOne)?.id ?? '';
  return { one, other, network, ids: { one: idOfOne, other: idOfOther }, api };
}

interface Client {
  readonly id: string;
  readonly data: unknown[];
  /** Why it was disconnected, and unsubscribed, each time. */
  readonly ends: string[];
}

/** A client of the SDK, in `chat:lobby`. */
async function connect({ port }: Service, user = ''): Promise<Client> {
  const options = user === '' ? {} : { token: token(user) };
  const client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, { websocket: WebSocket, ...options });
  onTestFinished(() => client.disconnect());
  const data: unknown[] = [];
  const ends: string[] = [];
  let id = '';
  client.on('connected', (context) => {
    id = context.client;
  });
  client.on('disconnected', ({ code, reason }) => ends.push(`${code} ${reason}`));
  const lobby = client.newSubscription('chat:lobby');
  lobby.on('publication', (publication) => data.push(publication.data));
  lobby.on('unsubscribed', ({ code }) => ends.push(`out of the lobby ${code}`));
  lobby.subscribe();
  client.connect();
  await lobby.ready(10_000);
  return { id, data, ends };
}

function token(user: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

describe.skipIf(chromiumPath === '')('who runs the service', { timeout: 120_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function enter(service: Service, path: string): Promise<Visit> {
    const window = await visit(browser, service, { reducedMotion: 'reduce' });
    await window.page.context().addInitScript({ path: axePath });
    await logIn(window, path);
    return window;
  }

  it('watches the nodes: what they do, and that one does not answer, and is gone', async () => {
    const { one, other, network, ids, api } = await cluster();
    await connect(one);
    await connect(other);
    const { page, id, complaints } = await enter(one, '/console');
    await expect.poll(() => id('numbers').getByTestId('Connections').textContent(), soon).toBe('2');
    await expect.poll(() => id('standing').textContent(), soon).toBe('All nodes answer and are ready.');
    const before = await picture(page, 'messages');
    const publishing = setInterval(() => void api('publish', { channel: 'chat:lobby', data: 'tick' }), 100);
    onTestFinished(() => clearInterval(publishing));
    await expect.poll(() => id('figure-messages').getByTestId('deliveries').textContent(), soon).toMatch(/^[1-9]/);
    await expect.poll(() => id('figure-delivery').getByTestId('99 %').textContent(), soon).toMatch(/s$/);
    await expect.poll(() => picture(page, 'messages'), soon).not.toBe(before);
    await id('node-select').selectOption(ids.other);
    await expect.poll(() => id('numbers').getByTestId('Connections').textContent(), soon).toBe('1');

    network.cut(ids.other);
    await expect.poll(() => id(`node-${ids.other}`).textContent(), soon).toContain('No answer');
    await expect.poll(() => id('standing').textContent(), soon).toContain('does not answer');
    network.mend(ids.other);
    await expect.poll(() => id(`node-${ids.other}`).textContent(), soon).toContain('Ready');
    await other.stop(0);
    await expect.poll(() => id(`node-${ids.other}`).textContent(), soon).toContain('Gone');
    await expect.poll(() => id('standing').textContent(), soon).toContain('has gone');
    await check(page, 'overview with a node that has gone');
    expect(complaints).toEqual([]);
  });

  it('looks into a channel: publishes, follows, empties its history, takes somebody out', async () => {
    const { one, other, api } = await cluster();
    const ann = await connect(other, 'ann');
    const { page, id, isAt, complaints } = await enter(one, '/console/channels');
    await id('pattern').fill('chat:l');
    await id('search').click();
    await id('channels').getByRole('link', { name: 'chat:lobby' }).click();
    await isAt('/console/channels?channel=chat%3Alobby');
    await expect.poll(() => id('counts').textContent(), soon).toBe('1 connection of 1 user');

    await id('draft').fill('{ "text": ');
    await expect.poll(() => id('draft-fault').textContent(), soon).toContain('no JSON');
    expect(await id('publish').isDisabled()).toBe(true);
    await id('draft').fill('{ "text": "from the page" }');
    await id('publish').click();
    await expect.poll(() => id('published').textContent(), soon).toContain('Published at 1');
    await expect.poll(() => ann.data, soon).toEqual([{ text: 'from the page' }]);
    await expect.poll(() => id('publication-1').textContent(), soon).toContain('"from the page"');
    await api('publish', { channel: 'chat:lobby', data: { deep: { er: [1, 2, 3] } } });
    await expect.poll(() => id('publication-2').textContent(), soon).toContain('er');
    await check(page, 'a channel');

    await id('remove-history').click();
    await id('confirm').click();
    await page.getByText('Nothing is kept.').waitFor();
    expect(Object(await api('history', { channel: 'chat:lobby' })).publications).toEqual([]);

    await id(`member-${ann.id}`).getByRole('button', { name: 'Unsubscribe' }).click();
    await id('confirm').click();
    await expect.poll(() => ann.ends, soon).toEqual(['out of the lobby 2000']);
    await page.getByText('Nobody.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('finds connections, looks into one, and sends it, or all of a user, away', async () => {
    const { one, other } = await cluster();
    const ann = [await connect(one, 'ann'), await connect(other, 'ann'), await connect(other, 'ann')];
    const ben = await connect(one, 'ben');
    const { page, id, complaints } = await enter(one, '/console/connections');
    const rows = () => id('connections').locator('tbody tr').count();
    await expect.poll(rows, soon).toBe(4);
    await id('user').fill('ann');
    await page.keyboard.press('Enter');
    await expect.poll(rows, soon).toBe(3);

    const [first, second, third] = ann;
    await page.getByRole('button', { name: `Details of ${second?.id}` }).click();
    const dialog = page.getByRole('dialog', { name: 'Connection' });
    await dialog.getByRole('link', { name: 'chat:lobby' }).waitFor();
    await id('disconnect').click();
    await id('farewell').selectOption('own');
    await id('code').fill('999');
    expect(await id('confirm').isDisabled()).toBe(true);
    await id('code').fill('4711');
    await id('reason').fill('for the test');
    await check(page, 'asked whether it is to be disconnected');
    await id('confirm').click();
    await expect.poll(() => second?.ends[0], soon).toBe('4711 for the test');
    await dialog.getByText('It is disconnected.').waitFor();
    expect([first?.ends, third?.ends, ben.ends]).toEqual([[], [], []]);

    await id('disconnect-user').click();
    // Escape means no, and leaves what is below open.
    await id('confirm').waitFor();
    await page.keyboard.press('Escape');
    await id('confirm').waitFor({ state: 'detached' });
    await id('disconnect-user').click();
    await id('confirm').click();
    await expect.poll(() => first?.ends[0], soon).toBe('3503 force disconnect');
    await expect.poll(() => third?.ends[0], soon).toBe('3503 force disconnect');
    expect(ben.ends).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('Nobody is here that this fits.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('is shown what the key is not for, in place of failing', async () => {
    const { one } = await cluster();
    await connect(one);
    const window = await visit(browser, one);
    const { page, id, go, isAt, complaints } = window;
    const path = '/console/channels?channel=chat%3Alobby';
    await go(`/console/login?to=${encodeURIComponent(path)}#key=${WATCHER}`);
    await isAt(path);
    await id('not-allowed-publish').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Disconnect' }).isDisabled(), soon).toBe(true);
    expect(await id('remove-history').isDisabled()).toBe(true);
    await go('/console/connections');
    await id('not-allowed-connections').waitFor();
    await go('/console');
    await expect.poll(() => id('numbers').getByTestId('Connections').textContent(), soon).toBe('1');
    expect(complaints).toEqual([]);
  });
});

/** What a plot shows. */
function picture(page: Page, figure: string): Promise<string> {
  return page
    .getByTestId(`figure-${figure}`)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}
