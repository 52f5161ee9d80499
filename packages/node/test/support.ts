import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { nodePlatform, StreamPipe, type StreamPipeOwner } from '@tidewire/node';
import {
  Connection,
  type ConnectionClose,
  type ConnectionHandler,
  ConnectionSettings,
  type Role,
} from '@tidewire/protocol';

/** The two ways of reading, which have to pass the same tests. */
export const SHARED = 'one buffer for all reads';
export const PLAIN = 'a buffer for each read';
export const readings = [SHARED, PLAIN];

/** Has what `server` accepts read in one of the two ways. */
export function setReading(server: Server, reading: string): void {
  // Without its handle's leave, `data` events are what is left.
  if (reading === PLAIN) {
    server.on('connection', (socket) => Object.assign(Reflect.get(socket, '_handle'), { useUserBuffer: undefined }));
  }
}

/** Listens where the system likes, and returns the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** One end of a connection: what it got, and what it was told. */
export class Side implements ConnectionHandler, StreamPipeOwner {
  readonly pipe: StreamPipe;
  readonly connection: Connection;
  readonly messages: (string | Uint8Array)[] = [];
  readonly errors: Error[] = [];
  drains = 0;
  onMessage: ((data: string | Uint8Array) => void) | undefined;
  readonly closed: Promise<ConnectionClose>;
  #resolve: (close: ConnectionClose) => void = () => {};

  constructor(role: Role, stream: Duplex, head: Uint8Array = new Uint8Array(0)) {
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.pipe = new StreamPipe(stream, this);
    this.connection = new Connection(new ConnectionSettings({ role, platform: nodePlatform }), this, this.pipe);
    this.connection.open();
    this.pipe.start(this.connection, head);
  }

  message(data: string | Uint8Array): void {
    this.messages.push(data);
    this.onMessage?.(data);
  }

  drained(): void {
    this.drains++;
  }

  failed(error: Error): void {
    this.errors.push(error);
  }

  close(close: ConnectionClose): void {
    this.#resolve(close);
  }

  untilReceived(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.messages.length >= count) resolve();
      };
      this.onMessage = check;
      check();
    });
  }
}
