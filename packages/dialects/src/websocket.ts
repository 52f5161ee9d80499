import { type Disconnect, disconnectCodes, type OutletResult } from '@tidewire/hub';
import { Deadlines } from '@tidewire/node';
import type { PreparedBatch } from '@tidewire/protocol';
import { type EndpointOptions, type Socket, type UpgradeRequest, WebSocketEndpoint } from '@tidewire/server';
import { closeFrame } from './close-frame.ts';
import type { Dialect } from './dialect.ts';
import type { Line, Origination, SessionHost } from './line.ts';
import { resolveSessionOptions, type SessionOptions } from './options.ts';
import { Session } from './session.ts';

// Dialects over WebSockets: each message of a socket is a message of its session.

type SocketOptions =
  | 'origin'
  | 'requireOrigin'
  | 'deflate'
  | 'maxConnections'
  | 'tunnel'
  | 'tap'
  | 'handshakeTimeout'
  | 'closeTimeout'
  | 'writeTimeout';

/** What may be said of sockets is as in `EndpointOptions`. */
export type WebSocketOptions = SessionOptions & Pick<EndpointOptions<undefined>, SocketOptions>;

/** What a socket carries: first who it is from, and its session from then on. */
export interface Visit {
  current: Origination | Session;
}

/** What makes the endpoint of one dialect different from another's. */
export interface WebSocketDialect {
  readonly dialect: Dialect;
  /** Clients that name none are welcome, too. */
  readonly subprotocol: string;
  /** Milliseconds; see `SessionOptions`. */
  readonly connectTimeout: number;
  /** What of the request says how to connect a client that does not do it by itself. */
  connect?(request: UpgradeRequest): Pick<Origination, 'connect' | 'connectsAtOnce'>;
}

/** @throws RangeError or TypeError naming the option that makes no sense */
export function dialectEndpoint(
  hub: SessionHost['hub'],
  { dialect, subprotocol, connectTimeout, connect }: WebSocketDialect,
  options: WebSocketOptions,
): WebSocketEndpoint<Visit> {
  const settings = resolveSessionOptions(options, connectTimeout);
  const host: SessionHost = { hub, dialect, settings, deadlines: new Deadlines() };
  return new WebSocketEndpoint<Visit>({
    ...socketOptions(options),
    subprotocols: [subprotocol],
    limits: { maxMessageSize: settings.maxMessageSize },
    // Sessions ping by themselves, if they do.
    ...(settings.pingInterval === Number.POSITIVE_INFINITY ? {} : { heartbeat: false, idleTimeout: false }),
    upgrade: (request) => {
      const { remoteAddress, incoming } = request;
      return { data: { current: { remoteAddress, headers: incoming.headers, ...connect?.(request) } } };
    },
    open: (socket) => {
      const { current } = socket.data;
      if (!(current instanceof Session)) socket.data.current = new Session(host, new WebSocketLine(socket), current);
    },
    message: (socket, message) => {
      const session = sessionOf(socket);
      if (typeof message === 'string') session?.receive(message);
      else session?.end({ ...disconnectCodes.BAD_REQUEST, reason: 'bad request: a message must be text' });
    },
    drain: (socket) => sessionOf(socket)?.drained(),
    close: (socket) => sessionOf(socket)?.gone(),
  });
}

function sessionOf({ data: { current } }: Socket<Visit>): Session | undefined {
  return current instanceof Session ? current : undefined;
}

/** Those that are for the endpoint. */
function socketOptions(options: WebSocketOptions): Pick<EndpointOptions<undefined>, SocketOptions> {
  const { origin, requireOrigin, deflate, maxConnections, tunnel, tap } = options;
  const { handshakeTimeout, closeTimeout, writeTimeout } = options;
  return { origin, requireOrigin, deflate, maxConnections, tunnel, tap, handshakeTimeout, closeTimeout, writeTimeout };
}

/** Not made anew for each of a thousand subscribers. */
const ALONE = { isAlone: true };

class WebSocketLine implements Line {
  readonly transport = 'websocket';
  readonly #socket: Socket<Visit>;

  constructor(socket: Socket<Visit>) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: string): OutletResult | 'refused' {
    return this.#socket.send(message);
  }

  sendBatch(batch: PreparedBatch, isAlone: boolean): OutletResult | 'refused' {
    return this.#socket.sendPrepared(batch, isAlone ? ALONE : undefined);
  }

  close(disconnect: Disconnect): void {
    const { code, reason } = closeFrame(disconnect);
    this.#socket.close(code, reason);
  }
}
