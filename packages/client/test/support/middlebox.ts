import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from './servers.ts';

/** What a proxy on the way does to what it passes on. */
export interface Meddling {
  /** Answers are passed on when they are whole. */
  readonly buffers?: boolean;
  /** Answers that take longer are cut, in milliseconds. */
  readonly longest?: number;
}

export interface Middlebox {
  /** The URL of the WebSocket behind it, by way of it. */
  readonly url: string;
  meddling: Meddling;
  /** Cuts all connections. */
  cut(): void;
}

/** A proxy that passes no upgrades on, and meddles with the rest. */
export async function middlebox(target: string, meddling: Meddling = {}): Promise<Middlebox> {
  const { port, pathname } = new URL(target);
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = [];
      const begin = () => response.writeHead(answer.statusCode ?? 0, answer.headers);
      if (!box.meddling.buffers) begin().flushHeaders();
      answer.on('data', (chunk) => (box.meddling.buffers ? chunks.push(chunk) : response.write(chunk)));
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        if (box.meddling.buffers) begin();
        response.end(Buffer.concat(chunks));
      });
    });
    const { longest } = box.meddling;
    const timer = longest === undefined ? undefined : setTimeout(() => response.destroy(), longest);
    onward.on('error', () => response.destroy());
    response.on('error', () => {});
    response.on('close', () => {
      clearTimeout(timer);
      onward.destroy();
    });
    incoming.on('error', () => {});
    incoming.pipe(onward);
  });
  server.on('upgrade', (_, stream) => stream.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterThisTest(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
  const box: Middlebox = { url, meddling, cut: () => server.closeAllConnections() };
  return box;
}
