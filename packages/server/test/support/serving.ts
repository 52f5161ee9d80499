import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { type AttachOptions, type EndpointOptions, type ErrorEvent, WebSocketEndpoint } from '@tidewire/server';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

export interface Serving {
  readonly server: Server;
  readonly port: number;
  /** `ws://127.0.0.1:…`, without a path. */
  readonly url: string;
}

/** Listens where the system likes until the test has finished. */
export async function listen(server: Server, where: ListenOptions = { port: 0, host: '127.0.0.1' }): Promise<Serving> {
  server.listen(where);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? (address as AddressInfo).port : 0;
  return { server, port, url: `ws://127.0.0.1:${port}` };
}

/** An endpoint whose sockets are cut when the test has finished. */
export function endpointFor<Data = undefined>(options: EndpointOptions<Data>): WebSocketEndpoint<Data> {
  const endpoint = new WebSocketEndpoint<Data>(options);
  onTestFinished(() => void endpoint.close({ timeout: 0 }));
  return endpoint;
}

/** An endpoint that answers with what it gets, after a prefix. */
export function echo(prefix = ''): WebSocketEndpoint {
  return endpointFor({
    message(socket, message) {
      socket.send(typeof message === 'string' ? prefix + message : message);
    },
  });
}

/** A plain HTTP server of its own with an endpoint. */
export async function serve<Data = undefined>(
  options: EndpointOptions<Data>,
  http: { options?: ServerOptions; listener?: RequestListener; attach?: AttachOptions } = {},
): Promise<Serving & { endpoint: WebSocketEndpoint<Data> }> {
  const endpoint = endpointFor<Data>(options);
  const server = createServer(http.options ?? {}, http.listener);
  endpoint.attach(server, http.attach);
  return { ...(await listen(server)), endpoint };
}

/** A client of the `ws` package that is open, and cut when the test has finished. */
export async function open(url: string, subprotocols: string[] = [], options: ClientOptions = {}): Promise<WebSocket> {
  const client = new WebSocket(url, subprotocols, options);
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  return client;
}

/** The next message of a client of the `ws` package: text as a string, binary as a Buffer. */
export async function nextMessage(client: WebSocket): Promise<string | Buffer> {
  const [data, isBinary] = await once(client, 'message');
  return isBinary ? data : String(data);
}

export async function closeOf(client: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(client, 'close');
  return { code, reason: String(reason) };
}

/** A promise and what settles it: for a handler to say that it was called. */
export function signal<T = void>(): { readonly happened: Promise<T>; readonly happen: (value: T) => void } {
  let happen: (value: T) => void = () => {};
  const happened = new Promise<T>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

/** The errors of handlers that are reported until the test has finished, which are then no warnings. */
export function recordErrors(): unknown[] {
  const errors: unknown[] = [];
  const listener = (event: unknown) => errors.push((event as ErrorEvent).error);
  diagnostics.subscribe('tidewire:server:error', listener);
  onTestFinished(() => void diagnostics.unsubscribe('tidewire:server:error', listener));
  return errors;
}

/** Waits until something is so, which no event tells. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
