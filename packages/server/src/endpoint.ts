import type { IncomingMessage } from 'node:http';
import { Deadlines } from '@tidewire/node';
import { Admission } from './admission.ts';
import { type AttachOptions, attachUpgrades, type HttpServer } from './attachment.ts';
import { becomePart, channels, warn, wholeOf } from './diagnostics.ts';
import { Draining, type DrainOptions } from './draining.ts';
import type { Exchange } from './exchange.ts';
import { type EndpointOptions, resolveOptions } from './options.ts';
import type { RefusedReason } from './refusal.ts';
import { isThenable, Session, type SessionHost } from './session.ts';
import type { MessageOptions, Socket } from './socket.ts';
import { type PublishResult, Topics } from './topics.ts';
import { type RequestSocket, requestSockets } from './tunnel/request-socket.ts';
import { readTunnelTarget } from './tunnel/tunnel-target.ts';
import { Tunnels } from './tunnel/tunnels.ts';

export interface PublishOptions<Data> extends MessageOptions {
  /** A socket that does not get the message: usually the one that it came from. */
  readonly except?: Socket<Data> | undefined;
}

/**
 * One kind of WebSocket service: how clients are admitted, what happens on their sockets, and what they may take. It listens
 * where it is attached, on as many servers and paths as wanted.
 */
export class WebSocketEndpoint<Data = undefined> {
  readonly #host: SessionHost<Data>;
  readonly #admission: Admission<Data>;
  readonly #tunnels: Tunnels | undefined;
  /** Takes the sockets over which tunnels have their requests. */
  readonly #requestSockets: WebSocketEndpoint<RequestSocket> | undefined;
  readonly #sockets = new Set<Socket<Data>>();
  #draining: Draining | undefined;
  #drained = Promise.resolve();

  /** @throws TypeError or RangeError naming the option that makes no sense */
  constructor(options: EndpointOptions<Data>) {
    const resolved = resolveOptions(options);
    const { upgrade } = options;
    const deadlines = new Deadlines();
    this.#host = {
      endpoint: this,
      handlers: options,
      settings: resolved.settings,
      timeouts: resolved.timeouts,
      deadlines,
      topics: new Topics(resolved.closesSlowSubscribers),
      threw: (error, socket) => this.#threw(error, socket, undefined),
      ended: (socket) => {
        this.#sockets.delete(socket);
        this.#finishDraining();
      },
    };
    this.#admission = new Admission({
      options: resolved,
      upgrade: upgrade && ((request) => upgrade.call(options, request)),
      deadlines,
      closedTo: () => {
        if (this.#draining !== undefined) return 'DRAINING';
        return this.connectionCount >= resolved.maxConnections ? 'TOO_MANY_CONNECTIONS' : undefined;
      },
      admitted: (stream, origination, opening) => {
        const session = new Session(this.#host, stream, origination);
        this.#sockets.add(session.socket);
        session.start(opening);
      },
      refused: (request, status, reason) => this.#refused(request, status, reason),
      threw: (error, request) => this.#threw(error, undefined, request),
      settled: () => this.#finishDraining(),
    });
    this.#tunnels =
      resolved.tunnel &&
      new Tunnels({
        limits: resolved.tunnel,
        deadlines,
        timeout: resolved.timeouts.close,
        mayAsk: (origin, host) => 'ask' in resolved.origin || resolved.origin.allows(origin, host),
        admit: (exchange) => this.#admission.take(exchange),
        refused: (request, status, reason) => this.#refused(request, status, reason),
      });
    const tunnels = this.#tunnels;
    this.#requestSockets =
      tunnels &&
      resolved.tunnel &&
      new WebSocketEndpoint(
        requestSockets(
          (session) => tunnels.find(session),
          resolved.tunnel.parameters.maxBodySize,
          resolved.timeouts.close,
        ),
      );
    if (this.#requestSockets !== undefined) becomePart(this.#requestSockets, this);
  }

  /**
   * Takes the WebSocket requests of a server, and those of tunnels, beside whatever else it does. Other requests stay with
   * the server.
   * Returns what ends that; open sockets stay open, but those over tunnels can be reached no more.
   * @throws TypeError for a wrong option; Error if the server has an endpoint at the same path already
   */
  attach(server: HttpServer, options: AttachOptions = {}): () => void {
    const tunnels = this.#tunnels;
    return attachUpgrades(
      server,
      options,
      (exchange) => this.#take(exchange),
      tunnels && ((request, target) => tunnels.take(request, target)),
    );
  }

  /** The sockets that are open or closing. */
  get sockets(): ReadonlySet<Socket<Data>> {
    return this.#sockets;
  }

  /** Sockets and upgrades under way: what `maxConnections` limits. */
  get connectionCount(): number {
    return this.#sockets.size + this.#admission.pending;
  }

  /** Whether `drain` or `close` was called: upgrades are refused with 503. */
  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  /** How many sockets are subscribed to `topic`. */
  subscriberCount(topic: string): number {
    return this.#host.topics.count(topic);
  }

  /**
   * Sends a message to all sockets that are subscribed to `topic`. It is framed, and compressed, once for all of them.
   * @param message bytes must not change before they have left
   * @throws TypeError if `message` is neither text nor bytes, or `topic` is not a string
   */
  publish(topic: string, message: string | Uint8Array, options: PublishOptions<Data> = {}): PublishResult {
    if (typeof topic !== 'string') throw new TypeError(`topic must be a string, not ${typeof topic}`);
    if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
      throw new TypeError(`message must be a string or a Uint8Array, not ${typeof message}`);
    }
    const { except, compress } = options;
    // It goes out at the end of the turn or later, and may have been lent until then.
    const lasting = typeof message !== 'string' && this.#host.settings.lendsBinary ? Buffer.from(message) : message;
    const isSubscribed = except !== undefined && this.#sockets.has(except) && except.isSubscribed(topic);
    return this.#host.topics.publish(topic, lasting, {
      compress: compress !== false,
      except: isSubscribed ? except : undefined,
    });
  }

  /**
   * Ends the service: refuses upgrades with 503 from now on, closes all sockets, spread over a time, and cuts those that
   * are left after a further one. Resolves when all are gone. Called again it returns the same promise.
   * @throws RangeError or TypeError naming the option that makes no sense
   */
  drain(options: DrainOptions = {}): Promise<void> {
    if (this.#draining === undefined) {
      const { timeout } = options;
      this.#draining = new Draining(this.#sockets, options);
      // They have brought the ends of the tunnels, and would keep the server from closing.
      this.#drained = this.#draining.finished.then(() => this.#requestSockets?.close({ timeout }));
      this.#admission.giveUp();
      this.#finishDraining();
    }
    return this.#drained;
  }

  /** The same with no time to spare, even if `drain` is under way: all sockets are closed at once. Throws as `drain` does. */
  close(options: Omit<DrainOptions, 'within'> = {}): Promise<void> {
    this.#draining?.hurry(options.timeout);
    return this.drain({ ...options, within: 0 });
  }

  #take(exchange: Exchange): void {
    const isOfTunnel = readTunnelTarget(exchange.incoming.url ?? '') !== undefined;
    const endpoint = isOfTunnel ? this.#requestSockets : undefined;
    (endpoint === undefined ? this.#admission : endpoint.#admission).take(exchange);
  }

  #finishDraining(): void {
    if (this.connectionCount === 0) this.#draining?.finish();
  }

  #refused(request: IncomingMessage, status: number, reason: RefusedReason): void {
    if (!channels.refused.hasSubscribers) return;
    channels.refused.publish({ endpoint: wholeOf(this), request, status, reason });
  }

  /** The application's own errors go back to the application. Where it does not listen, a warning is better than silence. */
  #threw(error: unknown, socket: Socket<Data> | undefined, request: IncomingMessage | undefined): void {
    const { handlers } = this.#host;
    if (channels.error.hasSubscribers) channels.error.publish({ endpoint: this, socket, request, error });
    else if (socket === undefined || handlers.error === undefined) warn(error);
    try {
      const result: unknown = socket && handlers.error?.(socket, error);
      if (isThenable(result)) Promise.resolve(result).catch(warn);
    } catch (errorOfHandler) {
      warn(errorOfHandler);
    }
  }
}
