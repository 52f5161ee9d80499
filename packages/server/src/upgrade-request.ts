import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { HeaderList, OpeningRequest } from '@tidewire/protocol';
import { parseCookies } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import { Rejection, type RejectionInit } from './refusal.ts';

/** A client's request to open a WebSocket: a valid handshake on which the application is to decide. */
export class UpgradeRequest {
  /** Node's own view of the request. Its socket is not yours to write to. */
  readonly incoming: IncomingMessage;
  /** What the client has sent as Host. */
  readonly host: string;
  /** What the page that connects is from, as sent; `undefined` if the client is no browser. */
  readonly origin: string | undefined;
  /** In the client's order of preference. */
  readonly subprotocols: readonly string[];
  readonly headers: HeaderList;
  /** The IP address of who connects, which may be a proxy; `undefined` on a Unix socket. */
  readonly remoteAddress: string | undefined;
  /** Whether the connection to this process is encrypted. */
  readonly encrypted: boolean;
  readonly #target: string;
  readonly #decision: { readonly signal: AbortSignal };
  #url: URL | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #rejection: Rejection | undefined;

  /** @param opening whose target makes a URL with its host */
  constructor(exchange: Exchange, opening: OpeningRequest, decision: { readonly signal: AbortSignal }) {
    this.incoming = exchange.incoming;
    this.#target = opening.target;
    this.host = opening.host;
    this.origin = opening.origin;
    this.subprotocols = opening.subprotocols;
    this.headers = opening.headers;
    // Now: once a connection of HTTP/2 is gone, Node gives away nothing of its socket.
    const { socket } = exchange.incoming;
    this.remoteAddress = socket.remoteAddress;
    this.encrypted = socket instanceof TLSSocket;
    this.#decision = decision;
  }

  get url(): URL {
    this.#url ??= new URL(absolute(this.#target, this.host, this.encrypted));
    return this.#url;
  }

  get method(): string {
    return this.incoming.method ?? '';
  }

  /** The path of the URL, percent-encoded. */
  get path(): string {
    return this.url.pathname;
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  /** The cookies by name, percent-decoded. */
  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(this.headers.all('Cookie').join(';'));
    return this.#cookies;
  }

  /** The client's certificate, if the TLS server asked for one and the client has one. Read it before the client is gone. */
  get certificate(): PeerCertificate | undefined {
    if (!this.encrypted) return undefined;
    const certificate = peerCertificate(this.incoming);
    return certificate && Object.keys(certificate).length > 0 ? certificate : undefined;
  }

  /** Aborted when the client goes away, the handshake's deadline passes or the endpoint drains before there is a decision. */
  get signal(): AbortSignal {
    return this.#decision.signal;
  }

  /**
   * Refuses the request. Return what this returns; once it was called the request is refused, whatever `upgrade` returns.
   * @param status 300 to 599
   * @throws RangeError for another status; TypeError for a header that is invalid, or set by the refusal itself
   */
  reject(status: number, init?: RejectionInit): Rejection {
    this.#rejection = new Rejection(status, init);
    return this.#rejection;
  }

  /** What `reject` was called with. */
  get rejection(): Rejection | undefined {
    return this.#rejection;
  }
}

function peerCertificate({ socket }: IncomingMessage): PeerCertificate | undefined {
  try {
    return socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
  } catch {
    // The connection of HTTP/2 is gone.
    return undefined;
  }
}

/**
 * The URL of a request, or `undefined` if there is none. The target is a path, even one that begins with two slashes, or
 * an absolute URL (RFC 9112, 3.2).
 */
export function parseTarget(target: string, host = 'localhost'): URL | undefined {
  const text = absolute(target, host, false);
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Where a client wanted to go, as it has said it. */
export function webSocketUrl({ socket }: IncomingMessage, { target, host }: OpeningRequest): string {
  return absolute(target, host, socket instanceof TLSSocket).replace(/^http/i, 'ws');
}

function absolute(target: string, host: string, encrypted: boolean): string {
  return target.startsWith('/') ? `${encrypted ? 'https' : 'http'}://${host}${target}` : target;
}

/**
 * A path as URLs write it. Segments that begin with a dot are left out, because some of them lead elsewhere, and so is all
 * that is or may have to be percent-encoded.
 */
const plainPath = /^(?:\/(?!\.)[\w\-.~!$&'()*+,;=:@]*)+$/;

/** The path of a request's URL, percent-encoded, or `undefined` if there is no URL. */
export function pathOf(target: string): string | undefined {
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  // Nearly all paths are plain, and a URL costs ten times as much.
  return plainPath.test(path) ? path : parseTarget(target)?.pathname;
}
