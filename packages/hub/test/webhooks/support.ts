import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebhooks, type WebhookOptions, type Webhooks } from '@tidewire/hub';
import { onTestFinished } from 'vitest';

export const secret = 'a secret of a hub and its application';

/** A request that an application has got. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly port: number | undefined;
}

/** What an application answers: a body, a status, or something of its own. */
export type Answer = object | number | ((response: ServerResponse, request: IncomingMessage) => void);

/** An application that answers as it is told, until the test has finished. `received` is filled before it answers. */
export async function serveApplication(answer: (received: Received, count: number) => Answer) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const one = { headers: request.headers, text, body: JSON.parse(text), port: request.socket.remotePort };
    received.push(one);
    const said = answer(one, received.length);
    if (typeof said === 'function') said(response, request);
    else if (typeof said === 'number') response.writeHead(said).end();
    else response.end(JSON.stringify(said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`, received, server };
}

/** Webhooks that are stopped after the test, and what they report. */
export function webhooksTo(url: string, more: Partial<WebhookOptions> = {}) {
  const done: string[] = [];
  const errors: unknown[] = [];
  const urls = { connect: url, refresh: url, subscribe: url, refreshSubscription: url, publish: url, notices: url };
  const webhooks: Webhooks = createWebhooks({
    urls,
    secrets: [secret],
    observer: {
      webhookDone: (event, outcome, _duration, attempts) => void done.push(`${event} ${outcome} ${attempts}`),
    },
    error: (error) => void errors.push(error),
    ...more,
  });
  onTestFinished(() => webhooks.stop(0));
  return { webhooks, done, errors };
}
