import { nodePlatform } from '@tidewire/node';
import {
  Connection,
  type ConnectionClose,
  type ConnectionOptions,
  ConnectionSettings,
  type DeflateAgreement,
  type DeflateCodec,
  type Pipe,
  type Role,
} from '@tidewire/protocol';

/** Node's codec, but never later. */
export const promptCodec: DeflateCodec = {
  minDeflateWindowBits: 8,
  createDeflater(windowBits, contextTakeover) {
    const deflater = zlib().createDeflater(windowBits, contextTakeover);
    return { deflate: (message) => deflater.deflate(message) };
  },
  createInflater(windowBits, contextTakeover) {
    const inflater = zlib().createInflater(windowBits, contextTakeover);
    return { inflate: (message, maxLength) => inflater.inflate(message, maxLength) };
  },
};

function zlib(): DeflateCodec {
  if (nodePlatform.deflate === undefined) throw new Error('Node has zlib');
  return nodePlatform.deflate;
}

/** A clock that moves only when a test says so. */
export class Clock {
  time = 0;
}

/** The near end of a connection in memory, with all that came out of it. */
export class Endpoint implements Pipe {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly messages: (string | Uint8Array)[] = [];
  readonly pings: Uint8Array[] = [];
  readonly pongs: Uint8Array[] = [];
  readonly events: string[] = [];
  readonly closes: ConnectionClose[] = [];
  /** Each piece as it was written, in order. */
  readonly written: Uint8Array[] = [];
  writes = 0;
  flushRequests = 0;
  /** What the far end has not taken yet: set by tests. */
  bufferedAmount = 0;
  hasEnded = false;
  isHeld = false;
  isDestroyed = false;
  onMessage: ((data: string | Uint8Array, isLent: boolean) => void) | undefined;
  /** Set by tests that answer the peer's last frame later. */
  onAnswering: ((answer: () => void) => boolean) | undefined;

  constructor(
    role: Role,
    options: Partial<ConnectionOptions> & {
      deflate?: DeflateAgreement;
      stayConnecting?: boolean;
      settings?: ConnectionSettings;
    } = {},
  ) {
    const clock = new Clock();
    this.clock = clock;
    const settings =
      options.settings ??
      new ConnectionSettings({
        role,
        platform: { ...nodePlatform, deflate: promptCodec, now: () => clock.time },
        ...options,
      });
    this.connection = new Connection(
      settings,
      {
        message: (data, isLent) => {
          this.messages.push(data);
          this.onMessage?.(data, isLent);
        },
        ping: (payload) => this.pings.push(payload),
        pong: (payload) => this.pongs.push(payload),
        answering: (answer) => this.onAnswering?.(answer) ?? false,
        closing: () => this.events.push('closing'),
        close: (event) => {
          this.events.push('close');
          this.closes.push(event);
        },
      },
      this,
    );
    if (options.stayConnecting !== true) this.connection.open(options.deflate);
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
    this.writes++;
  }

  writeAll(pieces: Uint8Array[]): void {
    this.written.push(...pieces);
    this.writes++;
  }

  requestFlush(): void {
    this.flushRequests++;
  }

  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  receive(...bytes: (number | Uint8Array)[]): void {
    this.connection.receive(join(bytes));
  }

  /** Everything written so far, flushed, and forgotten. */
  takeOutput(): number[] {
    this.connection.flush();
    return [...Buffer.concat(this.written.splice(0))];
  }

  get close(): ConnectionClose | undefined {
    return this.closes[0];
  }
}

function join(bytes: (number | Uint8Array)[]): Uint8Array {
  return Buffer.concat(bytes.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
}

/** Carries bytes between a server and a client until both are silent, ends of streams included. */
export function exchange(server: Endpoint, client: Endpoint): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (const [from, to] of [
      [server, client],
      [client, server],
    ] as const) {
      const output = from.takeOutput();
      if (output.length > 0) {
        busy = true;
        to.connection.receive(Uint8Array.from(output));
      }
    }
  }
  if (server.hasEnded) client.connection.ended();
  if (client.hasEnded) server.connection.ended();
}

const KEY = [0x37, 0xfa, 0x21, 0x3d];

/** A frame by hand, independent of the engine's own writer. `masked` as a client sends it. */
export function frame(
  opcode: number,
  payload: string | Uint8Array = '',
  { fin = true, rsv = 0, masked = true, lengthForm = 0 } = {},
): Uint8Array {
  const body = Buffer.from(typeof payload === 'string' ? Buffer.from(payload) : payload);
  const { length } = body;
  const form = lengthForm || (length < 126 ? 1 : length < 65536 ? 2 : 8);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const mask = masked ? 0x80 : 0;
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length));
  if (form === 1) head.push(mask | length);
  else if (form === 2) head.push(mask | 126, ...size.subarray(6));
  else head.push(mask | 127, ...size);
  if (!masked) return Buffer.concat([Buffer.from(head), body]);
  return Buffer.concat([Buffer.from([...head, ...KEY]), body.map((byte, i) => byte ^ (KEY[i % 4] ?? 0))]);
}

export const TEXT = 1;
export const BINARY = 2;
export const CONTINUATION = 0;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The payload of a Close frame. */
export function closeBody(code: number, reason: string | Uint8Array = ''): Uint8Array {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}
