import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { WebSocket, type WebSocketEventMap, type WebSocketOptions } from '@tidewire/client';
import { type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { expect, onTestFinished } from 'vitest';

// What stands behind the proxies, and all that is said to it.

export interface Backend {
  readonly port: number;
  /** The codes and reasons with which sockets have closed. */
  readonly closes: readonly string[];
  /** Waits until so many have. */
  closed(count: number): Promise<void>;
}

type Server = HttpServer | Http2Server;

/** An HTTP server with a page, and an endpoint at /echo that speaks `tide` and closes with 4002 when it is told `close`. */
export async function serve(options: EndpointOptions<undefined> = {}, server: Server = aServer()): Promise<Backend> {
  const closes: string[] = [];
  let closed = () => {};
  const endpoint = new WebSocketEndpoint({
    subprotocols: ['tide'],
    message(socket, message) {
      if (message === 'close') socket.close(4002, 'as you wish');
      else socket.send(message);
    },
    close(_socket, code, reason) {
      closes.push(`${code} ${reason}`);
      closed();
    },
    ...options,
  });
  endpoint.attach(server, { path: '/echo' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    void endpoint.close({ timeout: 0 });
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    closes,
    async closed(count) {
      while (closes.length < count) {
        await new Promise<void>((resolve) => {
          closed = resolve;
        });
      }
    },
  };
}

function aServer(): HttpServer {
  return createServer((_request, response) => response.end('<!doctype html><title>A page</title>'));
}

export async function open(url: string, options: WebSocketOptions, subprotocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, subprotocols, options);
  socket.binaryType = 'arraybuffer';
  onTestFinished(() => socket.terminate());
  await next(socket, 'open');
  return socket;
}

/** The next event of a type. @throws what the connection failed with */
export function next<T extends keyof WebSocketEventMap>(socket: WebSocket, type: T): Promise<WebSocketEventMap[T]> {
  const over = new AbortController();
  const { signal } = over;
  return new Promise<WebSocketEventMap[T]>((resolve, reject) => {
    socket.addEventListener(type, resolve, { signal });
    if (type === 'close') return;
    const fail = () => reject(socket.failure ?? new Error(`It has closed before the event ${type}`));
    socket.addEventListener('close', fail, { signal });
  }).finally(() => over.abort());
}

/** Waits until `count` was called so often. */
export function countdown(times: number): { readonly count: () => void; readonly done: Promise<void> } {
  let left = times;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const count = () => {
    left--;
    if (left === 0) finish();
  };
  return { count, done };
}

/** Sends a message, which is answered with itself. */
export async function echo(socket: WebSocket, message: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const answer = next(socket, 'message');
  socket.send(message);
  const { data } = await answer;
  expect(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toEqual(message);
}

const endOf = ({ code, reason, wasClean, failure }: WebSocketEventMap['close']) => ({
  code,
  reason,
  wasClean,
  failure,
});

/**
 * Opens two connections, and says on them all that has to come through: text, binary, a long message, and closes from
 * either side.
 * @returns what has carried them
 */
export async function converse(url: string, backend: Backend, options: WebSocketOptions): Promise<string | undefined> {
  const socket = await open(url, options, ['other', 'tide']);
  expect(socket.protocol).toBe('tide');
  await echo(socket, 'Grüße 🌊');
  await echo(
    socket,
    Uint8Array.from({ length: 256 }, (_, i) => i),
  );
  await echo(socket, 'long '.repeat(100_000));
  const { transport } = socket;
  const closed = next(socket, 'close');
  socket.close(4001, 'enough');
  // The server repeats the code, and no more; what it was told is seen below.
  expect(endOf(await closed)).toEqual({ code: 4001, reason: '', wasClean: true, failure: undefined });
  await backend.closed(1);

  const another = await open(url, options);
  expect(another.protocol).toBe('');
  const closedByServer = next(another, 'close');
  another.send('close');
  expect(endOf(await closedByServer)).toEqual({
    code: 4002,
    reason: 'as you wish',
    wasClean: true,
    failure: undefined,
  });
  await backend.closed(2);
  expect(backend.closes).toEqual(['4001 enough', '4002 ']);
  return transport;
}
