import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach } from 'vitest';
import { type WebSocket as Peer, type ServerOptions, WebSocketServer } from 'ws';

// Servers on ports of the system's choice, closed after each test.

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

export function afterThisTest(cleanup: () => void): void {
  cleanups.push(cleanup);
}

async function listen(server: Server | HttpServer, host: string | undefined = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export interface TcpServer {
  readonly port: number;
  /** How many connections there have been. */
  readonly count: number;
  readonly sockets: Socket[];
}

/** A TCP server that swallows the errors of its sockets. */
export async function tcpServer(connected: (socket: Socket) => void): Promise<TcpServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    connected(socket);
  });
  const port = await listen(server);
  afterThisTest(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port,
    sockets,
    get count() {
      return sockets.length;
    },
  };
}

export const acceptOf = (request: string): string => {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
};

export const switching = (request: string, ...headers: string[]): string =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(request)}`,
    ...headers,
    '\r\n',
  ].join('\r\n');

/** Reads the head of the request that a client sends. */
export function onRequest(socket: Socket, act: (request: string) => void): void {
  let request = '';
  const read = (chunk: Buffer) => {
    request += chunk.toString('latin1');
    if (!request.includes('\r\n\r\n')) return;
    socket.off('data', read);
    act(request);
  };
  socket.on('data', read);
}

/** A server that does the opening handshake and then what it is told, byte by byte. */
export function rawServer(opened: (socket: Socket, request: string) => void): Promise<TcpServer> {
  return tcpServer((socket) =>
    onRequest(socket, (request) => {
      socket.write(switching(request));
      opened(socket, request);
    }),
  );
}

/** A server that answers the opening handshake with what it is given. */
export function answeringServer(answer: (request: string) => string | Uint8Array): Promise<TcpServer> {
  return tcpServer((socket) => onRequest(socket, (request) => socket.write(answer(request))));
}

export interface EchoServer {
  readonly port: number;
  readonly url: string;
  readonly wss: WebSocketServer;
  /** The request that each connection began with. */
  readonly requests: { readonly headers: NodeJS.Dict<string | string[]>; readonly url: string | undefined }[];
  nextPeer(): Promise<Peer>;
}

/** The server of the `ws` package. */
export async function echoServer(options: ServerOptions = {}, tls?: Certificate): Promise<EchoServer> {
  const server = tls === undefined ? createHttpServer() : createHttpsServer({ key: tls.key, cert: tls.cert });
  const port = await listen(server, options.host);
  const { host: _, ...rest } = options;
  const wss = new WebSocketServer({ ...rest, server });
  const requests: EchoServer['requests'] = [];
  wss.on('connection', (peer, request) => {
    requests.push({ headers: request.headers, url: request.url });
    peer.on('error', () => {});
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
  });
  afterThisTest(() => {
    for (const peer of wss.clients) peer.terminate();
    wss.close();
    server.close();
  });
  return {
    port,
    url: `${tls === undefined ? 'ws' : 'wss'}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}/`,
    wss,
    requests,
    nextPeer: async () => ((await once(wss, 'connection')) as [Peer])[0],
  };
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate that nobody has signed, for these names and addresses. */
export async function certificateFor(name: string, ip?: string): Promise<Certificate> {
  const altNames = [{ type: 2 as const, value: name }, ...(ip === undefined ? [] : [{ type: 7 as const, ip }])];
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key, cert };
}

/** A frame as a server sends it, unmasked. */
export function frame(firstByte: number, payload: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length < 126) return Buffer.concat([Buffer.from([firstByte, bytes.length]), bytes]);
  const header = Buffer.alloc(bytes.length < 65_536 ? 4 : 10);
  header[0] = firstByte;
  if (bytes.length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(bytes.length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  return Buffer.concat([header, bytes]);
}

/** A Close frame as a server sends it. */
export function closeFrame(code: number, reason = ''): Buffer {
  return frame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
}

export const TEXT = 0x81;
export const BINARY = 0x82;
export const CLOSE = 0x88;
export const PING = 0x89;
