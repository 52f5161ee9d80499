import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { pagePaths } from '@tidewire/console/console-messages';
import type { UpgradeRequest, WebSocketEndpoint } from '@tidewire/server';
import { Keyring } from '../service/api/keys.ts';
import { consolePart } from '../service/console/console-part.ts';
import { ConsoleSessions } from '../service/console/sessions.ts';
import { type Answer, handleRequests, type Resource, text } from '../service/http.ts';
import { Connections, createServiceServer, handle, listen } from '../service/listening.ts';

// The console of `tidewire inspect`: the inspector's page and nothing else, for whoever has the key that is in its URL.

/** The path of the socket by which the page and the inspector talk. */
const SOCKET_PATH = `${pagePaths.inspector}/socket`;

/** How long pages have for the closing handshake at the end, in milliseconds. */
const CLOSE_TIMEOUT = 500;

/** How long a browser has to follow its link, in milliseconds: it may have to start. */
const LINK_LIFETIME = 60_000;

type Authorize = (request: UpgradeRequest) => boolean;
type Endpoint = Pick<WebSocketEndpoint<never>, 'attach' | 'close'>;

export class InspectorConsole {
  readonly #key = randomBytes(24).toString('base64url');
  readonly #server = createServiceServer(undefined);
  readonly #connections = new Connections(this.#server);
  readonly #createEndpoint: (authorize: Authorize) => Endpoint;
  #endpoint: Endpoint | undefined;
  #address = '';
  /** The path of the link that is good once. */
  #link: string | undefined;

  constructor(createEndpoint: (authorize: Authorize) => Endpoint) {
    this.#createEndpoint = createEndpoint;
  }

  /**
   * Resolves with the URL of the page, with its key.
   * @throws UsageError if the pages have not been built; Error of Node's, such as EADDRINUSE
   */
  async listen(host: string, port: number): Promise<string> {
    const actual = await listen(this.#server, host, port);
    // Which names it may be asked for by depends on where it listens.
    const keyring = new Keyring([{ name: 'inspect', key: this.#key }]);
    const sessions = new ConsoleSessions({ host, keyring: () => keyring });
    const { live = [], resources = [] } = consolePart(['inspector'], sessions, undefined);
    handle(this.#server, handleRequests([toPage, (path) => this.#follow(path), ...resources], live));
    const endpoint = this.#createEndpoint(({ incoming }) => sessions.grantOf(incoming) !== undefined);
    endpoint.attach(this.#server, { path: SOCKET_PATH, otherwise: 'refuse' });
    this.#endpoint = endpoint;
    this.#address = `http://${hostForUrl(host)}:${actual}`;
    return `${this.#address}${this.#pageWithKey}`;
  }

  /**
   * A URL that leads to the page once, within a minute. For the browser that is started: everybody on the machine can see with what
   * arguments, and the key would be good for as long as the process.
   */
  linkOnce(): string {
    const link = `/open/${randomBytes(24).toString('base64url')}`;
    this.#link = link;
    setTimeout(() => {
      if (this.#link === link) this.#link = undefined;
    }, LINK_LIFETIME).unref();
    return `${this.#address}${link}`;
  }

  async close(): Promise<void> {
    await this.#endpoint?.close({ timeout: CLOSE_TIMEOUT });
    await this.#connections.close();
  }

  get #pageWithKey(): string {
    return `${pagePaths.inspector}#key=${this.#key}`;
  }

  #follow(path: string): Answer | undefined {
    if (!path.startsWith('/open/')) return undefined;
    if (path !== this.#link)
      return text(410, 'This link was good once, for a minute. The terminal has the URL of the console.');
    this.#link = undefined;
    return {
      status: 302,
      headers: { Location: this.#pageWithKey, 'Cache-Control': 'no-store' },
      body: Buffer.alloc(0),
    };
  }
}

const toPage: Resource = (path): Answer | undefined => {
  if (path !== '/') return undefined;
  return { status: 302, headers: { Location: pagePaths.inspector }, body: Buffer.alloc(0) };
};

/** How a browser on this machine gets there. */
function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}
