import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Deadlines } from '@tidewire/node';
import { type AttachOptions, type HttpServer, type RefusedEvent, WebSocketEndpoint } from '@tidewire/server';
import { Admission } from './admission.ts';
import type { Bridge, BridgeHost } from './bridge.ts';
import type { GatewayObserver, WatchedConnection } from './observer.ts';
import { type GatewayDrainOptions, type GatewayOptions, resolveLimits } from './options.ts';
import { Routes } from './route.ts';

const REFUSED = 'tidewire:server:refused';

/** More than the deadline of a connection to a server, which says what happened; in milliseconds. */
const FURTHER_TIME = 15_000;

/** WebSockets in front of TCP servers. It listens where it is attached, at the paths of its targets. */
export class Gateway {
  readonly #routes: Routes;
  readonly #endpoint: WebSocketEndpoint<Bridge>;
  readonly #observers: readonly GatewayObserver[];
  /** Those whose server's side is not gone yet. */
  readonly #bridges = new Set<Bridge>();
  #whenEmpty: (() => void) | undefined;
  #attached = 0;

  /** @throws TypeError or RangeError naming the option that makes no sense */
  constructor(options: GatewayOptions) {
    const { heartbeat = {}, writeTimeout = 120_000, deflate = false, observers = [] } = options;
    const limits = resolveLimits(options);
    const deadlines = new Deadlines();
    this.#routes = new Routes(options.targets);
    this.#observers = observers;
    const host: BridgeHost = {
      deadlines,
      maxInFlight: limits.maxInFlight,
      lingerTimeout: limits.closeTimeout,
      threw: (bridge, error) => this.#tell((each) => each.failed?.(bridge, error)),
      abandoned: (bridge) => admission.left(bridge.clientAddress),
      opened: (bridge) => {
        this.#bridges.add(bridge);
        this.#tell((each) => each.opened?.(bridge));
      },
      ended: (bridge, ending) => {
        this.#bridges.delete(bridge);
        admission.left(bridge.clientAddress);
        this.#tell((each) => each.closed?.(bridge, ending));
        if (this.#bridges.size === 0) this.#whenEmpty?.();
      },
    };
    const admission = new Admission({
      options,
      limits,
      routes: this.#routes,
      bridges: host,
      tell: (say) => this.#tell(say),
    });
    const most = (read: (route: Routes['all'][number]) => number) => Math.max(...this.#routes.all.map(read));
    this.#endpoint = new WebSocketEndpoint<Bridge>({
      upgrade: (request) => admission.decide(request),
      open: (socket) => socket.data.open(socket),
      message: (socket, message) => socket.data.message(message),
      drain: (socket) => socket.data.drained(),
      close: (socket, code, reason, details) => socket.data.closed(code, reason, details),
      error: (socket, error) => this.#tell((each) => each.failed?.(socket.data, error)),
      // Asked by the admission, which says why it refuses.
      origin: () => true,
      deflate,
      heartbeat,
      // Dead peers are the heartbeat's, and silence of the living is each target's.
      idleTimeout: false,
      writeTimeout,
      closeTimeout: limits.closeTimeout,
      handshakeTimeout: most(({ connectTimeout }) => connectTimeout) + FURTHER_TIME,
      tunnel: false,
      limits: {
        maxMessageSize: most(({ maxMessageSize }) => maxMessageSize),
        maxBufferedAmount: Number.POSITIVE_INFINITY,
      },
    });
  }

  /**
   * Takes the WebSocket requests for the paths of the targets, beside whatever else the server does. Returns what ends that; open
   * connections stay.
   * @throws TypeError if the server is none, or an option is of the wrong kind
   */
  attach(server: HttpServer, options: Pick<AttachOptions, 'otherwise'> = {}): () => void {
    const detach = this.#endpoint.attach(server, { ...options, path: (path) => this.#routes.has(path) });
    if (this.#attached === 0) subscribe(REFUSED, this.#refused);
    this.#attached += 1;
    let isAttached = true;
    return () => {
      if (!isAttached) return;
      isAttached = false;
      this.#attached -= 1;
      detach();
      if (this.#attached === 0) unsubscribe(REFUSED, this.#refused);
    };
  }

  /** Those that are open, or whose server has not ended its side yet. */
  get connections(): ReadonlySet<WatchedConnection> {
    return this.#bridges;
  }

  /** With the attempts under way. */
  get connectionCount(): number {
    return this.#endpoint.connectionCount;
  }

  get isDraining(): boolean {
    return this.#endpoint.isDraining;
  }

  /** The paths at which clients connect, by the name of the target. */
  get paths(): ReadonlyMap<string, string> {
    return new Map(this.#routes.all.map(({ name, path }) => [name, path]));
  }

  /**
   * Refuses clients with 503 from now on, closes all WebSockets with 1001, spread over a time, and ends the servers' sides. Resolves
   * when all are gone. Throws as `WebSocketEndpoint.drain` does.
   */
  async drain(options: GatewayDrainOptions = {}): Promise<void> {
    await this.#endpoint.drain(options);
    await this.#empty();
  }

  /** The same with no time to spare, even if `drain` is under way. */
  async close(options: Omit<GatewayDrainOptions, 'within'> = {}): Promise<void> {
    await this.#endpoint.close(options);
    for (const bridge of this.#bridges) bridge.cut();
    await this.#empty();
  }

  #empty(): Promise<void> {
    if (this.#bridges.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#whenEmpty;
      this.#whenEmpty = () => {
        before?.();
        resolve();
      };
    });
  }

  #tell(say: (observer: GatewayObserver) => void): void {
    for (const observer of this.#observers) say(observer);
  }

  /** What the endpoint refuses without asking: what is no handshake, and everybody while it drains. */
  readonly #refused = (event: unknown): void => {
    const { endpoint, request, status, reason } = event as RefusedEvent;
    // What the gateway itself has rejected it has told of.
    if (endpoint !== this.#endpoint || reason === 'REJECTED') return;
    const clientAddress = request.socket.remoteAddress;
    const refused = { target: undefined, clientAddress, status, reason, detail: undefined, request };
    this.#tell((each) => each.refused?.(refused));
  };
}
