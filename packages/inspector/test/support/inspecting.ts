import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  type Batch,
  type ConnectionRecord,
  InspectingProxy,
  type InspectingProxyOptions,
  Inspector,
  type MessageRecord,
  type RecorderOptions,
} from '../../src/index.ts';

/** Listens where the system likes until the test has finished. Returns the port. */
export async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A server with an endpoint that echoes unless told otherwise. Returns its URL. */
export async function serve(
  options: Partial<EndpointOptions<undefined>> = {},
  listener?: RequestListener,
): Promise<{ readonly url: string; readonly endpoint: WebSocketEndpoint }> {
  const endpoint = new WebSocketEndpoint({
    tunnel: false,
    limits: { maxMessageSize: 64 * 1024 * 1024, maxFrameSize: 64 * 1024 * 1024, maxBufferedAmount: 128 * 1024 * 1024 },
    message: (socket, message) => {
      socket.send(message);
    },
    ...options,
  });
  const server = createServer(listener);
  endpoint.attach(server);
  onTestFinished(() => void endpoint.close({ timeout: 0 }));
  return { url: `ws://127.0.0.1:${await listen(server)}`, endpoint };
}

export interface Inspected {
  /** Where clients connect. */
  readonly url: string;
  readonly inspector: Inspector;
  readonly proxy: InspectingProxy;
}

/** A proxy in front of a server. */
export async function inspect(
  target: string,
  options: Partial<InspectingProxyOptions> = {},
  keep: RecorderOptions = {},
): Promise<Inspected> {
  const inspector = new Inspector(keep);
  const proxy = new InspectingProxy({ inspector, target: { url: target }, ...options });
  onTestFinished(() => proxy.close());
  return { url: await proxy.listen('127.0.0.1', 0), inspector, proxy };
}

/** A client of the `ws` package that is open, and cut when the test has finished. */
export async function open(url: string, options: ClientOptions = {}, subprotocols: string[] = []): Promise<WebSocket> {
  const client = new WebSocket(url, subprotocols, { perMessageDeflate: false, maxPayload: 0, ...options });
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  return client;
}

/** The next message: text as a string, binary as a Buffer. */
export async function next(client: WebSocket): Promise<string | Buffer> {
  const [data, isBinary] = await once(client, 'message');
  return isBinary ? data : String(data);
}

/** The messages that are recorded, once there are so many. */
export async function messages({ recorder }: Inspector, count: number): Promise<MessageRecord[]> {
  await recorded(recorder, () => recorder.nextSeq > count);
  return [...recorder.messages()];
}

/** The first connection, once it has ended. */
export async function ended({ recorder }: Inspector, id = 1): Promise<ConnectionRecord> {
  await recorded(recorder, () => recorder.connection(id)?.end !== undefined);
  const connection = recorder.connection(id);
  if (connection === undefined) throw new Error(`There is no connection ${id}`);
  return connection;
}

/** Waits until something is so, of which the recorder tells. */
export async function recorded(recorder: Inspector['recorder'], isSo: (batch?: Batch) => boolean): Promise<void> {
  if (isSo()) return;
  await new Promise<void>((resolve) => {
    const stop = recorder.listen((batch) => {
      if (!isSo(batch)) return;
      stop();
      resolve();
    });
  });
}
