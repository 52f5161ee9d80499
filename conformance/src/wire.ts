// One TCP connection of the tester: raw writes, and what the peer sends as a queue of arrivals to be awaited with a deadline.
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Decompressor } from './deflate.ts';
import { FrameReader, type ReadFrame } from './frames.ts';
import type { Expected } from './table.ts';

/** What can arrive: a message or control frame, the end of the stream, a reset, or bytes that break the protocol. */
export type Arrival =
  | (Expected & { readonly compressed?: boolean })
  | { readonly kind: 'end' }
  | { readonly kind: 'reset'; readonly error: string }
  | { readonly kind: 'broken'; readonly why: string };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Wire {
  readonly socket: Socket;
  #arrivals: Arrival[] = [];
  #wake: (() => void) | undefined;
  #reader: FrameReader | undefined;
  #decompressor: Decompressor | undefined;
  #message: { opcode: number; compressed: boolean; pieces: Uint8Array[] } | undefined;
  #head = Buffer.alloc(0);
  #headWaiter: ((head: string | undefined) => void) | undefined;
  readonly log: string[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => {
      this.#headWaiter?.(undefined);
      if (this.#reader?.insideFrame === true) this.#arrive({ kind: 'broken', why: 'the stream ends inside a frame' });
      this.#arrive({ kind: 'end' });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#headWaiter?.(undefined);
      this.#arrive({ kind: 'reset', error: error.code ?? error.message });
    });
  }

  /** The peer's HTTP head, up to and including the empty line, or `undefined` if the stream ends before. */
  head(deadline: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), deadline);
      this.#headWaiter = (head) => {
        clearTimeout(timer);
        this.#headWaiter = undefined;
        resolve(head);
      };
      this.#data(Buffer.alloc(0));
    });
  }

  /** From here on the peer's bytes are frames. */
  startFrames(peerMasks: boolean, decompressor: Decompressor | undefined): void {
    this.#decompressor = decompressor;
    this.#reader = new FrameReader(peerMasks, (frame) => this.#frame(frame));
    const early = this.#head;
    this.#head = Buffer.alloc(0);
    this.#data(early);
  }

  /** Resolves when the bytes have left, or when they cannot any more. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.write(bytes, () => resolve());
    });
  }

  /** Writes in chops of `size` bytes, the event loop turning after each, so that the peer reads each by itself. */
  async writeChopped(bytes: Uint8Array, size: number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += size) {
      this.socket.write(bytes.subarray(at, at + size));
      await turn();
    }
  }

  /** The next arrival, or `undefined` if nothing comes within `deadline` milliseconds. */
  async next(deadline: number): Promise<Arrival | undefined> {
    if (this.#arrivals.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return this.#arrivals.shift();
  }

  /** What has arrived and was not taken yet. */
  get waiting(): readonly Arrival[] {
    return this.#arrivals;
  }

  putBack(arrival: Arrival): void {
    this.#arrivals.unshift(arrival);
  }

  #data(chunk: Buffer): void {
    if (this.#reader === undefined) {
      this.#head = Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0 || this.#headWaiter === undefined) return;
      const head = this.#head.toString('latin1', 0, end + 4);
      this.#head = this.#head.subarray(end + 4);
      this.#headWaiter(head);
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#arrive({ kind: 'broken', why: error instanceof Error ? error.message : String(error) });
      this.socket.destroy();
    }
  }

  #arrive(arrival: Arrival): void {
    if (this.log.length < 50) this.log.push(describe(arrival));
    this.#arrivals.push(arrival);
    this.#wake?.();
  }

  #frame(frame: ReadFrame): void {
    const { opcode, rsv, payload } = frame;
    if (opcode >= 8) {
      if (rsv !== 0) throw new Error('a reserved bit in a control frame');
      if (opcode === 8) this.#arrive(readClose(payload));
      else if (opcode <= 10) this.#arrive({ kind: opcode === 9 ? 'ping' : 'pong', payload });
      else throw new Error(`opcode ${opcode}`);
      return;
    }
    if (opcode > 2) throw new Error(`opcode ${opcode}`);
    const mayCompress = this.#decompressor !== undefined && opcode !== 0;
    if (rsv !== 0 && !(rsv === 4 && mayCompress))
      throw new Error(`reserved bits ${rsv} in a frame of opcode ${opcode}`);
    if ((opcode === 0) !== (this.#message !== undefined)) throw new Error('fragments out of order');
    this.#message ??= { opcode, compressed: rsv === 4, pieces: [] };
    this.#message.pieces.push(payload);
    if (frame.fin) this.#endMessage(this.#message);
  }

  #endMessage(message: { opcode: number; compressed: boolean; pieces: Uint8Array[] }): void {
    this.#message = undefined;
    const [only] = message.pieces;
    let payload = message.pieces.length === 1 && only !== undefined ? only : Buffer.concat(message.pieces);
    if (message.compressed && this.#decompressor !== undefined) payload = this.#decompressor.inflate(payload);
    // RFC 6455, 5.6: a text message is UTF-8.
    if (message.opcode === 1) strictUtf8.decode(payload);
    this.#arrive({ kind: message.opcode === 1 ? 'text' : 'binary', payload, compressed: message.compressed });
  }
}

function readClose(payload: Uint8Array): Arrival {
  if (payload.length === 0) return { kind: 'close', code: undefined, reason: '' };
  if (payload.length === 1) throw new Error('a Close frame with one byte');
  const code = Buffer.from(payload).readUInt16BE(0);
  // RFC 6455, 7.4: these are never on the wire.
  const allowed =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!allowed) throw new Error(`a Close frame with code ${code}`);
  return { kind: 'close', code, reason: strictUtf8.decode(payload.subarray(2)) };
}

/** An arrival or expectation in words. */
export function describe(arrival: Arrival): string {
  switch (arrival.kind) {
    case 'end':
      return 'the end of the stream';
    case 'reset':
      return `a reset (${arrival.error})`;
    case 'broken':
      return `bytes that break the protocol (${arrival.why})`;
    case 'close':
      return arrival.code === undefined
        ? 'Close without a code'
        : `Close ${arrival.code} ${JSON.stringify(arrival.reason ?? '')}`;
    default: {
      const start = Buffer.from(arrival.payload.subarray(0, 24)).toString('latin1');
      return `${arrival.kind} of ${arrival.payload.length} bytes ${JSON.stringify(start)}`;
    }
  }
}
