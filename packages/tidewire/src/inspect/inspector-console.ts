import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { pagePaths } from '@tidewire/console/console-messages';
import type { UpgradeRequest, WebSocketEndpoint } from '@tidewire/server';
import { Keyring } from '../service/api/keys.ts';
import { consolePart } from '../service/console/console-part.ts';
import { ConsoleSessions } from '../service/console/sessions.ts';
import { type Answer, handleRequests, type Resource } from '../service/http.ts';
import { Connections, createServiceServer, handle, listen } from '../service/listening.ts';

// The console of `tidewire inspect`: the inspector's page and nothing else, for whoever has the key that is in its URL.

/** The path of the socket by which the page and the inspector talk. */
const SOCKET_PATH = `${pagePaths.inspector}/socket`;

/** How long pages have for the closing handshake at the end, in milliseconds. */
const CLOSE_TIMEOUT = 500;

type Authorize = (request: UpgradeRequest) => boolean;
type Endpoint = Pick<WebSocketEndpoint<never>, 'attach' | 'close'>;

export class InspectorConsole {
  readonly #key = randomBytes(24).toString('base64url');
  readonly #server = createServiceServer(undefined);
  readonly #connections = new Connections(this.#server);
  readonly #createEndpoint: (authorize: Authorize) => Endpoint;
  #endpoint: Endpoint | undefined;

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
    handle(this.#server, handleRequests([toPage, ...resources], live));
    const endpoint = this.#createEndpoint(({ incoming }) => sessions.grantOf(incoming) !== undefined);
    endpoint.attach(this.#server, { path: SOCKET_PATH, otherwise: 'refuse' });
    this.#endpoint = endpoint;
    return `http://${hostForUrl(host)}:${actual}${pagePaths.inspector}#key=${this.#key}`;
  }

  async close(): Promise<void> {
    await this.#endpoint?.close({ timeout: CLOSE_TIMEOUT });
    await this.#connections.close();
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
