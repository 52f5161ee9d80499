import { randomUUID } from 'node:crypto';
import type { Socket as TcpSocket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Acceptance, Rejection, RejectionInit, UpgradeRequest } from '@tidewire/server';
import { Access } from './access.ts';
import { Bridge, type BridgeHost } from './bridge.ts';
import { TrustedProxies } from './client-address.ts';
import { ConnectError, connectTo } from './connect.ts';
import type { GatewayObserver, GatewayRefusal } from './observer.ts';
import { type GatewayOptions, type Limits, originsRule } from './options.ts';
import { plainAddress, proxyHeader } from './proxy-protocol.ts';
import type { Choice, Routes } from './route.ts';

// From a request to a connection with its server, or a refusal with a status. Whatever costs nothing is looked at first; the
// server is asked last, and before the client is told that it has a WebSocket.

interface AdmissionParts {
  readonly options: GatewayOptions;
  readonly limits: Limits;
  readonly routes: Routes;
  readonly bridges: BridgeHost;
  readonly tell: (say: (observer: GatewayObserver) => void) => void;
}

const again: RejectionInit = { headers: [['Retry-After', '5']] };
const askForToken: RejectionInit['headers'] = [['WWW-Authenticate', 'Bearer']];

/** What a client is told: not what is behind the gateway, nor what went wrong there. */
const answers: Readonly<Record<GatewayRefusal, readonly [status: number, init: RejectionInit]>> = {
  NO_SUBPROTOCOL: [400, {}],
  FOREIGN_ORIGIN: [403, { body: 'Pages of this origin may not connect.\n' }],
  UNAUTHORIZED: [401, { headers: askForToken, body: 'A valid token or key is needed.\n' }],
  TOKEN_EXPIRED: [401, { headers: askForToken, body: 'The token has expired.\n' }],
  FORBIDDEN: [403, { body: 'This token or key is not for this target.\n' }],
  KEYS_UNAVAILABLE: [503, { ...again, body: 'Tokens cannot be checked at present.\n' }],
  TOO_MANY_CONNECTIONS: [503, { ...again, body: 'There are too many connections.\n' }],
  TOO_MANY_OF_ADDRESS: [429, { ...again, body: 'There are too many connections from this address.\n' }],
  CONNECT_FAILED: [502, { body: 'The server behind the gateway cannot be reached.\n' }],
  TLS_FAILED: [502, { body: 'There is no secure connection to the server behind the gateway.\n' }],
  CONNECT_TIMEOUT: [504, { body: 'The server behind the gateway does not answer.\n' }],
  // The client has gone, and sees nothing.
  ABORTED: [503, {}],
};

export class Admission {
  readonly #parts: AdmissionParts;
  readonly #access: Access;
  readonly #proxies: TrustedProxies;
  readonly #isAllowed: ReturnType<typeof originsRule>;
  /** Connections, and attempts at them, by the client's address. */
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  /** @throws TypeError naming the option that makes no sense */
  constructor(parts: AdmissionParts) {
    const { options } = parts;
    this.#parts = parts;
    this.#access = new Access(options);
    this.#proxies = new TrustedProxies(options.trustedProxies ?? []);
    this.#isAllowed = originsRule(options);
  }

  async decide(request: UpgradeRequest): Promise<Acceptance<Bridge> | Rejection> {
    const clientAddress = this.#proxies.clientOf(request);
    const choice = this.#parts.routes.choose(request.path, request.subprotocols);
    const refuse = (reason: GatewayRefusal, target: string | undefined, detail?: string, body?: string) => {
      const [status, init] = answers[reason];
      const refused = { target, clientAddress, status, reason, detail, request: request.incoming };
      this.#parts.tell((each) => each.refused?.(refused));
      return request.reject(status, body === undefined ? init : { ...init, body });
    };
    if (!this.#isAllowed(request)) return refuse('FOREIGN_ORIGIN', 'route' in choice ? choice.route.name : undefined);
    if (!('route' in choice)) {
      const spoken = `Ask for one of these subprotocols: ${choice.join(', ')}.\n`;
      return refuse('NO_SUBPROTOCOL', undefined, undefined, spoken);
    }
    const { name } = choice.route;
    const full = this.#enter(clientAddress);
    if (full !== undefined) return refuse(full, name);
    // Now: when a connection of HTTP/2 is gone, Node gives away nothing of it.
    const wire = wireOf(request);
    let bridge: Bridge | undefined;
    try {
      const visitor = await this.#access.admit(request, name);
      if (typeof visitor === 'string') return refuse(visitor, name);
      bridge = await this.#connect({ request, wire, clientAddress, user: visitor.user }, choice);
      return { data: bridge, subprotocol: choice.subprotocol };
    } catch (error) {
      if (error instanceof ConnectError) return refuse(error.reason, name, error.message);
      throw error;
    } finally {
      if (bridge === undefined) this.left(clientAddress);
    }
  }

  /** One of this address is gone. */
  left(clientAddress: string | undefined): void {
    this.#count -= 1;
    const key = clientAddress ?? '';
    const others = (this.#byAddress.get(key) ?? 0) - 1;
    if (others > 0) this.#byAddress.set(key, others);
    else this.#byAddress.delete(key);
  }

  #enter(clientAddress: string | undefined): 'TOO_MANY_CONNECTIONS' | 'TOO_MANY_OF_ADDRESS' | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#parts.limits;
    if (this.#count >= maxConnections) return 'TOO_MANY_CONNECTIONS';
    const key = clientAddress ?? '';
    const others = this.#byAddress.get(key) ?? 0;
    // On a Unix socket all clients have one address: the proxy's.
    if (clientAddress !== undefined && others >= maxConnectionsPerAddress) return 'TOO_MANY_OF_ADDRESS';
    this.#count += 1;
    this.#byAddress.set(key, others + 1);
    return undefined;
  }

  async #connect(client: Client, { route, subprotocol = '' }: Choice): Promise<Bridge> {
    const { tell, bridges } = this.#parts;
    const { request, clientAddress, user } = client;
    const startedAt = performance.now();
    const id = randomUUID();
    const header = route.proxyProtocol ? headerFor(client, id, subprotocol) : undefined;
    const say = (outcome: 'ok' | ConnectError['reason']) =>
      tell((each) => each.connected?.(route.name, performance.now() - startedAt, outcome));
    let tcp: TcpSocket;
    try {
      tcp = await connectTo(route, request.signal, header);
    } catch (error) {
      if (error instanceof ConnectError) say(error.reason);
      throw error;
    }
    say('ok');
    const { name, host, messages, isEncrypted, encryption, maxMessageSize, maxStanzaSize } = route;
    const limits = { maxMessageSize, maxStanzaSize };
    const info = { subprotocol, name, host, messages, clientAddress, isEncrypted, encryption, ...limits };
    return new Bridge(bridges, { route, tcp, id, info, user }, request.signal);
  }
}

interface Client {
  readonly request: UpgradeRequest;
  readonly wire: Wire;
  readonly clientAddress: string | undefined;
  readonly user: string | undefined;
}

/** The connection that a request has come by. */
interface Wire {
  readonly remotePort: number;
  readonly local: { readonly address: string; readonly port: number } | undefined;
  readonly tls: string | undefined;
}

function wireOf({ incoming: { socket } }: UpgradeRequest): Wire {
  const { remotePort = 0, localAddress, localPort = 0 } = socket;
  return {
    remotePort,
    local: localAddress === undefined ? undefined : { address: localAddress, port: localPort },
    tls: socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined,
  };
}

function headerFor({ request, wire, clientAddress }: Client, id: string, subprotocol: string): Uint8Array {
  // Of a client behind a proxy the address is known, and not the port.
  const isDirect = clientAddress === plainAddress(request.remoteAddress ?? '');
  return proxyHeader({
    source: clientAddress === undefined ? undefined : { address: clientAddress, port: isDirect ? wire.remotePort : 0 },
    destination: wire.local,
    id,
    authority: request.host,
    protocol: subprotocol === '' ? undefined : subprotocol,
    tls: wire.tls,
  });
}
