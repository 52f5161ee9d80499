import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { Cli } from '../../packages/tidewire/test/support.ts';
import type { Plan } from './centrifuge-entry.ts';
import { bundle, launch } from './support.ts';

// Pages with the SDK in Chromium, from a server of their own, as those of an application are; and what they connect to: the
// service as people start it.

const SECRET = 'a secret of thirty-two bytes or more';
const KEY = 'a-key-for-the-tests-of-the-browser';

/** A token that lets a user in. @param ttl seconds; left out: it is good for ever */
export function token(user: string, ttl?: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expiry = ttl === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + ttl };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, ...expiry })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** The web server of an application: a page with the SDK, and `/token?user=…&ttl=…`. */
export class Application {
  readonly origin: string;
  /** Tokens that it has given. */
  tokens = 0;
  readonly #browser: Browser;
  readonly #stop: () => Promise<void>;

  static async start(): Promise<Application> {
    const script = await bundle('centrifuge-entry.ts');
    let application: Application | undefined;
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/token' && application !== undefined) {
        application.tokens++;
        response.end(token(searchParams.get('user') ?? '', Number(searchParams.get('ttl'))));
      } else {
        response.setHeader('Content-Type', 'text/html');
        response.end(`<!doctype html><title>page</title><script type="module">${script}</script>`);
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const browser = await launch();
    const stop = async () => {
      await browser.close();
      server.close();
    };
    application = new Application(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, browser, stop);
    return application;
  }

  private constructor(origin: string, browser: Browser, stop: () => Promise<void>) {
    this.origin = origin;
    this.#browser = browser;
    this.#stop = stop;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** A window of its own on the page. */
  async visit(plan: Plan): Promise<Visit> {
    const context = await this.#browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(this.origin);
    await page.evaluate((given) => window.beginSdk(given), plan);
    return new Visit(page);
  }
}

/** One page, and what its client is told. */
export class Visit {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits for these events, in this order and with nothing between them; what came before the first is passed over. */
  async hears(...wanted: readonly (readonly unknown[])[]): Promise<void> {
    const texts = wanted.map((event) => JSON.stringify(event));
    const heard = async () => (await this.page.evaluate(() => window.sdk.events)).map((event) => JSON.stringify(event));
    const place = (events: readonly string[]) =>
      events.findIndex((_event, i) => texts.every((text, j) => events[i + j] === text));
    await expect.poll(async () => (place(await heard()) >= 0 ? texts : heard()), { timeout: 15_000 }).toEqual(texts);
    const count = place(await heard()) + texts.length;
    await this.page.evaluate((passed) => window.sdk.events.splice(0, passed), count);
  }

  /** Waits until these publications, and no others, have come, in this order. */
  async has(...publications: readonly unknown[]): Promise<void> {
    const come = () => this.page.evaluate(() => window.sdk.publications);
    await expect.poll(come, { timeout: 15_000 }).toEqual(publications);
  }
}

export interface Node {
  readonly port: number;
  readonly cli: Cli;
  /** Calls an operation of the server API. */
  api(operation: string, request: object): Promise<unknown>;
  publish(channel: string, ...data: readonly unknown[]): Promise<void>;
}

/** The service, from its command line, until the test has finished. */
export async function serve(origin: string, configuration: object = {}): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const everything = {
    listen: { port: 0 },
    log: { level: 'warn' },
    playground: false,
    anonymous: true,
    origins: [origin],
    api: { keys: [{ name: 'tests', key: KEY }] },
    tokens: { secrets: [SECRET], clockTolerance: 0 },
    drain: { window: '1s' },
    namespaces: {
      chat: {
        ...{ subscribe: 'everyone', publish: 'subscribers', presence: { grace: '0s' } },
        history: { size: 100, ttl: '1h' },
      },
      brief: { subscribe: 'everyone', history: { size: 2, ttl: '1h' } },
    },
    ...configuration,
  };
  writeFileSync(join(folder, 'tidewire.json'), JSON.stringify(everything));
  const cli = new Cli(['serve', '--config', join(folder, 'tidewire.json')]);
  const [, found] = await cli.shows(/^ +hub +ws:\/\/127\.0\.0\.1:(\d+)\//m);
  const port = Number(found);
  const api = async (operation: string, request: object) => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const body = JSON.stringify(request);
    const answer = await fetch(`http://127.0.0.1:${port}/api/${operation}`, { method: 'POST', headers, body });
    const result: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${operation}: ${JSON.stringify(result)}`);
    return result;
  };
  const publish = async (channel: string, ...all: readonly unknown[]) => {
    for (const data of all) await api('publish', { channel, data });
  };
  return { port, cli, api, publish };
}

export const webSocketAt = (port: number) => `ws://127.0.0.1:${port}/connection/websocket`;
