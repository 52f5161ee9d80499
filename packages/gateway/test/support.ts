import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { WebSocket, WebSocketFailure, type WebSocketOptions } from '@tidewire/client';
import { Gateway, type GatewayObserver, type GatewayOptions, type Target } from '@tidewire/gateway';
import { onTestFinished } from 'vitest';

// A gateway on a free port, TCP servers that do what a test wants, and clients.

export function portOf(server: TcpServer | Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen');
  return address.port;
}

/** A TCP server on a free port of 127.0.0.1, until the end of the test. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

export interface Running {
  readonly gateway: Gateway;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** What the observer was told, as `refused CONNECT_FAILED` and so on. */
  readonly events: string[];
  /** Waits for such an event. */
  told(event: string | RegExp): Promise<string>;
}

/** A gateway on a server of its own, until the end of the test. */
export async function startGateway(
  targets: readonly Target[],
  options: Partial<GatewayOptions> = {},
): Promise<Running> {
  const events: string[] = [];
  let changed = () => {};
  const note = (event: string) => {
    events.push(event);
    changed();
  };
  const observer: GatewayObserver = {
    connected: (target, _duration, outcome) => note(`connected ${target} ${outcome}`),
    opened: ({ target, subprotocol }) => note(`opened ${target} ${subprotocol}`),
    closed: ({ target }, { code, reason }) => note(`closed ${target} ${code} ${reason}`),
    refused: ({ target, status, reason }) => note(`refused ${target} ${status} ${reason}`),
    failed: ({ target }, error) => note(`failed ${target} ${String(error)}`),
  };
  const gateway = new Gateway({ targets, ...options, observers: [observer, ...(options.observers ?? [])] });
  const server = createHttpServer();
  gateway.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await gateway.close({ timeout: 200 });
    server.close();
  });
  const told = async (event: string | RegExp) => {
    for (;;) {
      const found = events.find((each) => (typeof event === 'string' ? each === event : event.test(each)));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  const port = portOf(server);
  return { gateway, server, port, url: `ws://127.0.0.1:${port}`, events, told };
}

/** An open client, and what has come to it. */
export class Client {
  readonly socket: WebSocket;
  readonly messages: (string | Buffer)[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #changed: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.messages.push(typeof data === 'string' ? data : Buffer.from(data));
      this.#changed();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => {
        resolve({ code, reason });
        this.#changed();
      });
    });
    onTestFinished(() => socket.terminate());
  }

  /** Rejects with the client's failure, which has the status of a refusal. */
  static async open(url: string, subprotocols: string[] = [], options: WebSocketOptions = {}): Promise<Client> {
    const client = new Client(new WebSocket(url, subprotocols, options));
    await new Promise((resolve, reject) => {
      client.socket.onopen = resolve;
      client.socket.onerror = () => reject(client.socket.failure);
    });
    return client;
  }

  /** Waits until what has come is enough. Rejects if it closes before. */
  async until(isEnough: (messages: readonly (string | Buffer)[]) => boolean): Promise<void> {
    while (!isEnough(this.messages)) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('It is closed');
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** All bytes that have come, as text, once they end with this. */
  async read(end: string): Promise<string> {
    for (;;) {
      const text = Buffer.concat(this.messages.map((each) => Buffer.from(each))).toString();
      if (text.endsWith(end)) return text;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`It is closed, after ${text.slice(-100)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

/** The status and the body of a refusal. */
export async function refusal(url: string, subprotocols: string[] = [], options: WebSocketOptions = {}) {
  try {
    await Client.open(url, subprotocols, options);
  } catch (error) {
    if (error instanceof WebSocketFailure && error.response !== undefined) {
      const { status, body } = error.response;
      return { status, body };
    }
    throw error;
  }
  throw new Error('It was not refused');
}
