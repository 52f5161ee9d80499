import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocketEndpoint } from '@tidewire/server';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));

/** Has to be in the page before `accessible` is called. */
export const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** An echo service with `tidewire inspect` in front of it. */
export interface Inspected {
  /** The URL of the page, with its key. */
  readonly page: string;
  /** Where clients connect: ws://… */
  readonly listens: string;
  close(): Promise<void>;
}

export async function inspect(): Promise<Inspected> {
  const echo = new WebSocketEndpoint({
    subprotocols: ['echo.example'],
    // Only what clients send is counted.
    heartbeat: false,
    message: (socket, message) => {
      socket.send(message);
    },
  });
  const target = createServer().listen(0, '127.0.0.1');
  await once(target, 'listening');
  echo.attach(target, { path: '/echo' });
  const { port } = target.address() as AddressInfo;
  const flags = ['--listen', '0', '--console', '0', '--no-open'];
  const child = spawn(process.execPath, [cli, 'inspect', `ws://127.0.0.1:${port}`, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`tidewire inspect has ended: ${output}`)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (/#key=\S+\n/.test(output)) resolve();
    });
  });
  const [listens = '', page = ''] = output.match(/\b(?:ws|http):\/\/127\.0\.0\.1:\d+(?:\/console\S+)?$/gm) ?? [];
  return {
    page,
    listens,
    async close() {
      child.kill();
      await once(child, 'exit');
      await echo.close({ timeout: 0 });
      target.close();
    },
  };
}

/** Waits until a WebSocket is open. */
export function opened<Socket extends { onopen: unknown; onerror: unknown }>(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error('The WebSocket did not open'));
  });
}

/** Holds the page as it is to WCAG 2.2, A and AA, in light and dark, wide and narrow. */
export async function accessible(page: Page, state: string): Promise<void> {
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    const found = await page.evaluate(
      async (values) => {
        const { axe } = window as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run(document, {
          runOnly: { type: 'tag', values },
          resultTypes: ['violations'],
        });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join('; ')}`);
      },
      ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    );
    expect.soft(found, `${state}, ${colorScheme}, ${width}`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
