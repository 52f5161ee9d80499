import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type AttachOptions, type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { onTestFinished } from 'vitest';
import { RawPeer } from './raw-peer.ts';
import { endpointFor } from './serving.ts';

// WebSockets over HTTP/2 from the client's side, by nothing but what node:http2 has.

/** Listens where the system likes until the test has finished. */
export async function listenHttp2(server: Http2Server | Http2SecureServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A plain HTTP/2 server of its own with an endpoint. */
export async function serveHttp2<Data = undefined>(
  options: EndpointOptions<Data> | WebSocketEndpoint<Data>,
  attach?: AttachOptions,
): Promise<{ server: Http2Server; port: number; endpoint: WebSocketEndpoint<Data> }> {
  const endpoint = options instanceof WebSocketEndpoint ? options : endpointFor<Data>(options);
  const server = createServer((_request, response) => response.end('page'));
  endpoint.attach(server, attach);
  return { server, port: await listenHttp2(server), endpoint };
}

/** A connection of HTTP/2 of which the server's settings are known. */
export async function connectHttp2(
  port: number,
  options?: ClientSessionOptions | SecureClientSessionOptions,
): Promise<ClientHttp2Session> {
  const scheme = options !== undefined && 'ca' in options ? 'https' : 'http';
  const session = connect(`${scheme}://localhost:${port}`, {
    ...options,
    lookup: undefined,
    host: '127.0.0.1',
  } as object);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** A request for a WebSocket. */
export function askHttp2(
  session: ClientHttp2Session,
  path = '/',
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
      ':authority': 'localhost',
      ':path': path,
      'sec-websocket-version': '13',
      ...headers,
    },
    { endStream: false },
  );
  stream.on('error', () => {});
  return stream;
}

export interface Http2Answer {
  readonly stream: ClientHttp2Stream;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly peer: RawPeer;
}

/** The same, and the answer to it. The peer reads the frames, or the body of a refusal. */
export async function openHttp2(
  session: ClientHttp2Session,
  path?: string,
  given?: OutgoingHttpHeaders,
): Promise<Http2Answer> {
  const stream = askHttp2(session, path, given);
  const peer = new RawPeer(stream as unknown as Socket);
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return { stream, status: Number(headers[':status']), headers, peer };
}

/** The error code with which a stream ends: 0 for an end in order. */
export async function resetOf(stream: ClientHttp2Stream): Promise<number> {
  if (!stream.destroyed) await new Promise<void>((resolve) => stream.once('close', resolve));
  return stream.rstCode;
}

/** The body of a plain request on the same connection. */
export async function pageOf(session: ClientHttp2Session, path = '/'): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of session.request({ ':path': path })) chunks.push(chunk as Buffer);
  return String(Buffer.concat(chunks));
}
