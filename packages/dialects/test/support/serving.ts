import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { WebSocket } from '@tidewire/client';
import {
  centrifugeJsonEndpoint,
  Emulation,
  type EmulationOptions,
  jsonLinesEndpoint,
  type WebSocketOptions,
} from '@tidewire/dialects';
import { createPermissions, Hub, type HubOptions, MemoryEngine, type MemoryNetwork } from '@tidewire/hub';
import { onTestFinished } from 'vitest';

/** What most tests want: rooms with a history, in which everybody may do everything. */
const namespaces: HubOptions['namespaces'] = {
  '': { subscribe: 'everyone', publish: 'everyone' },
  chat: {
    ...{ subscribe: 'everyone', publish: 'everyone', seeHistory: 'everyone', subscribePrefix: 'everyone' },
    history: { size: 100, ttl: 60_000 },
    presence: { grace: 0 },
  },
};

export interface ServeOptions {
  readonly hub?: HubOptions;
  readonly sessions?: WebSocketOptions & Pick<EmulationOptions, 'requireOrigin'>;
  /** Joins nodes. */
  readonly network?: MemoryNetwork;
  /** Servers that the same hub is behind, so that commands may come to another one. */
  readonly emulation?: EmulationOptions;
}

export interface Serving {
  readonly hub: Hub;
  readonly port: number;
  /** Of the endpoint for the `centrifuge` package. */
  readonly url: string;
  /** Of the endpoint for JSON lines. */
  readonly linesUrl: string;
  readonly emulation: Emulation;
  /** Cuts all connections, as a broken network would. */
  cut(): void;
}

/** A node with all dialects on a server of its own, until the test has finished. */
export async function serve({
  hub: options,
  sessions = {},
  network,
  emulation = {},
}: ServeOptions = {}): Promise<Serving> {
  const hub = new Hub({
    namespaces,
    permissions: byData(),
    ...(network && { engine: new MemoryEngine({ network }) }),
    ...options,
  });
  await hub.start();
  const emulated = new Emulation(hub, { ...sessions, origin: undefined, ...emulation });
  const server = createServer((request, response) => {
    if (!emulated.handle(request, response)) response.writeHead(404).end();
  });
  const endpoints = [centrifugeJsonEndpoint(hub, sessions), jsonLinesEndpoint(hub, sessions)] as const;
  endpoints[0].attach(server, { path: '/connection/websocket' });
  endpoints[1].attach(server, { path: '/lines' });
  const connections = new Set<NetSocket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of connections) socket.destroy();
  };
  onTestFinished(async () => {
    await hub.stop();
    server.close();
    cut();
  });
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}`;
  return { hub, port, url: `${url}/connection/websocket`, linesUrl: `${url}/lines`, emulation: emulated, cut };
}

/** Permissions by which a client's user is what it connects with as data, if that is a string. */
export function byData() {
  return createPermissions({
    hooks: {
      connect: ({ request }) => {
        const data: unknown = request.data === undefined ? undefined : JSON.parse(request.data);
        return { user: typeof data === 'string' ? data : '' };
      },
    },
  });
}

/** A plain WebSocket, with what came over it. */
export class RawClient {
  readonly lines: string[] = [];
  readonly socket: WebSocket;
  close: { readonly code: number; readonly reason: string } | undefined;
  #watchers: (() => void)[] = [];

  constructor(url: string, subprotocols: string[] = []) {
    this.socket = new WebSocket(url, subprotocols);
    this.socket.onmessage = ({ data }) => {
      this.lines.push(...String(data).split('\n'));
      this.#changed();
    };
    this.socket.onclose = ({ code, reason }) => {
      this.close = { code, reason };
      this.#changed();
    };
    onTestFinished(() => this.socket.close());
  }

  static async open(url: string, subprotocols?: string[]): Promise<RawClient> {
    const client = new RawClient(url, subprotocols);
    await once(client.socket as unknown as EventTarget, 'open');
    return client;
  }

  /** A client that has connected. */
  static async connect(url: string, data: unknown = ''): Promise<RawClient> {
    const client = await RawClient.open(url);
    client.send({ id: 1, connect: { data } });
    await client.line(0);
    return client;
  }

  send(...commands: (object | string)[]): void {
    this.socket.send(commands.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n'));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** The line of this number, parsed. */
  async line(index: number): Promise<Record<string, unknown>> {
    await this.until(() => this.lines.length > index);
    return JSON.parse(this.lines[index] ?? '');
  }

  /** The first line for which this holds. */
  async find(condition: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const found = () => this.lines.map((line): Record<string, unknown> => JSON.parse(line)).find(condition);
    await this.until(() => found() !== undefined);
    return found() ?? {};
  }

  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    await this.until(() => this.close !== undefined);
    return this.close ?? { code: 0, reason: '' };
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
