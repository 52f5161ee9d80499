import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Transport, WebSocket } from '@tidewire/client';
import type { WebSocketEndpoint } from '@tidewire/server';
import { onTestFinished } from 'vitest';

export const tunnels = [['stream'], ['poll']] as const;

/** Serves an endpoint. @returns its URL, and what ends it */
export async function listen<Data>(endpoint: WebSocketEndpoint<Data>): Promise<{ url: string; close: () => void }> {
  const server = createServer();
  endpoint.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    void endpoint.close({ timeout: 0 });
    server.closeAllConnections();
    server.close();
  };
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

/** Serves an endpoint until the test has finished. @returns its URL */
export async function serve<Data>(endpoint: WebSocketEndpoint<Data>): Promise<string> {
  const { url, close } = await listen(endpoint);
  onTestFinished(close);
  return url;
}

/** A class for libraries that make their sockets by themselves, which has but one way to connect, and those made. */
export function webSocketOver(transport: Transport) {
  const made: WebSocket[] = [];
  class TunnelSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { transports: [transport] });
      made.push(this);
      onTestFinished(() => this.terminate());
    }
  }
  return { TunnelSocket, made };
}

/** A promise and what settles it. */
export function signal<T = void>(): { readonly happened: Promise<T>; readonly happen: (value: T) => void } {
  let happen: (value: T) => void = () => {};
  const happened = new Promise<T>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}
