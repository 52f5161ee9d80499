import type { IncomingMessage, Server } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { Deadlines } from '@tidewire/node';
import { asksForWebSocket, HeaderList, readOpeningHeaders, refuse } from '@tidewire/protocol';
import { channels, warn } from './diagnostics.ts';
import { afterResponse, earlierResponse } from './earlier-response.ts';
import type { Exchange } from './exchange.ts';
import { Http1Exchange } from './http1-exchange.ts';
import type { Http2Exchange } from './http2-exchange.ts';
import { interceptStreams, type StreamFate } from './http2-streams.ts';
import { type RefusedReason, type Rejection, rejectionOf, rejections } from './refusal.ts';
import { refuse as refuseTunnel } from './tunnel/answers.ts';
import { interceptRequests } from './tunnel/interception.ts';
import type { TunnelRequest } from './tunnel/reply.ts';
import { readTunnelTarget, type TunnelTarget } from './tunnel/tunnel-target.ts';
import { pathOf } from './upgrade-request.ts';

// Which endpoint a request for an upgrade is for. However many endpoints a server has, they share one `upgrade` listener.
//
// A server with such a listener hands it every request that asks for any upgrade, even one that it served as a plain
// request before, such as one with `Upgrade: h2c`. So what is not for a WebSocket goes back to the server without that
// header.

/** A server of HTTP/1.1, of HTTP/2, or of both. */
export type HttpServer = Server | HttpsServer | Http2Server | Http2SecureServer;

export type PathOption = string | RegExp | ((path: string) => boolean);

export interface AttachOptions {
  /**
   * Which requests are for the endpoint: a path as it stands in the URL, percent-encoded and without the query; a pattern
   * that the path must match; or a function of the path. Default: all.
   */
  readonly path?: PathOption | undefined;
  /**
   * What becomes of WebSocket requests that are for no endpoint. `'leave'`: other `upgrade` listeners of the server answer
   * them. `'refuse'`: they get 404. Default: as if `'leave'` while the server has other such listeners, else `'refuse'`.
   */
  readonly otherwise?: 'leave' | 'refuse' | undefined;
}

/** What takes the requests of one attachment. */
export type TakeUpgrade = (exchange: Exchange) => void;

/** What takes the requests of a tunnel, which are plain requests of HTTP. */
export type TakeTunnel = (request: TunnelRequest, target: TunnelTarget) => void;

interface Attachment {
  readonly path: PathOption | undefined;
  readonly otherwise: 'leave' | 'refuse' | undefined;
  readonly take: TakeUpgrade;
  readonly takeTunnel: TakeTunnel | undefined;
}

/** How long a client that was refused has for closing its side. */
const REFUSAL_TIMEOUT = 10_000;

const routers = new WeakMap<HttpServer, UpgradeRouter>();

/**
 * Has `take` called for the requests that `options` describes, and returns what ends that. Where several attachments
 * match, the first made counts.
 * @throws TypeError if the server is none, or an option is of the wrong kind; Error if the server has an endpoint at the
 *   same path already
 */
export function attachUpgrades(
  server: HttpServer,
  options: AttachOptions,
  take: TakeUpgrade,
  takeTunnel?: TakeTunnel,
): () => void {
  const { path, otherwise } = options;
  if (typeof server?.on !== 'function') {
    throw new TypeError('server must be a server of node:http, node:https or node:http2');
  }
  if (path !== undefined && typeof path !== 'function' && !(path instanceof RegExp) && !isPath(path)) {
    throw new TypeError(`path must begin with a slash, or be a pattern or a function, not ${JSON.stringify(path)}`);
  }
  if (otherwise !== undefined && otherwise !== 'leave' && otherwise !== 'refuse') {
    throw new TypeError(`otherwise must be 'leave' or 'refuse', not ${String(otherwise)}`);
  }
  const router = routers.get(server) ?? new UpgradeRouter(server);
  routers.set(server, router);
  return router.add({ path, otherwise, take, takeTunnel });
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && path.startsWith('/');
}

class UpgradeRouter {
  readonly #server: HttpServer;
  readonly #deadlines = new Deadlines();
  #attachments: readonly Attachment[] = [];
  #stopChoosing = (): void => {};
  #stopIntercepting = (): void => {};
  #stopStreams = (): void => {};

  constructor(server: HttpServer) {
    this.#server = server;
  }

  add(attachment: Attachment): () => void {
    const { path } = attachment;
    if (typeof path === 'string' && this.#attachments.some((other) => other.path === path)) {
      throw new Error(`The server has an endpoint at ${path} already`);
    }
    if (this.#attachments.length === 0) {
      this.#server.on('upgrade', this.#upgrade);
      this.#stopChoosing = chooseUpgrades(this.#server, (request) => isForWebSocket(request) || this.#leaves());
      this.#stopIntercepting = interceptRequests(this.#server, (incoming, reply) =>
        this.#takesTunnel(incoming.url ?? '', () => ({
          incoming,
          body: incoming,
          reply,
          cut: () => incoming.socket.destroy(),
          isGone: () => incoming.socket.destroyed,
        })),
      );
      this.#stopStreams = interceptStreams(this.#server, {
        takeWebSocket: (exchange) => this.#takeStream(exchange),
        takesTunnel: (url, toRequest) => this.#takesTunnel(url, toRequest),
      });
    }
    this.#attachments = [...this.#attachments, attachment];
    return () => {
      this.#attachments = this.#attachments.filter((other) => other !== attachment);
      if (this.#attachments.length > 0) return;
      this.#server.off('upgrade', this.#upgrade);
      this.#stopChoosing();
      this.#stopStreams();
      this.#stopIntercepting();
    };
  }

  /** Whether a plain request is one of a tunnel, which it then is answered as. */
  #takesTunnel(url: string, toRequest: () => TunnelRequest): boolean {
    const target = readTunnelTarget(url);
    if (target === undefined) return false;
    let request: TunnelRequest | undefined;
    try {
      const takeTunnel = this.#find(target.target)?.takeTunnel;
      if (takeTunnel === undefined) return false;
      request = toRequest();
      if (areCutOff(request.incoming, this.#server)) refuseTunnel(request.reply, 'MALFORMED', undefined);
      else takeTunnel(request, target);
    } catch (error) {
      request ??= toRequest();
      this.#report(error, request.incoming);
      refuseTunnel(request.reply, 'UNAVAILABLE', undefined);
    }
    return true;
  }

  readonly #upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const exchange = new Http1Exchange(request, stream, head);
    let attachment: Attachment | undefined;
    try {
      if (exchange.asksForWebSocket) attachment = this.#find(request.url ?? '');
    } catch (error) {
      this.#threw(exchange, error);
      return;
    }
    if (attachment === undefined && this.#leaves()) return;
    // A request with a body may come with a stream that is not the socket itself.
    const earlier = earlierResponse(request.socket);
    if (earlier === undefined) this.#answer(exchange, attachment);
    else afterResponse(earlier, request.socket, () => this.#answer(exchange, attachment));
  };

  #takeStream(exchange: Http2Exchange): StreamFate {
    let attachment: Attachment | undefined;
    try {
      attachment = this.#find(exchange.incoming.url ?? '');
    } catch (error) {
      this.#threw(exchange, error);
      return 'taken';
    }
    // Who else takes WebSockets here does so by upgrades, which HTTP/2 has not.
    if (attachment === undefined && this.#leaves()) return this.#server.listenerCount('upgrade') > 1 ? 'http1' : 'left';
    if (attachment !== undefined) attachment.take(exchange);
    else this.#refuse(exchange, rejections.NO_ENDPOINT, 'NO_ENDPOINT');
    return 'taken';
  }

  #threw(exchange: Exchange, error: unknown): void {
    this.#report(error, exchange.incoming);
    this.#refuse(exchange, rejections.UPGRADE_THREW, 'UPGRADE_THREW');
  }

  #answer(exchange: Http1Exchange, attachment: Attachment | undefined): void {
    if (areCutOff(exchange.incoming, this.#server)) {
      this.#refuse(exchange, rejections.TOO_MANY_HEADERS, 'TOO_MANY_HEADERS');
    } else if (!exchange.asksForWebSocket) {
      serveWithoutUpgrade(this.#server, exchange);
    } else if (attachment !== undefined) {
      attachment.take(exchange);
    } else {
      this.#refuse(exchange, rejections.NO_ENDPOINT, 'NO_ENDPOINT');
    }
  }

  #find(target: string): Attachment | undefined {
    const path = pathOf(target);
    if (path === undefined) return undefined;
    return this.#attachments.find((attachment) => matches(attachment.path, path));
  }

  #report(error: unknown, request: IncomingMessage): void {
    if (channels.error.hasSubscribers) {
      channels.error.publish({ endpoint: undefined, socket: undefined, request, error });
    } else {
      warn(error);
    }
  }

  #leaves(): boolean {
    if (this.#attachments.some(({ otherwise }) => otherwise === 'leave')) return true;
    if (this.#attachments.some(({ otherwise }) => otherwise === 'refuse')) return false;
    return this.#server.listenerCount('upgrade') > 1;
  }

  #refuse(exchange: Exchange, rejection: Rejection, reason: RefusedReason): void {
    if (channels.refused.hasSubscribers) {
      channels.refused.publish({ endpoint: undefined, request: exchange.incoming, status: rejection.status, reason });
    }
    exchange.refuse(rejection, this.#deadlines, REFUSAL_TIMEOUT, reason);
  }
}

function isForWebSocket({ rawHeaders }: IncomingMessage): boolean {
  return asksForWebSocket(readOpeningHeaders(new HeaderList(rawHeaders)));
}

/** From this version on Node keeps the body of an upgrade to itself, so that the request cannot be read again. */
const KEEPS_BODIES = 25;

/**
 * Where Node keeps the bodies of upgrades, has the server serve those with a body as plain requests, unless `wants` wants
 * them, and returns what ends that. It is the option `shouldUpgradeCallback`. It is not for the others, because Node loses
 * what is pipelined behind an upgrade that it serves in that way.
 */
function chooseUpgrades(server: HttpServer, wants: (request: IncomingMessage) => boolean): () => void {
  const before = 'shouldUpgradeCallback' in server ? server.shouldUpgradeCallback : undefined;
  if (typeof before !== 'function' || Number.parseInt(process.versions.node, 10) < KEEPS_BODIES) return () => {};
  const choose = (request: IncomingMessage): boolean =>
    Boolean(Reflect.apply(before, server, [request])) && (!hasBody(request) || wants(request));
  Object.assign(server, { shouldUpgradeCallback: choose });
  return () => {
    // Whoever has chosen since may rely on this one.
    if (Reflect.get(server, 'shouldUpgradeCallback') === choose)
      Object.assign(server, { shouldUpgradeCallback: before });
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function matches(path: PathOption | undefined, actual: string): boolean {
  if (path === undefined) return true;
  if (typeof path === 'string') return path === actual;
  // Unlike `test`, `search` does not depend on what a global pattern has matched before.
  return path instanceof RegExp ? actual.search(path) !== -1 : path(actual);
}

/** Node keeps so many names and values at first, and as many headers as `maxHeadersCount` says. */
const DEFAULT_HEADER_FIELDS = 2000;

/** Whether Node may have left out headers, one of which may announce a body. */
function areCutOff({ rawHeaders }: IncomingMessage, server: HttpServer): boolean {
  const max = 'maxHeadersCount' in server ? server.maxHeadersCount : null;
  const fields = typeof max === 'number' ? max * 2 : DEFAULT_HEADER_FIELDS;
  return fields > 0 && rawHeaders.length >= fields;
}

/** Puts a request back in front of what follows it, without Upgrade, and has the server read it again. */
function serveWithoutUpgrade(server: HttpServer, { incoming, stream, head }: Exchange): void {
  const { method, url, httpVersion, rawHeaders } = incoming;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.toLowerCase() !== 'upgrade') text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  // What is set may be the deadline for a further request.
  if (stream instanceof Socket) stream.setTimeout(0);
  stream.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  // Documented for `connection`: "can also be explicitly emitted by users to inject connections into the HTTP server".
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', stream);
}

/** The answer to a request whose URL cannot be read. */
export const badTarget: Rejection = rejectionOf(refuse('REQUEST_TARGET'));
