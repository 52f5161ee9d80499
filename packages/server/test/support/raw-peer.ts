import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

// A client by bare bytes: it sends what no client library would.

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** The text of an upgrade request. A header set to `undefined` is left out, a list is repeated. */
export function upgradeRequest(
  path = '/',
  changes: Record<string, string | readonly string[] | undefined> = {},
  first = `GET ${path} HTTP/1.1`,
): string {
  const headers: Record<string, string | readonly string[] | undefined> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}`),
  );
  return `${[first, ...lines].join('\r\n')}\r\n\r\n`;
}

/** A frame as a client sends it: masked, unless told otherwise. */
export function frame(
  opcode: number,
  payload: string | Uint8Array = '',
  { fin = true, rsv = 0, masked = true }: { fin?: boolean; rsv?: number; masked?: boolean } = {},
): Buffer {
  const data = Buffer.from(payload);
  const length = data.length;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  if (length < 126) header[1] = length;
  else if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  if (length >= 126) header[1] = length < 65_536 ? 126 : 127;
  if (!masked) return Buffer.concat([header, data]);
  header[1] = (header[1] ?? 0) | 0x80;
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  return Buffer.concat([header, key, data.map((byte, i) => byte ^ (key[i % 4] ?? 0))]);
}

export function closeFrame(code?: number, reason = ''): Buffer {
  if (code === undefined) return frame(Opcode.CLOSE);
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frame(Opcode.CLOSE, Buffer.concat([payload, Buffer.from(reason)]));
}

/** The code in a Close frame's payload, 1005 if there is none. */
export function codeOf({ payload }: Frame): number {
  return payload.length === 0 ? 1005 : payload.readUInt16BE(0);
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RawPeer {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Who waits need not look before there is so much. */
  #needed = 0;
  #hasEnded = false;
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      if (this.#length >= this.#needed) this.#wake();
    });
    socket.on('end', () => this.#end());
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
    onTestFinished(() => void socket.destroy());
  }

  static async connect(where: NetConnectOpts): Promise<RawPeer> {
    const socket = connect({ ...where, allowHalfOpen: true, noDelay: true } as NetConnectOpts);
    const peer = new RawPeer(socket);
    await once(socket, 'connect');
    return peer;
  }

  /** Connects, and has opened a WebSocket. */
  static async open(port: number, request = upgradeRequest()): Promise<RawPeer> {
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(request);
    const { status } = await peer.response();
    if (status !== 101) throw new Error(`The status is ${status}`);
    return peer;
  }

  /** Connects, sends an upgrade request, and returns the answer. */
  static async ask(port: number, request = upgradeRequest()): Promise<{ peer: RawPeer; response: Response }> {
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(request);
    return { peer, response: await peer.response() };
  }

  /** What has come and was not asked for yet. */
  get received(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  send(...pieces: (string | Uint8Array)[]): void {
    this.socket.write(
      Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece))),
    );
  }

  /** Drops the connection with a TCP reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** The next HTTP response, its body by Content-Length. */
  async response(): Promise<Response> {
    const end = await this.#until(() => {
      const at = this.received.indexOf('\r\n\r\n');
      return at === -1 ? undefined : at + 4;
    });
    const [first = '', ...lines] = this.#take(end).toString('latin1').trimEnd().split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const status = Number(first.split(' ')[1]);
    const length = Number(headers['content-length'] ?? 0);
    await this.#until(() => (this.received.length >= length ? true : undefined));
    return { status, headers, body: this.#take(length).toString() };
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    return await this.#until(() => this.#readFrame());
  }

  /** The code of the next Close frame, and whatever comes before it is skipped. */
  async closeCode(): Promise<number> {
    for (;;) {
      const next = await this.frame();
      if (next.opcode === Opcode.CLOSE) return codeOf(next);
    }
  }

  /** All that comes until the server ends its side. */
  async rest(): Promise<Buffer> {
    await this.#until(() => (this.#hasEnded ? true : undefined));
    return this.#take(this.received.length);
  }

  /** Waits until the connection is gone in both directions. */
  async gone(): Promise<void> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #take(length: number): Buffer {
    const { received } = this;
    this.#chunks = [received.subarray(length)];
    this.#length -= length;
    return received.subarray(0, length);
  }

  #readFrame(): Frame | undefined {
    const { received } = this;
    const [first, second] = received;
    this.#needed = 0;
    if (first === undefined || second === undefined) return undefined;
    let size = 2;
    let length = second & 127;
    if (length === 126) {
      if (received.length < 4) return undefined;
      length = received.readUInt16BE(2);
      size = 4;
    } else if (length === 127) {
      if (received.length < 10) return undefined;
      length = Number(received.readBigUInt64BE(2));
      size = 10;
    }
    this.#needed = size + length;
    if (received.length < this.#needed) return undefined;
    this.#needed = 0;
    const payload = Buffer.from(this.#take(size + length).subarray(size));
    return { fin: first >= 128, rsv: (first >> 4) & 7, opcode: first & 15, payload };
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#hasEnded)
        throw new Error(`The connection ended after ${JSON.stringify(this.received.toString('latin1'))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
