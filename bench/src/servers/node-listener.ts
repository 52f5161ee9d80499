import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { ready, tls } from './control.ts';

/** The HTTP server of the job, plain or with TLS, that every peer on Node attaches itself to. */
export function listen(attach: (server: Server) => void): void {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  attach(server);
  listenWith(server);
}

export function listenWith(server: NetServer): void {
  // Where ten thousand clients come at once, fewer have to knock twice.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => ready((server.address() as AddressInfo).port));
}
