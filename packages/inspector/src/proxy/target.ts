import { type ClientRequest, request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

// The one server that a proxy is in front of.

export interface TargetOptions {
  /** ws:, wss:, http: or https:. Only its origin counts. */
  readonly url: string | URL;
  /** Certificate authorities in PEM, in place of the usual ones. */
  readonly ca?: string | Buffer | undefined;
  /** Whether its certificate is not verified. Default `false`. */
  readonly insecure?: boolean | undefined;
}

const secureOf: Readonly<Record<string, boolean>> = { 'ws:': false, 'http:': false, 'wss:': true, 'https:': true };

export class Target {
  /** As clients that are pages have it: `http://localhost:3000`. */
  readonly origin: string;
  /** As a WebSocket's URL begins: `ws://localhost:3000`. */
  readonly webSocketOrigin: string;
  /** For the Host header. */
  readonly host: string;
  readonly #isSecure: boolean;
  readonly #hostname: string;
  readonly #port: number;
  readonly #tls: { readonly ca?: string | Buffer; readonly rejectUnauthorized: boolean };

  /** @throws TypeError if the URL is none of a WebSocket or of HTTP */
  constructor({ url, ca, insecure = false }: TargetOptions) {
    const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
    const isSecure = parsed && secureOf[parsed.protocol];
    if (parsed === undefined || isSecure === undefined || parsed.hostname === '') {
      throw new TypeError(`url must be a URL of ws:, wss:, http: or https:, not ${String(url)}`);
    }
    this.#isSecure = isSecure;
    this.#hostname = parsed.hostname.replace(/^\[|\]$/g, '');
    this.#port = parsed.port === '' ? (isSecure ? 443 : 80) : Number(parsed.port);
    this.host = parsed.host;
    this.origin = `${isSecure ? 'https' : 'http'}://${parsed.host}`;
    this.webSocketOrigin = `${isSecure ? 'wss' : 'ws'}://${parsed.host}`;
    this.#tls = { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: !insecure };
  }

  /** Each side of it ends by itself. */
  connect(): Socket {
    const where = { host: this.#hostname, port: this.#port, allowHalfOpen: true, noDelay: true };
    if (!this.#isSecure) return connect(where);
    const servername = isIP(this.#hostname) === 0 ? this.#hostname : '';
    return connectTls({ ...where, ...this.#tls, servername, ALPNProtocols: ['http/1.1'] });
  }

  /**
   * A request on a connection of its own, which is not sent yet.
   * @param headers names and values in turn; nothing but Connection is added to them
   * @throws TypeError for a method, path or header that cannot be sent
   */
  request(method: string, path: string, headers: readonly string[]): ClientRequest {
    return request({
      method,
      path,
      headers,
      setHost: false,
      // Without an agent: nobody else uses it afterwards.
      createConnection: () => this.connect(),
    });
  }
}

/** What is wrong, in a few words. */
export function reasonOf(error: Error): string {
  // Where a name has several addresses, the error is one of several, and has no message of its own.
  const code = 'code' in error ? String(error.code) : undefined;
  return error.message === '' ? (code ?? error.name) : error.message;
}
