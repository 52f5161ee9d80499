import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Socket, WebSocketEndpoint } from '@tidewire/server';
import type { Browser, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from './support.ts';

/** What a page hears of a connection that it opens, sends these messages on, and closes when told to. */
interface Conversation {
  url: string;
  protocols?: string[];
  messages?: (string | number[])[];
  /** Closes when as many messages have come back as were sent. */
  close?: { code: number; reason: string };
}

interface Heard {
  protocol: string;
  extensions: string;
  messages: (string | number[])[];
  code: number;
  reason: string;
  wasClean: boolean;
}

function converse(page: Page, conversation: Conversation): Promise<Heard> {
  return page.evaluate(
    ({ url, protocols, messages = [], close }) =>
      new Promise<Heard>((resolve) => {
        const socket = new WebSocket(url, protocols);
        socket.binaryType = 'arraybuffer';
        const heard: Heard = { protocol: '', extensions: '', messages: [], code: 0, reason: '', wasClean: false };
        const closeIfDone = () => {
          if (close !== undefined && heard.messages.length === messages.length) socket.close(close.code, close.reason);
        };
        socket.onopen = () => {
          heard.protocol = socket.protocol;
          heard.extensions = socket.extensions;
          for (const message of messages) socket.send(typeof message === 'string' ? message : Uint8Array.from(message));
          closeIfDone();
        };
        socket.onmessage = ({ data }) => {
          heard.messages.push(typeof data === 'string' ? data : [...new Uint8Array(data)]);
          closeIfDone();
        };
        socket.onclose = ({ code, reason, wasClean }) => resolve({ ...heard, code, reason, wasClean });
      }),
    conversation,
  );
}

describe.skipIf(chromiumPath === '').each(['ws', 'wss'])('Chromium over %s:', (scheme) => {
  let browser: Browser;
  let page: Page;
  let base: string;
  let closed: Promise<{ code: number; reason: string; wasClean: boolean }>;
  const onClosed: ((close: { code: number; reason: string; wasClean: boolean }) => void)[] = [];
  let server: ReturnType<typeof createServer>;

  const endpoint = new WebSocketEndpoint({
    subprotocols: ['tide', 'wave'],
    deflate: { threshold: 100 },
    message(socket: Socket<undefined>, message) {
      if (message === 'close me') socket.close(4001, 'as you wish');
      else if (message === 'cut me') socket.terminate();
      else socket.send(message);
    },
    close(_socket, code, reason, { wasClean }) {
      onClosed.shift()?.({ code, reason, wasClean });
    },
  });

  beforeAll(async () => {
    browser = await launch();
    const blank: RequestListener = (_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>blank</title>');
    };
    if (scheme === 'wss') {
      const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
      server = createSecureServer({ key, cert }, blank);
    } else {
      server = createServer(blank);
    }
    endpoint.attach(server, { path: '/' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    base = `${scheme}://127.0.0.1:${port}/`;
    page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(base.replace('ws', 'http'));
  });

  afterAll(async () => {
    await browser?.close();
    await endpoint.drain({ within: 0 });
    server?.close();
  });

  const expectClose = () => {
    closed = new Promise((resolve) => onClosed.push(resolve));
  };

  const talk = (conversation: Omit<Conversation, 'url'>) => {
    expectClose();
    return converse(page, { url: base, ...conversation });
  };

  it('text and binary come back as they went, long ones compressed', async () => {
    const messages = [
      '',
      'schöne Grüße 🌊',
      'tide '.repeat(5000),
      [],
      [0, 127, 128, 255],
      Array<number>(70_000).fill(7),
    ];
    const heard = await talk({ protocols: ['wave', 'tide'], messages, close: { code: 1000, reason: 'done' } });
    expect(heard.messages).toEqual(messages);
    expect(heard).toMatchObject({ protocol: 'tide', code: 1000, reason: '', wasClean: true });
    expect(heard.extensions).toContain('permessage-deflate');
    expect(await closed).toEqual({ code: 1000, reason: 'done', wasClean: true });
  });

  it('an image comes back and can be drawn', async () => {
    expectClose();
    const size = await page.evaluate(async (url) => {
      const canvas = new OffscreenCanvas(40, 30);
      canvas.getContext('2d')?.fillRect(5, 5, 20, 20);
      const image = await canvas.convertToBlob({ type: 'image/png' });
      const socket = new WebSocket(url);
      const echoed = await new Promise<Blob>((resolve) => {
        socket.onopen = () => socket.send(image);
        socket.onmessage = ({ data }) => resolve(data);
      });
      socket.close();
      const { width, height } = await createImageBitmap(echoed);
      return [width, height, echoed.size - image.size];
    }, base);
    expect(size).toEqual([40, 30, 0]);
    expect(await closed).toMatchObject({ code: 1005, wasClean: true });
  });

  it('the server closes', async () => {
    const heard = await talk({ messages: ['close me'] });
    expect(heard).toMatchObject({ code: 4001, reason: 'as you wish', wasClean: true });
    expect(await closed).toMatchObject({ code: 4001, wasClean: true });
  });

  it('a connection that is cut is told from one that was closed', async () => {
    expect(await talk({ messages: ['cut me'] })).toMatchObject({ code: 1006, wasClean: false });
    expect(await closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('a page of another host is refused', async () => {
    const other = await browser.newPage({ ignoreHTTPSErrors: true });
    await other.goto(base.replace('ws', 'http').replace('127.0.0.1', 'localhost'));
    const heard = await converse(other, { url: base });
    expect(heard).toMatchObject({ code: 1006, protocol: '' });
    await other.close();
  });
});
