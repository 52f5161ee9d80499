// Frames on the wire, written and read for the tester. It shares no line with the engine under test, so that the two
// cannot be wrong together. The reader is a judge: whatever the peer sends must itself keep to RFC 6455, section 5.
import type { Frame } from './table.ts';

/** Encodes one frame. The masking key is used where the tester plays the client. */
export function encodeFrame(frame: Frame, testerMasks: boolean, key: Uint8Array): Buffer {
  const { payload } = frame;
  const masked = frame.mask === 'wrong' ? !testerMasks : testerMasks;
  const length = frame.claimedLength ?? BigInt(payload.length);
  const form = frame.lengthForm ?? (length > 65535n ? 64 : length > 125n ? 16 : 7);
  const extended = form === 64 ? 8 : form === 16 ? 2 : 0;
  const start = 2 + extended + (masked ? 4 : 0);
  const out = Buffer.allocUnsafe(start + payload.length);
  out[0] = (frame.fin ? 0x80 : 0) | (frame.rsv << 4) | frame.opcode;
  out[1] = (masked ? 0x80 : 0) | (form === 64 ? 127 : form === 16 ? 126 : Number(length));
  if (form === 64) out.writeBigUInt64BE(length, 2);
  if (form === 16) out.writeUInt16BE(Number(length), 2);
  out.set(payload, start);
  if (masked) {
    out.set(key, 2 + extended);
    mask(out, start, key);
  }
  return out;
}

function mask(target: Uint8Array, from: number, key: Uint8Array): void {
  const [a = 0, b = 0, c = 0, d = 0] = key;
  let at = from;
  for (const end = target.length - 3; at < end; at += 4) {
    target[at] = (target[at] ?? 0) ^ a;
    target[at + 1] = (target[at + 1] ?? 0) ^ b;
    target[at + 2] = (target[at + 2] ?? 0) ^ c;
    target[at + 3] = (target[at + 3] ?? 0) ^ d;
  }
  for (let n = 0; at < target.length; at++, n++) target[at] = (target[at] ?? 0) ^ (key[n] ?? 0);
}

/** Masking keys from a fixed seed: different for each frame, the same in each run. */
export function maskingKeys(seed: number): () => Uint8Array {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return new Uint8Array([state >>> 24, (state >>> 16) & 255, (state >>> 8) & 255, (state & 127) | 1]);
  };
}

/** A frame of the peer that breaks the protocol. */
export class PeerBrokeProtocol extends Error {}

export interface ReadFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly payload: Uint8Array;
}

/** Cuts the peer's bytes into frames. @throws PeerBrokeProtocol from `push` */
export class FrameReader {
  readonly #peerMasks: boolean;
  readonly #emit: (frame: ReadFrame) => void;
  readonly #header = Buffer.alloc(14);
  #headerLength = 0;
  #payload: Uint8Array | undefined;
  #filled = 0;

  constructor(peerMasks: boolean, emit: (frame: ReadFrame) => void) {
    this.#peerMasks = peerMasks;
    this.#emit = emit;
  }

  /** Whether the peer stopped in the middle of a frame. */
  get insideFrame(): boolean {
    return this.#headerLength > 0;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payload === undefined) {
        this.#header[this.#headerLength++] = chunk[at++] ?? 0;
        if (this.#headerLength < this.#headerSize()) continue;
        this.#payload = Buffer.allocUnsafe(this.#length());
        this.#filled = 0;
      }
      const payload = this.#payload;
      const take = Math.min(payload.length - this.#filled, chunk.length - at);
      payload.set(chunk.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === payload.length) this.#finish(payload);
    }
  }

  #headerSize(): number {
    if (this.#headerLength < 2) return 2;
    const form = (this.#header[1] ?? 0) & 127;
    return 2 + (form === 127 ? 8 : form === 126 ? 2 : 0) + (this.#peerMasks ? 4 : 0);
  }

  #length(): number {
    const header = this.#header;
    const form = header.readUInt8(1) & 127;
    const control = (header.readUInt8(0) & 8) !== 0;
    // RFC 6455, 5.1: a client masks, a server does not.
    if (header.readUInt8(1) >> 7 !== (this.#peerMasks ? 1 : 0)) {
      throw new PeerBrokeProtocol(this.#peerMasks ? 'the client did not mask' : 'the server masked');
    }
    // 5.5: control frames are not fragmented and have 125 bytes at most.
    if (control && (form > 125 || header.readUInt8(0) >> 7 === 0)) throw new PeerBrokeProtocol('a bad control frame');
    if (form < 126) return form;
    const length = form === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
    // 5.2: the minimal number of bytes must be used for the length.
    if (length <= (form === 126 ? 125 : 65535))
      throw new PeerBrokeProtocol('a length that is not in its shortest form');
    if (length > 2 ** 28) throw new PeerBrokeProtocol(`a frame of ${length} bytes`);
    return length;
  }

  #finish(payload: Uint8Array): void {
    const first = this.#header.readUInt8(0);
    if (this.#peerMasks) mask(payload, 0, this.#header.subarray(this.#headerLength - 4, this.#headerLength));
    this.#headerLength = 0;
    this.#payload = undefined;
    this.#emit({ opcode: first & 15, fin: first >> 7 === 1, rsv: (first >> 4) & 7, payload });
  }
}
