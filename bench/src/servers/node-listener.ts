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
  server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
}
