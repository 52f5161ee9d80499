import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { UnsupportedError } from '../job.ts';
import type { PeerName } from '../peers.ts';
import { type Dialect, dialectOf } from './dialects.ts';
import { clientFrame, type ReadMessage, readMessage } from './frames.ts';

// A WebSocket connection that knows just enough of the protocol to be cheaper than any server that it measures. All
// connections read into the same buffer: what comes is looked at, and forgotten.

const shared = Buffer.allocUnsafeSlow(256 * 1024);

/** So many connections come from one address: together they have more ports than one address has. */
const CONNECTIONS_PER_ADDRESS = 5000;
let opened = 0;

export interface Target {
  readonly port: number;
  readonly peer: PeerName;
  readonly deflate?: boolean | undefined;
  readonly tls?: boolean | undefined;
  /** How the client begins. Default: as the peer needs it. */
  readonly dialect?: Dialect | undefined;
}

export class RawConnection {
  readonly socket: Socket;
  /** Called with the shared buffer and how much of it has come. */
  onBytes: (bytes: Buffer, length: number) => void = (bytes, length) => this.#keep(bytes, length);
  #kept = Buffer.alloc(0);
  #arrived: (() => void) | undefined;
  #failure: Error | undefined;

  private constructor(target: Target) {
    const onread = {
      buffer: shared,
      callback: (length: number, bytes: Uint8Array): boolean => {
        this.onBytes(bytes as Buffer, length);
        return true;
      },
    };
    const localAddress = `127.0.0.${2 + (Math.floor(opened++ / CONNECTIONS_PER_ADDRESS) % 200)}`;
    const where = { host: '127.0.0.1', port: target.port, localAddress, noDelay: true, onread };
    // One cipher for all, so that all do the same work.
    const tls = { rejectUnauthorized: false, minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const;
    this.socket = target.tls ? connectTls({ ...where, ...tls }) : connect(where);
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('The server closed a connection')));
  }

  static async open(target: Target): Promise<RawConnection> {
    const connection = new RawConnection(target);
    connection.socket.write(upgradeRequest(target));
    await connection.#response(target);
    const { hello, greeting } = target.dialect ?? dialectOf(target.peer);
    if (hello !== undefined) connection.socket.write(clientFrame('text', Buffer.from(hello)));
    for (const { expect, answer } of greeting) {
      const { payload } = await connection.readMessage();
      if (!payload.toString().startsWith(expect)) throw new Error(`Greeted with ${payload}`);
      if (answer !== undefined) connection.socket.write(clientFrame('text', Buffer.from(answer)));
    }
    return connection;
  }

  /** So many connections, some at a time. */
  static async openMany(count: number, target: Target): Promise<RawConnection[]> {
    const connections: RawConnection[] = [];
    while (connections.length < count) {
      const batch = Math.min(100, count - connections.length);
      connections.push(...(await Promise.all(Array.from({ length: batch }, () => RawConnection.open(target)))));
    }
    return connections;
  }

  /** Called once, when the connection fails or ends. */
  onFailure: (error: Error) => void = () => {};

  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.onFailure(error);
    this.#arrived?.();
  }

  /** The next message, kept as a copy: for what happens before the measuring begins. */
  async readMessage(): Promise<ReadMessage> {
    const message = await this.#until(() => readMessage(this.#kept));
    this.#kept = this.#kept.subarray(message.end);
    return message;
  }

  async #response({ deflate }: Target): Promise<void> {
    const end = await this.#until(() => {
      const at = this.#kept.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at + 4;
    });
    const head = this.#kept.toString('latin1', 0, end);
    this.#kept = this.#kept.subarray(end);
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`Refused: ${head}`);
    if (deflate && !/^sec-websocket-extensions: *permessage-deflate/im.test(head))
      throw new UnsupportedError('does not negotiate permessage-deflate');
  }

  async #until<T>(parse: () => T | undefined): Promise<T> {
    for (;;) {
      const result = parse();
      if (result !== undefined) return result;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  #keep(bytes: Buffer, length: number): void {
    this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, length)]);
    this.#arrived?.();
  }
}

export function upgradeRequest({ peer, deflate }: Pick<Target, 'peer' | 'deflate'>): string {
  const dialect: Dialect = dialectOf(peer);
  const path = dialect.path.replace('{session}', () => (sessions++).toString(36).padStart(8, '0'));
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n' +
    // What Chromium and Firefox offer.
    `${deflate ? 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n' : ''}\r\n`
  );
}

let sessions = 0;
