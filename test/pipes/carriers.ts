import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Transport, WebSocketOptions } from '@tidewire/client';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';
import {
  type Client,
  type ClientOptions,
  engineOn,
  engineReaderOn,
  openReader,
  openWebSocket,
  type Reader,
} from './support/clients.ts';
import { MemoryStream } from './support/memory.ts';
import { type Network, relayTo } from './support/relay.ts';
import type { RecordingEndpoint } from './support/server-end.ts';
import { TunnelWire } from './support/tunnel-wire.ts';
import { type Offer, openByConnect, openByUpgrade, type Wire } from './support/wires.ts';

// What may carry a WebSocket. All have to pass the same tests; what the rules of one make different is named here.

const MiB = 1024 * 1024;

/** How often a client asks that can be told nothing until it asks, in milliseconds. */
export const POLL_INTERVAL = 100;

export interface Carrier {
  readonly name: string;
  /** Whether permessage-deflate is negotiated. A tunnel leaves compression to HTTP. */
  readonly compresses: boolean;
  /** Bytes that it takes from one side while the other reads nothing, at most. */
  readonly mostHeld: number;
  /** For how long bytes may lie on the server although the client takes them, in milliseconds: until it asks again. */
  readonly pollInterval: number;
  /** Serves an endpoint until the test has finished. */
  serve(served: RecordingEndpoint): Promise<Place>;
}

/** Where an endpoint can be reached by a carrier. */
export interface Place {
  readonly network: Network;
  connect(options?: ClientOptions): Promise<Client>;
  /** A client that reads when it is asked to. */
  read(options?: ClientOptions): Promise<Reader>;
  /** Frames by hand. */
  wire(): Promise<Duplex>;
}

// --- memory ------------------------------------------------------------------------------------------------------------

function memory(): Carrier {
  return {
    name: 'memory',
    compresses: true,
    mostHeld: MiB,
    pollInterval: 0,
    async serve({ endpoint }) {
      const server = createServer();
      endpoint.attach(server);
      const streams: MemoryStream[] = [];
      const open = async (offer: Offer): Promise<Wire> => {
        const pair = MemoryStream.pair();
        const [near, far] = pair;
        streams.push(...pair);
        server.emit('connection', far);
        return await openByUpgrade(near, offer);
      };
      const network: Network = {
        get bytes() {
          return streams.reduce((sum, { bytes }) => sum + bytes, 0);
        },
        cut: () => {
          for (const stream of streams) stream.destroy();
        },
      };
      return placeByEngine(network, open);
    },
  };
}

function placeByEngine(network: Network, open: (offer: Offer) => Promise<Wire>): Place {
  return {
    network,
    connect: async (options = {}) => engineOn(await open(options), options),
    read: async (options = {}) => engineReaderOn(await open(options), options),
    wire: async () => (await open({})).stream,
  };
}

// --- sockets -----------------------------------------------------------------------------------------------------------

/** The kernel's buffers for two connections: to the relay and from it. */
const KERNEL = 32 * MiB;

async function listen(server: NetServer | Server | Http2Server): Promise<number> {
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

function placeByClient(network: Network, url: string, carrier: WebSocketOptions, wire: () => Promise<Duplex>): Place {
  return {
    network,
    connect: (options = {}) => openWebSocket(url, options, carrier),
    read: (options = {}) => openReader(url, options, carrier),
    wire,
  };
}

/** A stream to a port that is there until the test has finished. */
async function dialled<S extends Socket>(socket: S, ready: string): Promise<S> {
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, ready);
  return socket;
}

function tcp(): Carrier {
  return {
    name: 'TCP',
    compresses: true,
    mostHeld: KERNEL,
    pollInterval: 0,
    async serve({ endpoint }) {
      const server = createServer();
      endpoint.attach(server);
      const relay = await relayTo(await listen(server));
      const { port } = relay;
      return placeByClient(relay, `ws://127.0.0.1:${port}`, {}, async () => {
        const socket = await dialled(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), 'connect');
        return (await openByUpgrade(socket)).stream;
      });
    },
  };
}

let made: Promise<{ readonly key: string; readonly cert: string }> | undefined;

async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { key, cert };
}

function tls(): Carrier {
  return {
    name: 'TLS',
    compresses: true,
    mostHeld: KERNEL,
    pollInterval: 0,
    async serve({ endpoint }) {
      made ??= certificate();
      const { key, cert } = await made;
      const server = createSecureServer({ key, cert });
      endpoint.attach(server);
      const relay = await relayTo(await listen(server));
      const { port } = relay;
      const carrier = { tls: { ca: cert, servername: 'localhost' } };
      return placeByClient(relay, `wss://127.0.0.1:${port}`, carrier, async () => {
        const options = { port, host: '127.0.0.1', servername: 'localhost', ca: cert, allowHalfOpen: true };
        const socket = await dialled(connectTls(options), 'secureConnect');
        return (await openByUpgrade(socket)).stream;
      });
    },
  };
}

function http2(): Carrier {
  return {
    name: 'HTTP/2',
    compresses: true,
    mostHeld: MiB,
    pollInterval: 0,
    async serve({ endpoint }) {
      const server = createHttp2Server();
      endpoint.attach(server);
      const relay = await relayTo(await listen(server));
      const authority = `127.0.0.1:${relay.port}`;
      return placeByClient(relay, `ws://${authority}`, { http2: true }, async () => {
        const session = connectHttp2(`http://${authority}`);
        session.on('error', () => {});
        onTestFinished(() => session.destroy());
        await once(session, 'remoteSettings');
        return await openByConnect(session);
      });
    },
  };
}

// --- tunnels -----------------------------------------------------------------------------------------------------------

function tunnel(transport: Exclude<Transport, 'websocket'>, name: string): Carrier {
  return {
    name,
    compresses: false,
    mostHeld: MiB,
    pollInterval: transport === 'interval' ? POLL_INTERVAL : 0,
    async serve({ endpoint }) {
      const server = createServer();
      endpoint.attach(server);
      const relay = await relayTo(await listen(server));
      const authority = `127.0.0.1:${relay.port}`;
      return placeByClient(relay, `ws://${authority}`, { transports: [transport] }, async () => {
        const stream = await TunnelWire.open(`http://${authority}`, [transport]);
        stream.on('error', () => {});
        onTestFinished(() => void stream.destroy());
        return stream;
      });
    },
  };
}

export const carriers: readonly Carrier[] = [
  memory(),
  tcp(),
  tls(),
  http2(),
  tunnel('stream', 'a streaming tunnel'),
  tunnel('poll', 'a long-polling tunnel'),
  tunnel('interval', 'a tunnel by interval polling'),
];
