import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from './http.ts';
import type { TlsFiles } from './tls.ts';

// The server that the service stands on: HTTP/1.1, and with TLS HTTP/2 as well, where each client chooses.

export type ServiceServer = Server | Http2SecureServer;

/** For a request of HTTP/1.1 to come in whole, in milliseconds. */
const REQUEST_TIMEOUT = 20_000;

/** A connection of HTTP/2 on which nothing is open is ended after so much silence, in milliseconds. */
const IDLE_TIMEOUT = 60_000;

/** Streams that a client may have open at a time. */
const MAX_STREAMS = 100;

/** For plain requests under way when the service stops, in milliseconds. */
const REQUEST_GRACE = 200;

/** A server that does not listen yet. */
export function createServiceServer(tls: TlsFiles | undefined): ServiceServer {
  const timeouts = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT };
  if (tls === undefined) return createServer(timeouts);
  const server = createSecureServer({ ...tls, allowHTTP1: true, settings: { maxConcurrentStreams: MAX_STREAMS } });
  server.on('session', endWhenIdle);
  // Node has them as properties of this server, and not as options.
  return Object.assign(server, timeouts);
}

export function handle(server: ServiceServer, handler: RequestHandler): void {
  if (isHttp2(server)) server.on('request', handler);
  else server.on('request', handler);
}

/**
 * Serves another certificate to whoever connects from now on.
 * @throws Error if the server speaks no TLS
 */
export function useTls(server: ServiceServer, tls: TlsFiles): void {
  if (!isHttp2(server)) throw new Error('A server without TLS cannot get it while it runs');
  server.setSecureContext(tls);
}

/** Calls `opened` with each connection of HTTP/2. */
export function onSession(server: ServiceServer, opened: (session: ServerHttp2Session) => void): void {
  if (isHttp2(server)) server.on('session', opened);
}

function isHttp2(server: ServiceServer): server is Http2SecureServer {
  return 'updateSettings' in server;
}

function endWhenIdle(session: ServerHttp2Session): void {
  let open = 0;
  session.on('stream', (stream) => {
    open += 1;
    stream.once('close', () => {
      open -= 1;
    });
  });
  session.setTimeout(IDLE_TIMEOUT, () => {
    if (open === 0) session.close();
  });
}

/** The connections and sessions of a server, so that it can be closed. */
export class Connections {
  readonly #server: ServiceServer;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(server: ServiceServer) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    onSession(server, (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /** Lets what is under way finish for a moment, and then cuts it: upgrades that were refused, for one. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const session of this.#sessions) session.close();
    await Promise.race([closed, delay(REQUEST_GRACE, undefined, { ref: false })]);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/**
 * Connections that the system has taken and Node has not yet: when all clients come back at once, one beyond knocks again
 * after a second. Linux has `net.core.somaxconn` at most, mostly 4096; Node's default is 511.
 */
const BACKLOG = 4096;

/** Resolves with the port, which the system chooses if it is 0. */
export function listen(server: ServiceServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
