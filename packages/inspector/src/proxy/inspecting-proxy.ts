import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Inspector } from '../inspector.ts';
import type { OriginChange } from './headers.ts';
import { passRequest } from './plain-requests.ts';
import { Target, type TargetOptions } from './target.ts';
import { Upgrade } from './upgrade.ts';

// A reverse proxy in front of one server: WebSockets go through an inspector, and plain requests as they are, so that pages of the
// server work through it. It never connects to anything but the target, whatever a request names.

export interface InspectingProxyOptions {
  readonly inspector: Inspector;
  readonly target: TargetOptions;
  /** Certificate and key in PEM. Without them the proxy speaks no TLS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** What the target is told as the Origin of a page. Default `'own'`. */
  readonly origin?: OriginChange | undefined;
  /** How long the target has to answer, in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined;
}

const TIMEOUT = 30_000;

export class InspectingProxy {
  readonly target: Target;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  /** How many plain requests of a connection are not answered yet. */
  readonly #unanswered = new WeakMap<Duplex, number>();

  /** @throws TypeError if the target is no URL of a WebSocket or of HTTP */
  constructor({ inspector, target, tls, origin = 'own', timeout = TIMEOUT }: InspectingProxyOptions) {
    this.target = new Target(target);
    this.#scheme = tls === undefined ? 'http' : 'https';
    const common = { target: this.target, scheme: this.#scheme, origin, timeout };
    // Headers are bounded by their size: one that is left out might be the one that announces a body.
    this.#server =
      tls === undefined
        ? createServer({ noDelay: true })
        : createSecureServer({ ...tls, noDelay: true, allowHalfOpen: true });
    this.#server.maxHeadersCount = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (incoming, response) => {
      this.#count(incoming, response);
      passRequest(incoming, response, common);
    });
    this.#server.on('upgrade', (incoming: IncomingMessage, stream, head) => {
      // An answer to the upgrade would end up in the middle of the earlier one.
      if ((this.#unanswered.get(stream) ?? 0) > 0) stream.destroy();
      else Upgrade.begin(incoming, stream, head, { ...common, inspector });
    });
  }

  /**
   * Begins to listen. Resolves with where clients connect in place of the target: `ws://127.0.0.1:9229`, and `localhost`
   * if that is on all addresses.
   * @throws Error of Node, such as EADDRINUSE
   */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const { port: actual } = this.#server.address() as AddressInfo;
        const isAll = host === '0.0.0.0' || host === '::';
        const shown = isAll ? 'localhost' : host.includes(':') ? `[${host}]` : host;
        resolve(`${this.#scheme === 'https' ? 'wss' : 'ws'}://${shown}:${actual}`);
      });
    });
  }

  /** Cuts all connections, and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #count({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 0) + 1);
    response.once('close', () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
  }
}
