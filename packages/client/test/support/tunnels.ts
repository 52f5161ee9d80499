import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';
import { WebSocket } from '@tidewire/client';
import { type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { expect } from 'vitest';
import { afterThisTest, type Certificate } from './servers.ts';

// Endpoints that take WebSockets and tunnels, and what is sent there and back.

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly endpoint: WebSocketEndpoint;
  readonly server: Server;
}

interface Where {
  readonly tls?: Certificate;
  readonly listen?: ListenOptions;
  readonly listener?: RequestListener;
}

/** An endpoint at /echo. */
export async function serve(options: EndpointOptions<undefined> = {}, where: Where = {}): Promise<Served> {
  const { tls, listen = { port: 0, host: '127.0.0.1' }, listener } = where;
  const server = tls === undefined ? createServer(listener) : createSecureServer({ ...tls }, listener);
  const endpoint = new WebSocketEndpoint({ message: (socket, message) => void socket.send(message), ...options });
  endpoint.attach(server, { path: '/echo' });
  server.listen(listen);
  await once(server, 'listening');
  afterThisTest(() => {
    void endpoint.close({ timeout: 0 });
    server.closeAllConnections();
    server.close();
  });
  const port = listen.path === undefined ? (server.address() as AddressInfo).port : 0;
  return { url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/echo`, port, endpoint, server };
}

/** Collects the messages of a socket, and waits for them. */
export class Collected {
  readonly socket: WebSocket;
  readonly messages: unknown[] = [];
  #arrived = (): void => {};

  constructor(socket: WebSocket) {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.messages.push(data);
      this.#arrived();
    });
    socket.addEventListener('close', () => this.#arrived());
    this.socket = socket;
  }

  async until(count: number): Promise<void> {
    while (this.messages.length < count) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('It has closed');
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Sends so many numbered messages, and waits until all are back, in order. */
  async echo(count: number): Promise<void> {
    const from = this.messages.length;
    for (let i = from; i < from + count; i++) this.socket.send(`message ${i}`);
    await this.until(from + count);
    expect(this.messages).toEqual(Array.from({ length: from + count }, (_, i) => `message ${i}`));
  }
}
